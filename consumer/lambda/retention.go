package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// standardRetention is SQS's default retention. It holds until the queue has answered: a message
// rescued too early is in the dead-letter queue, but one not rescued is lost.
const standardRetention = 4 * 24 * time.Hour

// retention is the queue's retention. The function learns which queue it is from its first event.
// Safe for concurrent use.
type retention struct {
	// ask asks the queue with the given ARN.
	ask func(ctx context.Context, arn string) (time.Duration, error)
	log *slog.Logger

	mu    sync.Mutex
	found time.Duration
}

// askTimeout bounds a question: the invocation's time is for its messages.
const askTimeout = 2 * time.Second

// learn asks the queue that a message came from, until it has answered once.
func (r *retention) learn(ctx context.Context, arn string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found > 0 {
		return
	}
	asking, stop := context.WithTimeout(ctx, askTimeout)
	defer stop()
	found, err := r.ask(asking, arn)
	if err != nil {
		r.log.ErrorContext(ctx, "the queue's retention is unknown; messages count as near it after 4 days", slog.String("error", err.Error()))
		return
	}
	r.found = found
}

// get implements consumer.Config.Retention.
func (r *retention) get() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found > 0 {
		return r.found
	}
	return standardRetention //mutant:unknown-retention-saves-nothing
}
