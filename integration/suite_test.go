package integration_test

import (
	"context"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
	"polo/local/sample"
)

// TestEmbedded runs the suite on Polo's embedded parts.
func TestEmbedded(t *testing.T) {
	Suite(t, embedded)
}

// TestContainers runs the suite on ClickHouse and SQS in containers. If POLO_CONTAINERS
// is set and there is no docker, it fails.
func TestContainers(t *testing.T) {
	if os.Getenv("POLO_CONTAINERS") == "" {
		t.Skip("POLO_CONTAINERS is not set: nothing runs in containers (`make containers` does)")
	}
	Suite(t, containers)
}

// suiteRecords is how many records the suite ingests: enough for more packs than a few
// batches hold.
const suiteRecords = 10_000

// Suite tests what must hold wherever Polo runs.
func Suite(t *testing.T, start starter) {
	input := t.TempDir()
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	made, err := sample.Write(t.Context(), sample.Options{Dir: input, Records: suiteRecords, Seed: 11, Day: day, Gzip: true})
	if err != nil {
		t.Fatal(err)
	}
	// The tables of the undisturbed run; every other run is compared with them.
	var want map[string]string
	if !t.Run("Twice", func(t *testing.T) { want = testTwice(t, start(t), input, made) }) {
		return
	}
	t.Run("DuplicatesAndRegrouping", func(t *testing.T) { testRegrouping(t, start(t), input, want) })
	t.Run("Poison", func(t *testing.T) { testPoison(t, start(t), input) })
	t.Run("Outage", func(t *testing.T) { testOutage(t, start(t), input, want) })
}

// testTwice ingests the same files twice: the second time adds nothing.
func testTwice(t *testing.T, b *backend, input string, made sample.Summary) map[string]string {
	publish(t, b.queue, b.dlq, input)
	first := b.drain(t, smallBatch, nil)
	t.Logf("first run: %+v", first)
	if got := b.count(t, activities); got != int64(made.Distinct) {
		t.Errorf("%d activities of %d distinct records", got, made.Distinct)
	}
	want := b.contents(t)
	publish(t, b.queue, b.dlq, input)
	if again := b.drain(t, smallBatch, nil); again.Events != first.Events {
		t.Errorf("the second run published %d events, the first %d", again.Events, first.Events)
	}
	same(t, "after a second run", want, b.contents(t))
	b.wantDeadLetters(t, map[queue.Reason]int{})
	return want
}

// testRegrouping sends each message one to three times, in random order.
func testRegrouping(t *testing.T, b *backend, input string, want map[string]string) {
	rng := rand.New(rand.NewPCG(5, 5))
	var messages []queue.Outgoing
	for _, m := range packs(t, b, input) {
		for range 1 + rng.IntN(3) {
			messages = append(messages, m)
		}
	}
	rng.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	b.send(t, messages)
	if got := b.drain(t, largeBatch, nil); got.Messages < int64(len(messages)) {
		t.Errorf("%d messages drained of %d", got.Messages, len(messages))
	}
	same(t, "messages repeated and in another order", want, b.contents(t))
	b.wantDeadLetters(t, map[queue.Reason]int{})
}

// testPoison damages one pack in each way: each has a letter, and every other event
// arrives.
func testPoison(t *testing.T, b *backend, input string) {
	messages := packs(t, b, input)
	good, bad := map[string]int{}, map[queue.Reason]int{}
	for i := range messages {
		p := decode(t, messages[i].Body)
		for _, id := range ids(p) {
			good[id.String()]++
		}
		if i%2 == 0 || i/2 >= len(damages) {
			continue
		}
		how := damages[i/2]
		damaged, lost := how.apply(t, messages[i].Body, p)
		messages[i].Body = damaged
		bad[how.reason]++
		for _, id := range lost {
			if good[id.String()]--; good[id.String()] == 0 {
				delete(good, id.String())
			}
		}
	}
	if len(bad) < len(damages) {
		t.Fatalf("%d packs are too few to damage one in each way", len(messages))
	}
	b.send(t, messages)
	b.drain(t, smallBatch, nil)
	b.wantDeadLetters(t, bad)
	landed := map[string]int{}
	for id := range eventIDs(t, b.connect(t, b.users.Reader)) {
		landed[id.String()] = 1
	}
	for id := range good {
		if landed[id] == 0 {
			t.Fatalf("event %s was sent whole and is not in ClickHouse (%d of %d are)", id, len(landed), len(good))
		}
	}
	if len(landed) != len(good) {
		t.Errorf("%d events in ClickHouse, want %d", len(landed), len(good))
	}
}

// testOutage stops ClickHouse during a drain, for longer than an insert is retried, and
// restarts it on its data.
func testOutage(t *testing.T, b *backend, input string, want map[string]string) {
	publish(t, b.queue, b.dlq, input)
	b.drain(t, smallBatch, func(d *consumer.Drain) {
		for d.Totals().Messages == 0 {
			time.Sleep(time.Millisecond)
			if t.Context().Err() != nil {
				return
			}
		}
		b.stopClickHouse(t)
		before := d.Totals()
		time.Sleep(3 * time.Second)
		after := d.Totals()
		stats, err := b.queue.Stats(t.Context())
		if err != nil {
			t.Error(err)
		}
		if after.Messages != before.Messages || stats.Empty() {
			t.Errorf("the outage came too late, or stopped nothing: %d messages done before, %d after, left %+v", before.Messages, after.Messages, stats)
		}
		t.Logf("outage after %d messages, %d left", after.Messages, stats.Visible+stats.InFlight+stats.Delayed)
		b.startClickHouse(t)
	})
	same(t, "after an outage", want, b.contents(t))
	b.wantDeadLetters(t, map[queue.Reason]int{})
}

// packs returns the messages that a producer would send.
func packs(t *testing.T, b *backend, input string) []queue.Outgoing {
	t.Helper()
	k := &keeper{Sender: b.queue}
	publishPacks(t, k, b.dlq, input, 500)
	return k.kept
}

// keeper is a Sender that keeps the messages.
type keeper struct {
	queue.Sender
	mu   sync.Mutex
	kept []queue.Outgoing
}

func (k *keeper) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, batch...)
	return nil
}

func (b *backend) send(t *testing.T, messages []queue.Outgoing) {
	t.Helper()
	if err := queue.SendAll(t.Context(), b.queue, messages, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
}

func (b *backend) wantDeadLetters(t *testing.T, want map[queue.Reason]int) {
	t.Helper()
	if diff := cmp.Diff(want, deadLetters(t, b.dlq)); diff != "" {
		t.Errorf("the dead-letter queue differs (-want +got):\n%s", diff)
	}
}

func decode(t *testing.T, body string) *envelope.Pack {
	t.Helper()
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
