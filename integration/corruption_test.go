package integration_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"polo/envelope"
	"polo/internal/queue"
	"polo/local/sample"
	"polo/local/stack"
	"polo/producers"
	"polo/producers/cloudtrail"
)

// corrupter damages every hundredth pack on its way to the queue, in each way in turn, and
// records what must become of every event.
type corrupter struct {
	queue.Sender
	t *testing.T

	mu      sync.Mutex
	packs   int
	damaged int
	// good counts the undamaged deliveries of each event; one is enough for it to arrive.
	// bad counts, by reason, what must be in the dead-letter queue.
	good map[uuid.UUID]int
	bad  map[queue.Reason]int
}

// The kinds of damage, in turn, and the reason of each.
var damages = []struct {
	name   string
	reason queue.Reason
	apply  func(t *testing.T, body string, p *envelope.Pack) (damaged string, lost []uuid.UUID)
}{
	{"cut", queue.ReasonMalformedPack, func(_ *testing.T, body string, p *envelope.Pack) (string, []uuid.UUID) {
		return body[:len(body)*2/3], ids(p)
	}},
	{"bit flipped", queue.ReasonCorruptPack, func(t *testing.T, body string, p *envelope.Pack) (string, []uuid.UUID) {
		// Change one letter in the middle of the base64: only the hash of the content can
		// detect it.
		at := len(body) / 2
		flipped := byte('A')
		if body[at] == flipped {
			flipped = 'B'
		}
		return body[:at] + string(flipped) + body[at+1:], ids(p)
	}},
	{"wrong version", queue.ReasonUnsupportedVersion, func(_ *testing.T, body string, p *envelope.Pack) (string, []uuid.UUID) {
		return strings.Replace(body, `{"v":1,`, `{"v":7,`, 1), ids(p)
	}},
	{"one bad event", queue.ReasonInvalidEvent, func(t *testing.T, _ string, p *envelope.Pack) (string, []uuid.UUID) {
		i := len(p.Lines) / 2
		lines := make([][]byte, len(p.Lines))
		for j := range p.Lines {
			lines[j] = p.Lines[j].Raw
		}
		lines[i] = bytes.Replace(lines[i], []byte(`"source":"aws.cloudtrail"`), []byte(`"source":""`), 1)
		packs, _, err := envelope.EncodePacks(p.Source, lines, 1<<20)
		if err != nil || len(packs) != 1 {
			t.Errorf("packing a bad event: %d packs, %v", len(packs), err)
			return "", nil
		}
		return packs[0].Body, []uuid.UUID{p.Lines[i].Event.EventID}
	}},
}

func ids(p *envelope.Pack) []uuid.UUID {
	out := make([]uuid.UUID, len(p.Lines))
	for i := range p.Lines {
		out[i] = p.Lines[i].Event.EventID
	}
	return out
}

func (c *corrupter) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	out := make([]queue.Outgoing, len(batch))
	for i, m := range batch {
		m.Body = c.pass(m.Body)
		out[i] = m
	}
	return c.Sender.SendBatch(ctx, out)
}

// pass records what a pack holds, and damages one in a hundred.
func (c *corrupter) pass(body string) string {
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		c.t.Error(err)
		return body
	}
	p, err := d.Decode([]byte(body))
	if err != nil {
		c.t.Errorf("a pack does not decode before it is damaged: %v", err)
		return body
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids(p) {
		c.good[id]++
	}
	c.packs++
	if c.packs%100 != 50 {
		return body
	}
	how := damages[c.damaged%len(damages)]
	c.damaged++
	damaged, lost := how.apply(c.t, body, p)
	c.bad[how.reason]++
	for _, id := range lost {
		if c.good[id]--; c.good[id] == 0 {
			delete(c.good, id)
		}
	}
	c.t.Logf("pack %d of %d events: %s", c.packs, len(p.Lines), how.name)
	return damaged
}

// TestCorruption damages 1% of the packs in transit. Exactly those must be in the
// dead-letter queue, with the right reasons, and every other event in ClickHouse.
func TestCorruption(t *testing.T) {
	input := t.TempDir()
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	if _, err := sample.Write(t.Context(), sample.Options{Dir: input, Records: 200_000, Seed: 3, Day: day, Gzip: true}); err != nil {
		t.Fatal(err)
	}
	withStack(t, t.TempDir(), func(s *stack.Stack) {
		c := &corrupter{Sender: s.Queue, t: t, good: map[uuid.UUID]int{}, bad: map[queue.Reason]int{}}
		publishPacks(t, c, s.DLQ, input, 500)
		if c.damaged < len(damages) {
			t.Fatalf("%d packs, only %d damaged: every kind must occur", c.packs, c.damaged)
		}
		t.Logf("%d packs, %d damaged", c.packs, c.damaged)
		drainAll(t, s)

		found := deadLetters(t, s.DLQ)
		if diff := cmp.Diff(c.bad, found); diff != "" {
			t.Errorf("the dead-letter queue differs (-want +got):\n%s", diff)
		}
		conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Reader)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		in := eventIDs(t, conn)
		for id := range c.good {
			if !in[id] {
				t.Fatalf("event %s was sent whole and is not in ClickHouse (%d of %d are)", id, len(in), len(c.good))
			}
		}
		if len(in) != len(c.good) {
			t.Errorf("%d events in ClickHouse, want %d", len(in), len(c.good))
		}
	})
}

// publish collects input and publishes it.
func publish(t *testing.T, to, dlq queue.Sender, input string) {
	t.Helper()
	publishPacks(t, to, dlq, input, 0)
}

// publishPacks publishes files in packs of at most most events, or of the default.
func publishPacks(t *testing.T, to, dlq queue.Sender, input string, most int) {
	t.Helper()
	p, err := producers.NewPublisher(producers.PublisherConfig{Source: "aws.cloudtrail", Queue: to, DeadLetter: dlq, MaxEvents: most})
	if err != nil {
		t.Fatal(err)
	}
	files := cloudtrail.Files{Input: input, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: time.Now().UTC().Truncate(time.Millisecond)}
	if _, err := files.Collect(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// drainAll runs the stack's consumer until the queue is empty.
func drainAll(t *testing.T, s *stack.Stack) {
	t.Helper()
	drain, closeSink, err := s.Consumer(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- drain.Run(ctx) }()
	if err := stack.AwaitEmpty(ctx, s.Queue, 50*time.Millisecond, nil); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := closeSink(); err != nil {
		t.Error(err)
	}
}

// deadLetters empties the dead-letter queue and counts its letters by reason.
func deadLetters(t *testing.T, q queue.Receiver) map[queue.Reason]int {
	t.Helper()
	found := map[queue.Reason]int{}
	for {
		got, err := q.Receive(t.Context(), 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			return found
		}
		for _, m := range got {
			f, err := queue.ParseFailure(m)
			if err != nil {
				t.Fatalf("message %s of the dead-letter queue: %v", m.ID, err)
			}
			if f.Err == "" || len(f.Body) == 0 || f.MessageID == "" || f.ReceiveCount < 1 || f.FirstSeen.IsZero() || f.LastSeen.IsZero() {
				t.Errorf("a failure does not explain itself: %s", fmt.Sprintf("%+v", f)[:300])
			}
			found[f.Reason]++
		}
	}
}

func eventIDs(t *testing.T, conn driver.Conn) map[uuid.UUID]bool {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT event_id FROM resource_events FINAL")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	in := map[uuid.UUID]bool{}
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		if in[id] {
			t.Errorf("event %s is there twice", id)
		}
		in[id] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return in
}
