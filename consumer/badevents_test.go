package consumer_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
	"polo/schema"
)

// packOf returns a message with the given lines.
func packOf(t *testing.T, id string, lines ...string) queue.Message {
	t.Helper()
	raw := make([][]byte, len(lines))
	for i := range lines {
		raw[i] = []byte(lines[i])
	}
	packs, tooLarge, err := envelope.EncodePacks("test", raw, 1<<20)
	if err != nil || len(packs) != 1 || len(tooLarge) > 0 {
		t.Fatalf("%d packs, %d lines too large, %v", len(packs), len(tooLarge), err)
	}
	return queue.Message{ID: id, Receipt: id, Body: packs[0].Body, ReceiveCount: 1}
}

func lineOf(n int) string {
	e := event(n, at)
	return string(e.AppendJSON(nil))
}

// repeatedly returns n lines, made from their numbers.
func repeatedly(n int, line func(int) string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line(i)
	}
	return lines
}

func constant(line string) func(int) string { return func(int) string { return line } }

func TestManyBadEventsAreOneLetter(t *testing.T) {
	t.Parallel()
	large := `{"x":"` + strings.Repeat(noise(1, 3000), 100) + `"}`
	for _, c := range []struct {
		name     string
		lines    []string
		letters  int
		inserted int
		text     string // of the one letter
	}{
		{"the bound", repeatedly(100, constant("{}")), 100, 0, ""},
		{"one more", repeatedly(101, constant("{}")), 1, 0, "101 of 101 events are bad (invalid_event 101)"},
		{"two hundred bytes of message", repeatedly(100_000, constant("{}")), 1, 0, "100000 of 100000 events are bad (invalid_event 100000)"},
		{"few that are large", repeatedly(4, constant(large)), 1, 0, "4 of 4 events are bad"},
		{
			"between good ones, of two kinds", append(append(repeatedly(200, constant("{}")), repeatedly(50, constant("[]"))...), repeatedly(30, lineOf)...), 1, 30,
			"250 of 280 events are bad (invalid_event 200, malformed_event 50), the others are inserted; the first: invalid_event: event 1 of 280: ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, dlq := &sink{}, &letters{}
			m := packOf(t, "m", c.lines...)
			began := time.Now()
			r, err := newConsumer(t, s, dlq).Process(t.Context(), []queue.Message{m})
			if err != nil || r.Verdicts[0] != consumer.Ack {
				t.Fatalf("verdict %v, %v", r.Verdicts, err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if r.Inserted != c.inserted {
				t.Errorf("inserted %d, want %d", r.Inserted, c.inserted)
			}
			got := dlq.failures(t)
			if len(got) != c.letters {
				t.Fatalf("%d letters, want %d", len(got), c.letters)
			}
			if c.letters > 1 {
				return
			}
			f := got[0]
			if f.Reason != queue.ReasonManyBadEvents || f.Unit != queue.UnitPack || f.CutFrom != 0 || !strings.HasPrefix(f.Err, c.text) {
				t.Errorf("a %s of reason %s: %s", f.Unit, f.Reason, f.Err)
			}
			if diff := cmp.Diff(m.Body, string(f.Body)); diff != "" {
				t.Errorf("the message (-sent +kept):\n%s", diff)
			}
		})
	}
}

// A message of the queue's maximum size leaves no room for a reason, so it becomes several letters.
func TestManyBadEventsOfALargestMessageAreKept(t *testing.T) {
	t.Parallel()
	lines := repeatedly(150, func(i int) string { return fmt.Sprintf(`{"n":%d,"x":"%s"}`, i, noise(int64(i), 6900)) })
	var m queue.Message
	for n := 0; len(m.Body) < 1<<20-256; n += 64 { // until there is no room for a reason
		lines[149] = fmt.Sprintf(`{"x":"%s"}`, noise(149, n))
		m = packOf(t, "m", lines...)
	}
	dlq := &letters{}
	if _, err := newConsumer(t, &sink{}, dlq).Process(t.Context(), []queue.Message{m}); err != nil {
		t.Fatal(err)
	}
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, f := range dlq.failures(t) {
		pack, err := d.Decode(f.Body)
		if err != nil || f.CutFrom != 0 {
			t.Fatalf("a letter of %d bytes, cut from %d: %v", len(f.Body), f.CutFrom, err)
		}
		for _, l := range pack.Lines {
			kept = append(kept, string(l.Raw))
		}
	}
	if diff := cmp.Diff(lines, kept); diff != "" {
		t.Errorf("events (-sent +kept):\n%.2000s", diff)
	}
}

// noise returns text that does not compress.
func noise(seed int64, n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, n)
	x := uint64(seed)*2654435761 + 1
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = alphabet[x>>58]
	}
	return string(b)
}

