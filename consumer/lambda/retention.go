package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// standardRetention is what SQS keeps messages for where nobody says otherwise. It holds
// while the queue cannot be asked: a message that is saved too early is in the
// dead-letter queue, and one that is not saved is lost.
const standardRetention = 4 * 24 * time.Hour

// retention is how long the queue keeps messages. Which queue that is the function learns
// from its first event. Safe for concurrent use.
type retention struct {
	// ask asks the queue of an ARN.
	ask func(ctx context.Context, arn string) (time.Duration, error)
	log *slog.Logger

	mu    sync.Mutex
	found time.Duration
}

// askTimeout bounds a question: the invocation's time is for its messages.
const askTimeout = 2 * time.Second

// learn asks the queue that a message came from, until it has once answered.
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

// get is consumer.Config.Retention.
func (r *retention) get() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found > 0 {
		return r.found
	}
	return standardRetention
}
