package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
)

func TestReadablePackGolden(t *testing.T) {
	t.Parallel()
	full, minimal := fullEvent(), minimalEvent()
	body := pack(t, full.AppendJSON(nil), minimal.AppendJSON(nil))
	golden(t, "pack_readable.json", append(bytes.Clone(body), '\n'))
	p, err := newDecoder(t).Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	want := []envelope.ResourceEvent{full, minimal}
	if diff := cmp.Diff(want, eventsOf(t, p), sameEvent()); diff != "" {
		t.Error(diff)
	}
}

// The content of a zstd pack is golden; its compressed bytes depend on the library.
func TestCompressedPackGolden(t *testing.T) {
	t.Parallel()
	body := pack(t, linesOf(callEvents(40))...)
	if !bytes.Contains(body, []byte(`"encoding":"zstd"`)) {
		t.Fatal("not compressed")
	}
	golden(t, "pack_content.ndjson", contentOf(t, body))
}

// testdata/frozen holds a message of version 1 as first published, and its content.
// Neither is ever rewritten: the message must decode for ever.
func TestFrozenPackDecodes(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/frozen/pack_v1_zstd.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/frozen/pack_v1_zstd.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(contentOf(t, body))); diff != "" {
		t.Error(diff)
	}
	p, err := newDecoder(t).Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(callEvents(40), eventsOf(t, p), sameEvent()); diff != "" {
		t.Error(diff)
	}
}

// contentOf returns the header of a message and then its events, one a line.
func contentOf(t *testing.T, body []byte) []byte {
	t.Helper()
	p, err := newDecoder(t).Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Appendf(nil, "{\"v\":%d,\"batch_id\":%q,\"source\":%q,\"count\":%d}\n", p.Version, p.BatchID, p.Source, len(p.Lines))
	for _, l := range p.Lines {
		out = append(append(out, l.Raw...), '\n')
	}
	return out
}

func eventsOf(t *testing.T, p *envelope.Pack) []envelope.ResourceEvent {
	t.Helper()
	var events []envelope.ResourceEvent
	for i, l := range p.Lines {
		if l.Err != nil {
			t.Fatalf("line %d: %v", i, l.Err)
		}
		events = append(events, l.Event)
	}
	return events
}

func TestPackRoundTrip(t *testing.T) {
	t.Parallel()
	d := newDecoder(t)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		events := make([]envelope.ResourceEvent, 1+r.IntN(60))
		for i := range events {
			events[i] = randomEvent(r)
		}
		maxBody := 3<<10 + r.IntN(20<<10)
		lines := linesOf(events)
		packs, tooLarge, err := envelope.EncodePacks(randomText(r), lines, maxBody)
		if err != nil {
			t.Fatal(err)
		}
		skip := make(map[int]bool)
		for _, i := range tooLarge {
			skip[i] = true
		}
		next := 0
		for _, e := range packs {
			for skip[next] {
				next++
			}
			if e.First != next || len(e.Body) > maxBody {
				t.Fatalf("seed %d: pack from %d of %d bytes, want from %d of at most %d", seed, e.First, len(e.Body), next, maxBody)
			}
			p, err := d.Decode([]byte(e.Body))
			if err != nil || p.BatchID != e.BatchID || len(p.Lines) != e.Count {
				t.Fatalf("seed %d: %d events, error %v", seed, len(p.Lines), err)
			}
			for i, l := range p.Lines {
				if diff := cmp.Diff(events[e.First+i], l.Event, sameEvent()); l.Err != nil || diff != "" {
					t.Fatalf("seed %d: error %v, diff:\n%s", seed, l.Err, diff)
				}
			}
			next = e.First + e.Count
		}
		for skip[next] {
			next++
		}
		if next != len(events) {
			t.Fatalf("seed %d: %d of %d events packed", seed, next, len(events))
		}
	}
}

func TestEncodePacksIsDeterministic(t *testing.T) {
	t.Parallel()
	lines := linesOf(callEvents(300))
	one, _, err := envelope.EncodePacks("s", lines, 8<<10)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := envelope.EncodePacks("s", lines, 8<<10)
	if diff := cmp.Diff(one, two); err != nil || diff != "" || len(one) < 2 {
		t.Errorf("%d packs, error %v, diff:\n%s", len(one), err, diff)
	}
}

