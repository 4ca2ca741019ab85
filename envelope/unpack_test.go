package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"polo/envelope"
)

// message is a pack as another producer might write it.
type message struct {
	v, id, source, count, encoding, events string // each as JSON
}

// readable is a valid message of the events, for a test to damage.
func readable(events ...string) message {
	return message{"1", batchID("s", events), `"s"`, fmt.Sprint(len(events)), `"json"`, "[" + strings.Join(events, ",") + "]"}
}

func compressed(tb testing.TB, ndjson string, opts ...zstd.EOption) message {
	tb.Helper()
	lines := strings.Split(strings.TrimSuffix(ndjson, "\n"), "\n")
	return message{"1", batchID("s", lines), `"s"`, fmt.Sprint(len(lines)), `"zstd"`, quoted(frame(tb, ndjson, opts...))}
}

func (m message) String() string {
	var fields []string
	for _, f := range [...][2]string{
		{"v", m.v}, {"batch_id", m.id}, {"source", m.source}, {"count", m.count}, {"encoding", m.encoding}, {"events", m.events},
	} {
		if f[1] != "" {
			fields = append(fields, `"`+f[0]+`":`+f[1])
		}
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// spaced puts space between all JSON tokens of the message.
func (m message) spaced() string {
	return " {\n\t\"events\" : " + strings.Replace(m.events, "},{", "} ,\r\n {", 1) + " ,\"v\": 1 , \"batch_id\" :" + m.id +
		" , \"source\":" + m.source + ", \"count\": " + m.count + " ,\"encoding\": " + m.encoding + " } \n"
}

func (m message) with(change func(*message)) string {
	change(&m)
	return m.String()
}

// batchID is written from FORMAT.md, independent of the package.
func batchID(source string, lines []string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{source}, lines...), "\n")))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

