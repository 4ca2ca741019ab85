package queue_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
)

const maxMessage = 1 << 20

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

func record(body []byte) queue.Failure {
	return queue.Failure{
		Reason: queue.ReasonCorruptPack, Err: "decoding pack: cut", Unit: queue.UnitPack, Body: body,
		Origin: "polo-events", MessageID: "5fea7756-0ea4-451a-a703-a558b933e274", ReceiveCount: 3, ReplayCount: 2,
		FirstSeen: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), LastSeen: time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC),
	}
}

// received returns the message as the queue delivers it.
func received(o queue.Outgoing) queue.Message {
	return queue.Message{ID: "m", Body: o.Body, Attributes: o.Attributes, ReceiveCount: 1}
}

func TestFailureRoundTrip(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body     []byte
		encoding string
		text     string
	}{
		"text":                {body: []byte("{\"v\":1}\n"), text: "{\"v\":1}\n"},
		"empty":               {body: []byte{}, encoding: "empty", text: "(empty)"},
		"the stand-in itself": {body: []byte("(empty)"), text: "(empty)"},
		"nul":                 {body: []byte("a\x00"), encoding: "base64", text: "YQA="},
		"invalid UTF-8":       {body: []byte("\xff\xfe"), encoding: "base64", text: "//4="},
		"text of base64":      {body: []byte("YQA="), text: "YQA="},
		"random 700 KB":       {body: random(700 << 10), encoding: "base64"},
		"2 MB of text":        {body: []byte(strings.Repeat("text", 1<<19)), encoding: "zstd+base64"},
		"900 KB, not text":    {body: append(random(100<<10), make([]byte, 800<<10)...), encoding: "zstd+base64"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := record(tt.body)
			out, err := want.Message(maxMessage)
			if err != nil {
				t.Fatal(err)
			}
			if err := out.Check(maxMessage); err != nil {
				t.Errorf("the record breaks a rule of the queue: %v", err)
			}
			if out.Attributes["Encoding"] != tt.encoding || tt.text != "" && out.Body != tt.text {
				t.Errorf("encoding %q, body %.40q", out.Attributes["Encoding"], out.Body)
			}
			got, err := queue.ParseFailure(received(out))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Body, want.Body) {
				t.Errorf("%d bytes became %d others", len(want.Body), len(got.Body))
			}
			// Compared byte by byte it takes cmp seconds.
			got.Body, want.Body = nil, nil
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("changed (-want +got):\n%.2000s", d)
			}
		})
	}
}

func TestFailureAtTheLimit(t *testing.T) {
	t.Parallel()
	for name, fill := range map[string]func(n int) []byte{
		"text":   func(n int) []byte { return []byte(strings.Repeat("x", n)) },
		"base64": func(n int) []byte { return random(n) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 101; n < 900; n += 13 {
				f := record(fill(n))
				out, err := f.Message(1000)
				if err != nil {
					if !errors.Is(err, queue.ErrTooLarge) || n < 300 {
						t.Errorf("%d bytes: %v", n, err)
					}
					cut := f.Cut(1000)
					if out, err = cut.Message(1000); err != nil {
						t.Fatalf("%d bytes, cut: %v", n, err)
					}
					got, err := queue.ParseFailure(received(out))
					if err != nil || got.CutFrom != n || !bytes.HasPrefix(f.Body, got.Body) || len(got.Body) < 300 {
						t.Fatalf("%d bytes, cut: %d bytes received, cut from %d, error %v", n, len(got.Body), got.CutFrom, err)
					}
				}
				if out.Size() > 1000 {
					t.Fatalf("%d bytes make a message of %d", n, out.Size())
				}
			}
		})
	}
}

func TestFailureIsNeverCutSilently(t *testing.T) {
	t.Parallel()
	_, err := record(random(900 << 10)).Message(maxMessage)
	if !errors.Is(err, queue.ErrTooLarge) || !strings.Contains(err.Error(), "921600 bytes from polo-events") {
		t.Errorf("900 KB that do not compress: %v", err)
	}
	if _, err := (queue.Failure{Body: []byte("b")}).Message(maxMessage); err == nil {
		t.Error("a failure without a reason made a record")
	}
}

func TestCutKeepsRunes(t *testing.T) {
	t.Parallel()
	// The first byte keeps rune boundaries off base64's multiples of three.
	f := record([]byte("x" + strings.Repeat("漢", 10_000)))
	for size := 1000; size < 1030; size++ {
		out, err := f.Cut(size).Message(size)
		if err != nil || out.Attributes["Encoding"] != "text;cut-from=30001" {
			t.Fatalf("cut to %d: encoding %q, error %v", size, out.Attributes["Encoding"], err)
		}
	}
	twice := f.Cut(2000).Cut(1000)
	if twice.CutFrom != 30_001 {
		t.Errorf("cut twice, it was %d bytes once", twice.CutFrom)
	}
	if whole := f.Cut(1 << 20); whole.CutFrom != 0 || len(whole.Body) != 30_001 {
		t.Errorf("what fits was cut to %d", len(whole.Body))
	}
}

