package replay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"polo/dlq-replay/replay"
	"polo/internal/queue"
)

// crowded is a queue with a limit on letters in flight, as SQS has at 120,000.
type crowded struct {
	queue.Receiver
	mu    sync.Mutex
	next  int
	total int
	room  int
	held  map[string]bool
}

func (c *crowded) Receive(context.Context, int, time.Duration) ([]queue.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == c.total {
		return nil, nil
	}
	if len(c.held) == c.room {
		return nil, fmt.Errorf("receiving: %w", queue.ErrInFlight)
	}
	c.next++
	id := fmt.Sprint(c.next)
	c.held[id] = true
	return []queue.Message{{ID: id, Receipt: id, Body: "x"}}, nil
}

func (c *crowded) DeleteBatch(_ context.Context, receipts []string) []error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range receipts {
		delete(c.held, r)
	}
	return nil
}

func (c *crowded) ExtendBatch(context.Context, []string, time.Duration) []error { return nil }

// A Read stops with an error if the queue is at its limit in flight. While letters are deleted, it
// reads to the end.
func TestReadAtTheLimitInFlight(t *testing.T) {
	t.Parallel()
	for name, deletes := range map[string]bool{"looked at": false, "deleted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := &crowded{total: 200, room: 30, held: map[string]bool{}}
			r := replay.NewReader(q, 4, time.Minute, replay.WithPatience(300*time.Millisecond))
			var mu sync.Mutex
			n := 0
			err := r.Read(t.Context(), func(l replay.Letter) error {
				mu.Lock()
				n++
				mu.Unlock()
				if deletes {
					time.AfterFunc(time.Millisecond, func() {
						if err := r.Delete(context.WithoutCancel(t.Context()), []string{l.ID()}); err != nil {
							t.Error(err)
						}
					})
				}
				return nil
			})
			want, full := 200, false
			if !deletes {
				want, full = 30, true
			}
			if errors.Is(err, replay.ErrFull) != full || n != want {
				t.Errorf("%d letters were read, want %d: %v", n, want, err)
			}
		})
	}
}