func frame(tb testing.TB, content string, opts ...zstd.EOption) []byte {
	tb.Helper()
	enc, err := zstd.NewWriter(nil, append([]zstd.EOption{zstd.WithEncoderConcurrency(1)}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return enc.EncodeAll([]byte(content), nil)
}

// streamed is a frame that does not state its content size.
func streamed(tb testing.TB, content string) []byte {
	tb.Helper()
	var out bytes.Buffer
	enc, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		tb.Fatal(err)
	}
	// A flush between the parts keeps the encoder from knowing the size.
	for _, part := range []string{content, content} {
		if _, err := enc.Write([]byte(part)); err != nil {
			tb.Fatal(err)
		}
		if err := enc.Flush(); err != nil {
			tb.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func quoted(b []byte) string { return `"` + base64.StdEncoding.EncodeToString(b) + `"` }

// zeros is a hand-made frame that states one size and holds blocks of 128 KiB
// of NUL, four bytes each.
func zeros(stated uint32, blocks int) []byte {
	out := []byte{
		0x28, 0xb5, 0x2f, 0xfd, 0xa0, // magic; one segment, four bytes of content size
		byte(stated), byte(stated >> 8), byte(stated >> 16), byte(stated >> 24),
	}
	const size, rle = 128 << 10, 1
	for i := range blocks {
		head := uint32(size<<3 | rle<<1)
		if i == blocks-1 {
			head |= 1
		}
		out = append(out, byte(head), byte(head>>8), byte(head>>16), 0)
	}
	return out
}

// unstated removes the content size from a hand-made frame and states a window of 1 MiB
// instead.
func unstated(frame []byte) []byte {
	return append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50}, frame[9:]...)
}

func TestDecodeUntrusted(t *testing.T) {
	t.Parallel()
	minimal := minimalEvent()
	event := string(minimal.AppendJSON(nil))
	good := readable(event, event)
	packed := compressed(t, event+"\n"+event+"\n")
	long := compressed(t, strings.Repeat(event+"\n", 2000))
	pretty := "{\n  " + event[1:len(event)-1] + "\n}"
	single := zstd.WithSingleSegment(true)
	deep := strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)
	for _, tc := range []struct {
		name, body string
		err        error // nil where it decodes
	}{
		{"readable", good.String(), nil},
		{"compressed", packed.String(), nil},
		{"space everywhere", good.spaced(), nil},
		{"pretty events", readable(pretty, event).String(), nil},
		{"unknown fields", good.with(func(m *message) { m.v += `,"trace":{"a":[` + deep + `]}` }), nil},
		{"escaped base64", packed.with(func(m *message) { m.events = strings.ReplaceAll(m.events, "/", `\/`) }), nil},
		{"base64 in lines of 76", packed.with(func(m *message) { m.events = m.events[:77] + `\r\n` + m.events[77:] }), nil},
		{"no checksum", compressed(t, event+"\n", zstd.WithEncoderCRC(false)).String(), nil},
		{"highest level", compressed(t, event+"\n", zstd.WithEncoderLevel(zstd.SpeedBestCompression)).String(), nil},
		{"frame of no stated size", packed.with(func(m *message) { m.events = quoted(streamed(t, event+"\n")) }), nil},
		{"dense frame of no stated size", long.with(func(m *message) { m.events = quoted(streamed(t, strings.Repeat(event+"\n", 1000))) }), nil},
		{"empty line", compressed(t, event+"\n\n"+event+"\n").String(), nil},
		{"events of other types", readable(event, "7", "null", `"x"`, "[]").String(), nil},

		{"empty", "", envelope.ErrMalformed},
		{"not JSON", "hello", envelope.ErrMalformed},
		{"an array", "[" + good.String() + "]", envelope.ErrMalformed},
		{"an S3 notification", `{"Records":[{"eventVersion":"2.1"}]}`, envelope.ErrMalformed},
		{"two messages", good.String() + good.String(), envelope.ErrMalformed},
		{"open string after", good.String() + `"`, envelope.ErrMalformed},
		{"byte order mark", "\ufeff" + good.String(), envelope.ErrMalformed},
		{"brackets without end", good.with(func(m *message) { m.events = strings.Repeat("[", 900_000) }), envelope.ErrMalformed},
		{"braces without end", strings.Repeat(`{"v":`, 150_000), envelope.ErrMalformed},

		{"no version", good.with(func(m *message) { m.v = "" }), envelope.ErrMalformed},
		{"version null", good.with(func(m *message) { m.v = "null" }), envelope.ErrMalformed},
		{"version as text", good.with(func(m *message) { m.v = `"1"` }), envelope.ErrMalformed},
		{"version with a point", good.with(func(m *message) { m.v = "1.0" }), envelope.ErrMalformed},
		{"version 0", good.with(func(m *message) { m.v = "0" }), envelope.ErrMalformed},
		{"version below 0", good.with(func(m *message) { m.v = "-99999999999999999999" }), envelope.ErrMalformed},
		{"version twice", good.with(func(m *message) { m.v = `1,"v":1` }), envelope.ErrMalformed},
		{"version 2", good.with(func(m *message) { m.v = "2" }), envelope.ErrVersion},
		{"version beyond an integer", good.with(func(m *message) { m.v = "99999999999999999999" }), envelope.ErrVersion},
		{"version 2 of another shape", `{"events":7,"batch_id":{"a":1},"count":"many","encoding":[],"v":2,"v2":true}`, envelope.ErrVersion},
		{"version 2 and nothing else", `{"v":2}`, envelope.ErrVersion},
		{"version 2 with a huge count", `{"v":2,"count":99999999999999999999}`, envelope.ErrVersion},
		{"version 2 with a field twice", `{"count":1,"v":2,"count":1}`, envelope.ErrVersion},

		{"no batch_id", good.with(func(m *message) { m.id = "" }), envelope.ErrMalformed},
		{"no source", good.with(func(m *message) { m.source = "" }), envelope.ErrMalformed},
		{"no count", good.with(func(m *message) { m.count = "" }), envelope.ErrMalformed},
		{"no encoding", good.with(func(m *message) { m.encoding = "" }), envelope.ErrMalformed},
		{"no events", good.with(func(m *message) { m.events = "" }), envelope.ErrMalformed},
		{"batch_id as an object", good.with(func(m *message) { m.id = "{}" }), envelope.ErrMalformed},
		{"source twice", good.with(func(m *message) { m.source += `,"source":"s"` }), envelope.ErrMalformed},
		{"events twice", good.with(func(m *message) { m.events += `,"events":` + m.events }), envelope.ErrMalformed},
		{"count as text", good.with(func(m *message) { m.count = `"2"` }), envelope.ErrMalformed},
		{"count with a point", good.with(func(m *message) { m.count = "2.0" }), envelope.ErrMalformed},
		{"count beyond an integer", good.with(func(m *message) { m.count = "99999999999999999999" }), envelope.ErrMalformed},
		{"count 0", readable().String(), envelope.ErrMalformed},
		{"count below 0", good.with(func(m *message) { m.count = "-1" }), envelope.ErrMalformed},
		{"unknown encoding", good.with(func(m *message) { m.encoding = `"gzip"` }), envelope.ErrMalformed},
		{"events as an object", good.with(func(m *message) { m.events = "{}" }), envelope.ErrMalformed},
		{"comma after the events", good.with(func(m *message) { m.events = "[" + event + ",]" }), envelope.ErrMalformed},
		{"compressed said to be readable", packed.with(func(m *message) { m.encoding = `"json"` }), envelope.ErrMalformed},
		{"readable said to be compressed", good.with(func(m *message) { m.encoding = `"zstd"` }), envelope.ErrMalformed},
		{"not base64", packed.with(func(m *message) { m.events = `"` + strings.Repeat("*", 40) + `"` }), envelope.ErrMalformed},
		{"base64 without padding", packed.with(func(m *message) { m.events = `"KLUv/Q"` }), envelope.ErrMalformed},
		{"base64 of nothing", packed.with(func(m *message) { m.events = `""` }), envelope.ErrMalformed},
		{"not zstd", packed.with(func(m *message) { m.events = quoted([]byte(event)) }), envelope.ErrMalformed},
		{"skippable frame", packed.with(func(m *message) { m.events = quoted([]byte("\x50\x2a\x4d\x18\x01\x00\x00\x00x")) }), envelope.ErrMalformed},
		{"zstd with a dictionary", packed.with(func(m *message) {
			m.events = quoted([]byte("\x28\xb5\x2f\xfd\x21\x07\x01\x09\x00\x00x"))
		}), envelope.ErrMalformed},

		{"count too low", good.with(func(m *message) { m.count = "1" }), envelope.ErrCorrupt},
		{"count too high", good.with(func(m *message) { m.count = "3" }), envelope.ErrCorrupt},
		{"count too low, compressed", packed.with(func(m *message) { m.count = "1" }), envelope.ErrCorrupt},
		{"count too high, compressed", packed.with(func(m *message) { m.count = "3" }), envelope.ErrCorrupt},
		{"another batch_id", good.with(func(m *message) { m.id = strings.Replace(m.id, m.id[1:2], "x", 1) }), envelope.ErrCorrupt},
		{"batch_id in capitals", good.with(func(m *message) { m.id = strings.ToUpper(m.id) }), envelope.ErrCorrupt},
		{"another source", good.with(func(m *message) { m.source = `"t"` }), envelope.ErrCorrupt},
		{"events in another order", readable(event, "{}").with(func(m *message) { m.events = "[{}," + event + "]" }), envelope.ErrCorrupt},
		{"last line without its end", packed.with(func(m *message) { m.events = quoted(frame(t, event+"\n"+event)) }), envelope.ErrCorrupt},
		{"second frame", packed.with(func(m *message) {
			m.events = quoted(append(frame(t, event+"\n", single), frame(t, event+"\n", single)...))
		}), envelope.ErrCorrupt},
		{"more than the frame states", packed.with(func(m *message) { m.events = quoted(zeros(1000, 600)) }), envelope.ErrCorrupt},
		{"less than the frame states", packed.with(func(m *message) { m.events = quoted(zeros(1<<20, 1)) }), envelope.ErrCorrupt},

		{"message too large", good.with(func(m *message) { m.v += `,"x":"` + strings.Repeat("x", 1<<20) + `"` }), envelope.ErrTooLarge},
		{"too many events", good.with(func(m *message) { m.count = "100001" }), envelope.ErrTooLarge},
		{"too many bytes", packed.with(func(m *message) { m.events = quoted(zeros(600*128<<10, 600)) }), envelope.ErrTooLarge},
		{"too many bytes, not stated", packed.with(func(m *message) { m.events = quoted(streamed(t, strings.Repeat("\n", 1<<20))) }), envelope.ErrTooLarge},
		{"window of 2 GiB", packed.with(func(m *message) {
			m.events = quoted([]byte("\x28\xb5\x2f\xfd\x00\xa8\x09\x00\x00x"))
		}), envelope.ErrTooLarge},
		{"too dense", packed.with(func(m *message) { m.events = quoted(zeros(9*128<<10, 9)) }), envelope.ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, err := newDecoder(t).Decode([]byte(tc.body))
			if !errors.Is(err, tc.err) || err != nil && kinds(err) != 1 {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if tc.err == nil && !cmp.Equal(p.Lines[0].Event, minimal, sameEvent()) {
				t.Errorf("first event: %+v", p.Lines[0])
			}
		})
	}
}

// kinds counts the Err values that err matches.
func kinds(err error) int {
	n := 0
	for _, kind := range []error{envelope.ErrMalformed, envelope.ErrCorrupt, envelope.ErrVersion, envelope.ErrTooLarge} {
		if errors.Is(err, kind) {
			n++
		}
	}
	return n
}

// A truncated pack is an error. A pack with one bit flipped is an error or has the same
// content.
func TestDecodeDamaged(t *testing.T) {
	t.Parallel()
	minimal := minimalEvent()
	small := pack(t, minimal.AppendJSON(nil), []byte(`{"state":"a"}`))
	bodies := map[string][]byte{
		"readable":   small,
		"compressed": []byte(compressed(t, strings.Repeat(`{"state":"a"}`+"\n", 30)).String()),
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDecoder(t)
			whole, err := d.Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			for n := range body {
				if _, err := d.Decode(body[:n]); kinds(err) != 1 {
					t.Errorf("cut at %d: error %v", n, err)
				}
			}
			seen := make(map[error]int)
			for i := range len(body) * 8 {
				damaged := bytes.Clone(body)
				damaged[i/8] ^= 1 << (i % 8)
				p, err := d.Decode(damaged)
				switch {
				case err != nil && kinds(err) != 1:
					t.Errorf("bit %d: error %v", i, err)
				case err == nil && !sameContent(whole, p):
					t.Errorf("bit %d: changed content decodes: %s", i, damaged)
				}
				for _, kind := range []error{envelope.ErrMalformed, envelope.ErrCorrupt, envelope.ErrVersion} {
					if errors.Is(err, kind) {
						seen[kind]++
					}
				}
			}
			if len(seen) != 3 {
				t.Errorf("kinds seen: %v", seen)
			}
			again, err := d.Decode(body)
			if err != nil || !sameContent(whole, again) {
				t.Errorf("the decoder fails afterwards: %v", err)
			}
		})
	}
}