func TestCutMessage(t *testing.T) {
	t.Parallel()
	small := record([]byte("small"))
	whole, err := small.Message(maxMessage)
	if err != nil {
		t.Fatal(err)
	}
	out, cut, err := small.CutMessage(maxMessage)
	if d := cmp.Diff(whole, out); d != "" || cut || err != nil {
		t.Errorf("what fits: cut %v, error %v (-want +got):\n%s", cut, err, d)
	}
	body := random(900 << 10)
	out, cut, err = record(body).CutMessage(maxMessage)
	if err != nil || !cut {
		t.Fatalf("what does not fit: cut %v, error %v", cut, err)
	}
	got, err := queue.ParseFailure(received(out))
	if err != nil {
		t.Fatal(err)
	}
	if got.CutFrom != len(body) || !bytes.HasPrefix(body, got.Body) || len(got.Body) < 780_000 ||
		!strings.HasPrefix(got.Err, "body cut from 921600 bytes with SHA-256 ") || !strings.HasSuffix(got.Err, "; decoding pack: cut") {
		t.Errorf("%d bytes of body, cut from %d, error %q", len(got.Body), got.CutFrom, got.Err)
	}
}

func TestFailureAttributes(t *testing.T) {
	t.Parallel()
	f := queue.Failure{Reason: queue.ReasonUnreadableFile, Body: []byte("b"), Err: "bad \x00\xff " + strings.Repeat("ü", 2000)}
	out, err := f.Message(maxMessage)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Attributes) != 2 {
		t.Errorf("empty attributes are there: %v", out.Attributes)
	}
	text := out.Attributes["Error"]
	if !strings.HasPrefix(text, "bad \uFFFD\uFFFD üü") || !strings.HasSuffix(text, "ü…") || len(text) > 1024 || len(text) < 1020 ||
		!queue.ValidText(text) {
		t.Errorf("error of %d bytes: %.20q...%q", len(text), text, text[len(text)-8:])
	}
	full := record([]byte("\x00"))
	if out, err = full.Message(maxMessage); err != nil || len(out.Attributes) != queue.MaxAttributes {
		t.Errorf("a full record has %d attributes, error %v", len(out.Attributes), err)
	}
}

func TestParseFailure(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	moved := queue.Message{
		ID: "m", Body: "body", SentAt: sent, FirstReceivedAt: sent.Add(time.Hour), ReceiveCount: 7,
		DeadLetterSource: "arn:aws:sqs:eu-west-1:000011112222:polo-events",
		Attributes:       map[string]string{"ReplayCount": "1"},
	}
	got, err := queue.ParseFailure(moved)
	want := queue.Failure{
		Reason: queue.ReasonRedriven, Err: "delivered as often as the queue allows and never deleted", Unit: queue.UnitPack,
		Body: []byte("body"), Origin: "polo-events", MessageID: "m", FirstSeen: sent, ReplayCount: 1,
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("moved by the queue: error %v (-want +got):\n%s", err, d)
	}
	if _, err := queue.ParseFailure(queue.Message{Body: "body"}); !errors.Is(err, queue.ErrNotFailure) {
		t.Errorf("neither record nor moved: %v", err)
	}
	for name, m := range map[string]queue.Message{
		"unknown encoding": {Body: "b", Attributes: map[string]string{"Reason": "r", "Encoding": "rot13"}},
		"bad base64":       {Body: "b", Attributes: map[string]string{"Reason": "r", "Encoding": "base64"}},
		"bad zstd":         {Body: "YQA=", Attributes: map[string]string{"Reason": "r", "Encoding": "zstd+base64"}},
		"bad cut":          {Body: "b", Attributes: map[string]string{"Reason": "r", "Encoding": "text;cut-from=x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if f, err := queue.ParseFailure(m); err == nil {
				t.Errorf("read as %+v", f)
			}
		})
	}
	damaged := queue.Message{Body: "b", Attributes: map[string]string{"Reason": "r", "FirstSeen": "x", "ReceiveCount": "y"}}
	if f, err := queue.ParseFailure(damaged); err != nil || string(f.Body) != "b" || !f.FirstSeen.IsZero() || f.ReceiveCount != 0 {
		t.Errorf("damaged attributes: %+v, error %v", f, err)
	}
}

func FuzzFailureRoundTrip(f *testing.F) {
	f.Add([]byte("text"), "error", "origin")
	f.Add([]byte{0, 0xff}, "\xff", "")
	f.Fuzz(func(t *testing.T, body []byte, text, origin string) {
		in := queue.Failure{Reason: "r", Err: text, Origin: origin, Body: body}
		out, err := in.Message(64 << 10)
		if errors.Is(err, queue.ErrTooLarge) {
			if out, err = in.Cut(64 << 10).Message(64 << 10); err != nil {
				t.Fatalf("cut: %v", err)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Check(64 << 10); err != nil {
			t.Fatalf("the record breaks a rule: %v", err)
		}
		got, err := queue.ParseFailure(received(out))
		if err != nil || !bytes.HasPrefix(body, got.Body) || got.CutFrom == 0 && len(got.Body) != len(body) {
			t.Fatalf("%d bytes became %d, error %v", len(body), len(got.Body), err)
		}
	})
}

// A failure names its source and account where no message does, with all else that a record has.
func TestFailureNamesItsSource(t *testing.T) {
	t.Parallel()
	want := record([]byte("a\x00"))
	want.Unit, want.Source, want.AccountID, want.MessageID, want.ReceiveCount = queue.UnitRecord, "aws.cloudtrail", "111122223333", "", 0
	for _, messageID := range []string{"", "5fea7756"} {
		f := want
		f.MessageID, f.ReceiveCount = messageID, len(messageID)
		out, err := f.Message(maxMessage)
		if err == nil {
			err = out.Check(maxMessage)
		}
		if err != nil {
			t.Fatalf("with the message %q: %v", messageID, err)
		}
		got, err := queue.ParseFailure(received(out))
		if err != nil || messageID == "" && got.Source+got.AccountID != want.Source+want.AccountID || messageID != "" && got.Source+got.AccountID != "" {
			t.Errorf("with the message %q: source %q, account %q, error %v", messageID, got.Source, got.AccountID, err)
		}
	}
}