func TestManyMessagesOfBadEventsAreALetterEach(t *testing.T) {
	t.Parallel()
	var messages []queue.Message
	for i := range 300 {
		messages = append(messages, packOf(t, fmt.Sprint(i), repeatedly(10, constant("{}"))...))
	}
	messages = append(messages, packOf(t, "of one", "{}"))
	dlq := &letters{}
	if _, err := newConsumer(t, &sink{}, dlq).Process(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
	byReason := map[queue.Reason]int{}
	for _, f := range dlq.failures(t) {
		byReason[f.Reason]++
	}
	if diff := cmp.Diff(map[queue.Reason]int{queue.ReasonManyBadEvents: 300, queue.ReasonInvalidEvent: 1}, byReason); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
}

// refusingMessage refuses the rows of one message, and counts the inserts.
type refusingMessage struct {
	sink
	landed int
}

func (s *refusingMessage) Insert(ctx context.Context, rows *schema.Rows, token string) error {
	for _, c := range rows.Input() {
		if column, ok := c.Data.(interface{ Row(int) string }); ok && c.Name == "resource_name" {
			for i := range rows.Len() {
				if column.Row(i) == "refuse" {
					_ = s.sink.Insert(ctx, rows, token)
					return errRefused
				}
			}
		}
	}
	s.landed += rows.Len()
	return s.sink.Insert(ctx, rows, token)
}

// Finding a refused row takes an insert per row, which is too many for a hundred thousand.
func TestManyRefusedEventsAreNotInsertedOneByOne(t *testing.T) {
	t.Parallel()
	const many = 20_000
	refused := repeatedly(many, func(i int) string {
		e := event(i, at)
		e.ResourceName = "refuse"
		return string(e.AppendJSON(nil))
	})
	good := repeatedly(50, func(i int) string { return lineOf(many + i) })
	s, dlq := &refusingMessage{}, &letters{}
	r, err := newConsumer(t, s, dlq).Process(t.Context(), []queue.Message{packOf(t, "bad", refused...), packOf(t, "good", good...)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]consumer.Verdict{consumer.Ack, consumer.Ack}, r.Verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	if n := len(s.inserts()); n > 5000 {
		t.Errorf("%d inserts", n)
	}
	if s.landed != len(good) {
		t.Errorf("%d events of the other message landed, want %d", s.landed, len(good))
	}
	if got := dlq.failures(t); len(got) != 1 || !strings.HasPrefix(got[0].Err, fmt.Sprintf("%d of %d events are bad (refused_event %d)", many, many, many)) {
		t.Errorf("%d letters, the first: %s", len(got), got[0].Err)
	}
}

// slow delays each call, and counts the calls in progress.
type slow struct {
	letters
	mu         sync.Mutex
	calls, top int
}

func (s *slow) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	s.mu.Lock()
	s.calls++
	s.top = max(s.top, s.calls)
	s.mu.Unlock()
	time.Sleep(5 * time.Millisecond)
	errs := s.letters.SendBatch(ctx, batch)
	s.mu.Lock()
	s.calls--
	s.mu.Unlock()
	return errs
}

func TestLettersAreSentConcurrently(t *testing.T) {
	t.Parallel()
	dlq := &slow{}
	messages := []queue.Message{packOf(t, "m", repeatedly(100, constant("{}"))...)}
	if _, err := newConsumer(t, &sink{}, dlq).Process(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
	if len(dlq.sent) != 100 {
		t.Errorf("%d letters", len(dlq.sent))
	}
	if dlq.top < 2 || dlq.top > 8 {
		t.Errorf("%d calls at once", dlq.top)
	}
}
