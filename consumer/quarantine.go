package consumer

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"polo/internal/queue"
)

// quarantine keeps a message that crashes the consumer from affecting others. A panic is recovered
// at once; a kill of the process is known from the crash log.
type quarantine struct {
	log    *CrashLog // nil: crashes are not recorded
	logger *slog.Logger
}

// sort splits the places of messages into those that may be tried together, and the suspects:
// messages that were in flight in a crash, each tried alone after the others are safe.
func (q *quarantine) sort(messages []queue.Message) (together, suspects []int) {
	for i := range messages {
		if _, suspected := q.log.suspected(messages[i].ID); suspected {
			suspects = append(suspects, i)
		} else {
			together = append(together, i)
		}
	}
	return together, suspects
}

// condemned returns why the message is given up: it crashed the process too often while alone in
// flight. It returns nil for every other message.
func (q *quarantine) condemned(id string) error {
	if n, ok := q.log.suspected(id); ok && n >= maxAlone {
		return fmt.Errorf("the process crashed %d times with this message alone in flight", n)
	}
	return nil
}

// hold records messages as in flight. Only a suspect by itself is recorded as alone: any other
// message may be by itself by chance when the process is killed.
func (q *quarantine) hold(ctx context.Context, messages []queue.Message) *inFlight {
	f := &inFlight{q: q, ids: make([]string, len(messages))}
	for i := range messages {
		f.ids[i] = messages[i].ID
	}
	_, suspected := q.log.suspected(f.ids[0])
	f.note(ctx, q.log.begin(f.ids, suspected && len(f.ids) == 1))
	return f
}

// inFlight are messages that become suspects in a crash.
type inFlight struct {
	q   *quarantine
	ids []string
}

// release removes them from those in flight, because what happens next is not their fault. Cleared
// messages did not crash the process, and stop being suspects.
func (f *inFlight) release(ctx context.Context, cleared bool) {
	f.note(ctx, f.q.log.end(f.ids, cleared))
}

// note logs why the crash log could not be written. The work continues without it.
func (f *inFlight) note(ctx context.Context, err error) {
	if err != nil {
		f.q.logger.WarnContext(ctx, "writing the crash log failed", slog.String("error", err.Error()))
	}
}

// panicError is a panic of our own code while it processed messages.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// recovered turns a panic into a *panicError. It is deferred.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &panicError{value: v, stack: debug.Stack()}
	}
}
