package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/consumer"
	"polo/internal/queue"
)

// fakeQueue hands out the messages put on it, and records what happens to them.
type fakeQueue struct {
	mu       sync.Mutex
	waiting  []queue.Message
	failure  error // of every receive
	receives int
	deleted  []string
	extended map[string]time.Duration
}

// asked returns the number of receives.
func (q *fakeQueue) asked() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.receives
}

func (q *fakeQueue) put(messages ...queue.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, messages...)
}

func (q *fakeQueue) Receive(ctx context.Context, limit int, wait time.Duration) ([]queue.Message, error) {
	for waited := time.Duration(0); ; waited += 10 * time.Millisecond {
		q.mu.Lock()
		if waited == 0 {
			q.receives++
		}
		n := min(limit, len(q.waiting))
		got, err := slices.Clone(q.waiting[:n]), q.failure
		q.waiting = q.waiting[n:]
		q.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, err
		case n > 0 || waited >= wait:
			return got, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (q *fakeQueue) DeleteBatch(_ context.Context, receipts []string) []error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deleted = append(q.deleted, receipts...)
	return nil
}

func (q *fakeQueue) ExtendBatch(_ context.Context, receipts []string, d time.Duration) []error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range receipts {
		q.extended[r] = d
	}
	return nil
}

// drained runs a drain of one worker over q, and stops it when act returns.
func drained(t *testing.T, q *fakeQueue, s consumer.Sink, cfg consumer.DrainConfig, act func(*consumer.Drain)) error {
	t.Helper()
	q.extended = map[string]time.Duration{}
	cfg.Queue, cfg.Workers = q, 1
	drain := consumer.NewDrain(newConsumer(t, s, &letters{}), cfg)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- drain.Run(ctx) }()
	act(drain)
	stop()
	return <-ended
}

func TestDrainBatchesMessagesWhileLingering(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, s := &fakeQueue{}, &sink{}
		err := drained(t, q, s, consumer.DrainConfig{Linger: 2 * time.Second}, func(*consumer.Drain) {
			q.put(message(t, "a", event(1, at)))
			time.Sleep(1500 * time.Millisecond)
			if len(s.inserts()) != 0 {
				t.Error("inserted before it was time")
			}
			q.put(message(t, "b", event(2, at)), message(t, "c", event(3, at)))
			time.Sleep(time.Second)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{3}, s.inserts()); diff != "" {
			t.Errorf("inserts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"a", "b", "c"}, q.deleted); diff != "" {
			t.Errorf("deleted (-want +got):\n%s", diff)
		}
		if q.receives > 6 {
			t.Errorf("%d requests to the queue", q.receives)
		}
	})
}

func TestDrainDoesNotLingerWithAFullBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, s := &fakeQueue{}, &sink{}
		for i := range 25 {
			q.put(message(t, fmt.Sprint(i), event(i, at)))
		}
		err := drained(t, q, s, consumer.DrainConfig{Linger: time.Hour, Visibility: 24 * time.Hour, BatchMessages: 12}, func(*consumer.Drain) {
			time.Sleep(time.Second)
			if diff := cmp.Diff([]int{12, 12}, s.inserts()); diff != "" {
				t.Errorf("inserts (-want +got):\n%s", diff)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{12, 12, 1}, s.inserts()); diff != "" {
			t.Errorf("inserts after the stop (-want +got):\n%s", diff)
		}
	})
}

