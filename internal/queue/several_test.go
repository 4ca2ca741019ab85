package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
)

// choosy refuses all bodies but some.
type choosy struct {
	mu    sync.Mutex
	taken map[string]bool
}

func (c *choosy) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func (c *choosy) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	c.mu.Lock()
	defer c.mu.Unlock()
	errs := make([]error, len(batch))
	for i := range batch {
		var n int
		if _, err := fmt.Sscan(batch[i].Body, &n); err != nil || n%10 == 7 {
			errs[i] = errors.New("not liked")
			continue
		}
		c.taken[batch[i].Body] = true
	}
	return errs
}

func TestSendSeveralReportsRefusedMessages(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 9, 10, 11, 95, 1000} {
		messages := make([]queue.Outgoing, n)
		var want []int
		for i := range messages {
			messages[i].Body = fmt.Sprint(i)
			if i%10 == 7 {
				want = append(want, i)
			}
		}
		c := &choosy{taken: map[string]bool{}}
		err := queue.SendSeveral(t.Context(), c, messages, 8, queue.Retry{MaxElapsed: time.Second})
		var got []int
		var failed *queue.SendError
		if errors.As(err, &failed) {
			for _, f := range failed.Failed {
				got = append(got, f.Index)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d messages: not taken (-want +got):\n%s", n, diff)
		}
		if len(c.taken) != n-len(want) {
			t.Errorf("%d messages: %d taken, want %d", n, len(c.taken), n-len(want))
		}
	}
}
