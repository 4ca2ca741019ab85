package queue

import (
	"context"
	"slices"
	"time"
)

// SendAll sends messages in batches within s's Limits and retries transient failures
// with policy's backoff. This is the one layer that retries: adapters make one attempt.
// It returns nil if every message was acknowledged, otherwise a *SendError that lists
// the messages that were not. A message may be sent more than once: an acknowledgement
// can be lost.
//
// A message that breaks a rule of the queue (see Outgoing.Check) is not sent and fails
// alone. Calls are sequential; SendSeveral makes several at once.
func SendAll(ctx context.Context, s Sender, messages []Outgoing, policy Retry) error {
	limits := s.Limits()
	sizes := make([]int, len(messages))
	var bad []Unacknowledged
	// good maps an entry to its message.
	good := make([]int, 0, len(messages))
	for i, m := range messages {
		if err := m.Check(limits.MaxMessage); err != nil {
			bad = append(bad, Unacknowledged{Index: i, Err: err, Permanent: true})
			continue
		}
		sizes[i] = m.Size()
		good = append(good, i)
	}
	e := entries{
		count: len(good),
		retry: policy,
		alone: make(map[int]bool),
		prefix: func(pending []int) int {
			return fitting(pending, limits, func(index int) int { return sizes[good[index]] })
		},
		attempt: func(ctx context.Context, batch []int) []error {
			out := make([]Outgoing, len(batch))
			for i, index := range batch {
				out[i] = messages[good[index]]
			}
			return s.SendBatch(ctx, out)
		},
	}
	failed := e.run(ctx)
	for i := range failed {
		failed[i].Index = good[failed[i].Index]
	}
	return sendError("sending", len(messages), append(bad, failed...))
}

// fitting is how many of the first pending entries one call takes: one at least.
func fitting(pending []int, limits Limits, size func(index int) int) int {
	n, bytes := 1, size(pending[0])
	for n < min(len(pending), limits.MaxEntries) {
		bytes += size(pending[n])
		if bytes > limits.MaxBytes {
			break
		}
		n++
	}
	return n
}

// DeleteAll deletes the messages that receipts name, as SendAll sends.
func DeleteAll(ctx context.Context, r Receiver, receipts []string, policy Retry) error {
	return receiptsAll(ctx, "deleting", receipts, policy, r.DeleteBatch)
}

// ExtendAll makes messages invisible for d from now; 0 nacks them. It splits and
// retries as SendAll does.
func ExtendAll(ctx context.Context, r Receiver, receipts []string, d time.Duration, policy Retry) error {
	return receiptsAll(ctx, "extending", receipts, policy, func(ctx context.Context, batch []string) []error {
		return r.ExtendBatch(ctx, batch, d)
	})
}

func receiptsAll(
	ctx context.Context, doing string, receipts []string, policy Retry,
	call func(context.Context, []string) []error,
) error {
	e := entries{
		count:  len(receipts),
		retry:  policy,
		alone:  make(map[int]bool),
		prefix: func(pending []int) int { return min(len(pending), MaxReceipts) },
		attempt: func(ctx context.Context, batch []int) []error {
			out := make([]string, len(batch))
			for i, index := range batch {
				out[i] = receipts[index]
			}
			return call(ctx, out)
		},
	}
	return sendError(doing, len(receipts), e.run(ctx))
}

func sendError(doing string, total int, failed []Unacknowledged) error {
	if len(failed) == 0 {
		return nil
	}
	slices.SortFunc(failed, func(a, b Unacknowledged) int { return a.Index - b.Index })
	return &SendError{Doing: doing, Total: total, Failed: failed}
}