func sameContent(a, b *envelope.Pack) bool {
	return a.Source == b.Source && a.BatchID == b.BatchID && a.Version == b.Version &&
		slices.EqualFunc(a.Lines, b.Lines, func(x, y envelope.Line) bool { return bytes.Equal(x.Raw, y.Raw) })
}

func TestBadEventFailsAlone(t *testing.T) {
	t.Parallel()
	events := callEvents(500)
	for name, bad := range map[string]string{
		"cut": `{"event_id":"9b2158c0`, "not JSON": "hello", "wrong type": `{"tags":[]}`, "NUL": "\x00", "not UTF-8": "\xff\xfe", "deep": strings.Repeat("[", 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := linesOf(events)
			lines[123] = []byte(bad)
			p, err := newDecoder(t).Decode(pack(t, lines...))
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range p.Lines {
				switch {
				case i == 123 && (l.Err == nil || string(l.Raw) != bad):
					t.Errorf("the bad one: error %v, %q", l.Err, l.Raw)
				case i != 123 && (l.Err != nil || !cmp.Equal(l.Event, events[i], sameEvent())):
					t.Errorf("line %d: error %v", i, l.Err)
				}
			}
		})
	}
}

func TestDecodedPacksOutliveTheDecoder(t *testing.T) {
	t.Parallel()
	d := newDecoder(t)
	events := callEvents(60)
	first, err := d.Decode(pack(t, linesOf(events)...))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if _, err := d.Decode(pack(t, linesOf(callEvents(50+i))...)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(events, eventsOf(t, first), sameEvent()); diff != "" {
		t.Error(diff)
	}
}

// Aborting a frame half-way leaves the decoder fit for the next.
func TestDecodeAfterABomb(t *testing.T) {
	t.Parallel()
	d := newDecoder(t)
	body := pack(t, linesOf(callEvents(60))...)
	bomb := compressed(t, "{}\n").with(func(m *message) { m.events = quoted(unstated(zeros(0, 600))) })
	for range 3 {
		if _, err := d.Decode([]byte(bomb)); !errors.Is(err, envelope.ErrTooLarge) {
			t.Fatalf("error %v", err)
		}
		if _, err := d.Decode(body); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	body := pack(t, linesOf(callEvents(100))...)
	raw := 0
	for _, l := range linesOf(callEvents(100)) {
		raw += len(l) + 1
	}
	for _, tc := range []struct {
		name   string
		bounds envelope.Bounds
		err    error
	}{
		{"exactly enough", envelope.Bounds{MaxBody: len(body), MaxRaw: raw, MaxEvents: 100}, nil},
		{"body", envelope.Bounds{MaxBody: len(body) - 1, MaxRaw: raw, MaxEvents: 100}, envelope.ErrTooLarge},
		{"raw", envelope.Bounds{MaxBody: len(body), MaxRaw: raw - 1, MaxEvents: 100}, envelope.ErrTooLarge},
		{"events", envelope.Bounds{MaxBody: len(body), MaxRaw: raw, MaxEvents: 99}, envelope.ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := decoderWith(t, tc.bounds).Decode(body); !errors.Is(err, tc.err) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := envelope.NewDecoder(envelope.Bounds{}); err == nil {
		t.Error("a decoder without bounds")
	}
}

// The size that a frame or a header claims allocates nothing before it is proven. Not
// parallel: it measures the process's allocations.
func TestBombsCostLittle(t *testing.T) {
	event := minimalEvent()
	line := string(event.AppendJSON(nil)) + "\n"
	good := compressed(t, line)
	stated := compressed(t, line, zstd.WithSingleSegment(true))
	d := newDecoder(t)
	for _, tc := range []struct {
		name, body string
		cost       uint64
	}{
		{"states 64 MiB, holds nothing", good.with(func(m *message) { m.events = quoted(zeros(64<<20, 1)) }), 256 << 10},
		{"states and holds 75 MiB", good.with(func(m *message) { m.events = quoted(zeros(600*128<<10, 600)) }), 256 << 10},
		{"states 1 MiB, holds 75 MiB", good.with(func(m *message) { m.events = quoted(zeros(1<<20, 600)) }), 8 << 20},
		{"75 MiB in a second frame", good.with(func(m *message) {
			m.events = quoted(append(frame(t, line), zeros(600*128<<10, 600)...))
		}), 8 << 20},
		{"states no size, holds 75 MiB", good.with(func(m *message) { m.events = quoted(unstated(zeros(0, 600))) }), 16 << 20},
		{"count of 100000", stated.with(func(m *message) { m.count = "100000" }), 256 << 10},
		{"readable, count of 100000", readable("{}").with(func(m *message) { m.count = "100000" }), 256 << 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := d.Decode([]byte(tc.body))
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("no error")
			}
			if cost := after.TotalAlloc - before.TotalAlloc; cost > tc.cost {
				t.Errorf("%d bytes allocated for %v", cost, err)
			}
		})
	}
}

func TestDecodeIntoUsedMemory(t *testing.T) {
	t.Parallel()
	d := newDecoder(t)
	var used envelope.Pack
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 40 {
		n := 1 + r.IntN(60)
		if i%7 == 6 {
			if err := d.DecodeInto(&used, []byte("{")); !errors.Is(err, envelope.ErrMalformed) || len(used.Lines) != 0 {
				t.Fatalf("%v, and %d lines are left", err, len(used.Lines))
			}
		}
		events := make([]envelope.ResourceEvent, n)
		for k := range events {
			events[k] = randomEvent(r)
		}
		body := pack(t, linesOf(events)...)
		if err := d.DecodeInto(&used, body); err != nil {
			t.Fatal(err)
		}
		fresh, err := newDecoder(t).Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		if used.BatchID != fresh.BatchID || len(used.Lines) != n {
			t.Fatalf("pack %d: %d lines of %s, want %d of %s", i, len(used.Lines), used.BatchID, n, fresh.BatchID)
		}
		for k := range fresh.Lines {
			if diff := cmp.Diff(fresh.Lines[k], used.Lines[k]); diff != "" {
				t.Fatalf("pack %d, line %d (-fresh +used):\n%s", i, k, diff)
			}
		}
	}
}