func TestStopLingering(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, s := &fakeQueue{}, &sink{}
		err := drained(t, q, s, consumer.DrainConfig{Linger: time.Hour, Visibility: 24 * time.Hour}, func(d *consumer.Drain) {
			q.put(message(t, "a", event(1, at)))
			time.Sleep(time.Minute)
			d.StopLingering()
			d.StopLingering()
			time.Sleep(time.Millisecond)
			q.put(message(t, "b", event(2, at)))
			time.Sleep(time.Second)
			if diff := cmp.Diff([]int{1, 1}, s.inserts()); diff != "" {
				t.Errorf("inserts (-want +got):\n%s", diff)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestDrainReturnsMessagesInAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		s := &sink{answer: func(int, int) error { return errOutage }}
		q.put(message(t, "a", event(1, at)), queue.Message{ID: "x", Receipt: "x", Body: "no pack"})
		err := drained(t, q, s, consumer.DrainConfig{}, func(*consumer.Drain) { time.Sleep(5 * time.Second) })
		if err != nil {
			t.Fatal(err)
		}
		if len(q.deleted) != 0 {
			t.Errorf("deleted %v in an outage", q.deleted)
		}
		for _, receipt := range []string{"a", "x"} {
			if d := q.extended[receipt]; d < time.Second || d > 15*time.Minute {
				t.Errorf("%s comes back after %s", receipt, d)
			}
		}
	})
}

func TestDrainReturnsPermanentErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the queue does not exist")
		q := &fakeQueue{failure: gone}
		if err := drained(t, q, &sink{}, consumer.DrainConfig{}, func(*consumer.Drain) { time.Sleep(time.Second) }); !errors.Is(err, gone) {
			t.Errorf("ended with %v", err)
		}
		q = &fakeQueue{failure: fmt.Errorf("throttled: %w", queue.ErrTransient)}
		if err := drained(t, q, &sink{}, consumer.DrainConfig{}, func(*consumer.Drain) { time.Sleep(time.Minute) }); err != nil {
			t.Errorf("ended with %v", err)
		}
		if q.receives < 3 || q.receives > 40 {
			t.Errorf("%d receives in a minute of throttling", q.receives)
		}
	})
}

func TestDrainStopsReceivingInAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, s := &fakeQueue{}, &sink{answer: func(int, int) error { return errOutage }, ping: errOutage}
		for i := range 500 {
			q.put(message(t, fmt.Sprint(i), event(i, at)))
		}
		heal := func(insert, ping error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.ping, s.answer = ping, func(int, int) error { return insert }
		}
		err := drained(t, q, s, consumer.DrainConfig{BatchMessages: 100}, func(*consumer.Drain) {
			time.Sleep(10 * time.Minute)
			if q.asked() > 10 || len(s.inserts()) > 10 {
				t.Errorf("%d receives and %d inserts in ten minutes of outage", q.asked(), len(s.inserts()))
			}
			s.mu.Lock()
			if s.pings < 20 || s.pings > 60 {
				t.Errorf("%d probes in ten minutes", s.pings)
			}
			s.mu.Unlock()
			// It answers pings but refuses inserts: only small batches are tried.
			heal(errOutage, nil)
			before := q.asked()
			time.Sleep(2 * time.Minute)
			if n := q.asked() - before; n < 2 || n > 12 {
				t.Errorf("%d receives in two minutes of half an outage", n)
			}
			heal(nil, nil)
			tried := len(s.inserts())
			time.Sleep(time.Minute)
			if after := s.inserts()[tried:]; len(after) == 0 || slices.Max(after) < 100 {
				t.Errorf("inserts of %v rows after the outage: none of a full batch", after)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		if len(q.waiting) != 0 || len(q.deleted)+len(q.extended) != 500 {
			t.Errorf("%d waiting, %d deleted and %d to come back of 500", len(q.waiting), len(q.deleted), len(q.extended))
		}
		if len(q.deleted) < 300 {
			t.Errorf("only %d of 500 done a minute after the outage", len(q.deleted))
		}
	})
}

func TestDrainKeepsMessagesInFlightInvisible(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		s := &sink{answer: func(int, int) error { time.Sleep(5 * time.Minute); return nil }}
		q.put(message(t, "a", event(1, at)))
		err := drained(t, q, s, consumer.DrainConfig{Visibility: 2 * time.Minute}, func(*consumer.Drain) {
			time.Sleep(100 * time.Second)
			q.mu.Lock()
			if d := q.extended["a"]; d != 2*time.Minute {
				t.Errorf("extended by %s", d)
			}
			q.mu.Unlock()
			time.Sleep(5 * time.Minute)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a"}, q.deleted); diff != "" {
			t.Errorf("deleted (-want +got):\n%s", diff)
		}
	})
}