func TestEncodePacksLimits(t *testing.T) {
	t.Parallel()
	big := func(n int) []byte { return []byte(`{"state":"` + strings.Repeat("a", n) + `"}`) }
	noise := func(n int) []byte {
		r := rand.New(rand.NewPCG(1, 3))
		b := make([]byte, n/2)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return []byte(`{"state":"` + hex.EncodeToString(b) + `"}`)
	}
	many := make([][]byte, 100_001)
	for i := range many {
		many[i] = []byte("{}")
	}
	for _, tc := range []struct {
		name     string
		lines    [][]byte
		maxBody  int
		counts   []int
		tooLarge []int
	}{
		{"nothing", nil, 1 << 20, nil, nil},
		{"one event", [][]byte{big(10)}, 1 << 20, []int{1}, nil},
		{"a large one between two", [][]byte{big(10), noise(1 << 20), big(10)}, 256 << 10, []int{1, 1}, []int{1}},
		{"readable but beyond the body", [][]byte{big(1000)}, 500, nil, []int{0}},
		{"more events than a consumer takes", many, 1 << 20, []int{50_000, 50_001}, nil},
		{"more bytes than a consumer takes", [][]byte{noise(400 << 10), big(40 << 20), noise(400 << 10), big(40 << 20)}, 1 << 20, []int{2, 2}, nil},
		{"one event of more bytes than a consumer takes", [][]byte{big(10), big(65 << 20)}, 1 << 20, []int{1}, []int{1}},
		{"one event denser than a consumer takes", [][]byte{big(2 << 20)}, 1 << 20, nil, []int{0}},
		{"denser than a consumer takes", [][]byte{big(1000 << 10), big(1000 << 10)}, 1 << 20, []int{1, 1}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			packs, tooLarge, err := envelope.EncodePacks("s", tc.lines, tc.maxBody)
			if err != nil {
				t.Fatal(err)
			}
			d := newDecoder(t)
			var counts []int
			for _, p := range packs {
				counts = append(counts, p.Count)
				if _, err := d.Decode([]byte(p.Body)); err != nil {
					t.Errorf("a consumer refuses it: %v", err)
				}
			}
			if diff := cmp.Diff(tc.counts, counts); diff != "" {
				t.Errorf("counts:\n%s", diff)
			}
			if diff := cmp.Diff(tc.tooLarge, tooLarge); diff != "" {
				t.Errorf("too large:\n%s", diff)
			}
		})
	}
	for _, line := range []string{"", "{\n}"} {
		if _, _, err := envelope.EncodePacks("s", [][]byte{[]byte("{}"), []byte(line)}, 1<<20); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("line %q: error %v", line, err)
		}
	}
}

// The vector of FORMAT.md.
func TestBatchIDVector(t *testing.T) {
	t.Parallel()
	const (
		source = "aws.cloudtrail"
		one    = `{"event_id":"9b2158c0-8c21-5b23-b227-521f3032ba5a","event_type":"activity.api_call","source":"aws.cloudtrail","ts":"2026-01-02T03:04:05.678Z","observed_at":"2026-01-02T03:05:05.678Z"}`
		two    = `{"event_id":"53aab391-2aa0-5ec1-a5b3-f18d1f1ae2f2"}`
		id     = "0611679ca578aba205576e684fbddc65"
	)
	sum := sha256.Sum256([]byte(source + "\n" + one + "\n" + two))
	if got := hex.EncodeToString(sum[:16]); got != id {
		t.Errorf("by hand: %s", got)
	}
	packs, _, err := envelope.EncodePacks(source, [][]byte{[]byte(one), []byte(two)}, 1<<20)
	if err != nil || packs[0].BatchID != id {
		t.Errorf("packed: %s, error %v", packs[0].BatchID, err)
	}
	want := `{"v":1,"batch_id":"` + id + `","source":"` + source + `","count":2,"encoding":"json","events":[` + one + "," + two + "]}"
	if packs[0].Body != want {
		t.Errorf("body: %s", packs[0].Body)
	}
	documented(t, one, two, id, want)
}

// documented fails unless FORMAT.md contains each text.
func documented(t *testing.T, texts ...string) {
	t.Helper()
	format, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !bytes.Contains(format, []byte(text)) {
			t.Errorf("FORMAT.md does not have %s", text)
		}
	}
}
