package consumer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
)

// A pack that fills a message to its last bytes leaves no room for a reason. It is rescued as
// several packs, whole, before the queue drops it.
func TestLargePackIsSavedWhole(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var lines [][]byte
	for i := range 120 {
		e := event(i, at)
		text := make([]byte, 1000)
		for k := range text {
			text[k] = byte('a' + random.IntN(26))
		}
		e.Properties = envelope.PairsOf(map[string]string{"x": string(text), "n": fmt.Sprint(i)})
		lines = append(lines, e.AppendJSON(nil))
	}
	packs, _, err := envelope.EncodePacks("test", lines, 1<<20)
	if err != nil || len(packs) != 1 {
		t.Fatalf("%d packs: %v", len(packs), err)
	}
	dlq := &limited{most: len(packs[0].Body) + 100}
	s := &sink{answer: func(int, int) error { return errOutage }}
	c, err := consumer.New(consumer.Config{
		Sink: s, DeadLetter: dlq, InsertRetry: 10 * time.Millisecond, Retention: func() time.Duration { return 24 * time.Hour }, Now: func() time.Time { return at.Add(23 * time.Hour) },
	})
	if err != nil {
		t.Fatal(err)
	}
	m := queue.Message{ID: "m", Receipt: "m", Body: packs[0].Body, ReceiveCount: 1, SentAt: at, FirstReceivedAt: at}
	r, err := c.Process(t.Context(), []queue.Message{m})
	if err == nil || r.Verdicts[0] != consumer.Ack {
		t.Fatalf("%v, verdict %v", err, r.Verdicts[0])
	}
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	saved := map[string]bool{}
	for _, f := range dlq.failures(t) {
		pack, err := d.Decode(f.Body)
		if err != nil || f.CutFrom > 0 {
			t.Fatalf("a letter that is no whole pack, cut from %d: %v", f.CutFrom, err)
		}
		for i := range pack.Lines {
			saved[string(pack.Lines[i].Raw)] = true
		}
	}
	if len(saved) != len(lines) {
		t.Errorf("%d events of %d are saved", len(saved), len(lines))
	}
}

// limited is a dead-letter queue with a limit on the bytes of a message.
type limited struct {
	letters
	most int
}

func (l *limited) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: l.most}
}
