package queue

import (
	"context"
	"errors"
	"sync"
)

// SendSeveral is SendAll with up to calls concurrent calls, each of which sends a part
// of the messages.
func SendSeveral(ctx context.Context, s Sender, messages []Outgoing, calls int, policy Retry) error {
	full := max(s.Limits().MaxEntries, 1)
	calls = max(1, min(calls, (len(messages)+full-1)/full))
	errs := make([]error, calls)
	var all sync.WaitGroup
	begin := func(k int) int { return len(messages) * k / calls }
	for k := range calls {
		all.Go(func() { errs[k] = SendAll(ctx, s, messages[begin(k):begin(k+1)], policy) })
	}
	all.Wait()
	var failed []Unacknowledged
	for k, err := range errs {
		var some *SendError
		if !errors.As(err, &some) {
			continue // cannot happen: SendAll returns no other type
		}
		for _, f := range some.Failed {
			f.Index += begin(k)
			failed = append(failed, f)
		}
	}
	return sendError("sending", len(messages), failed)
}
