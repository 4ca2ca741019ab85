// Package journal publishes the events of alerts to the queue that the consumer drains.
package journal

import (
	"context"
	"log/slog"

	"polo/alerts"
	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
)

// Journal is an alerts.Journal on a queue. Safe for concurrent use.
type Journal struct {
	queue, deadLetter queue.Sender
	log               *slog.Logger
}

var _ alerts.Journal = (*Journal)(nil)

// New returns a journal that publishes to main.
func New(main, deadLetter queue.Sender, log *slog.Logger) *Journal {
	return &Journal{main, deadLetter, log}
}

// Publish implements alerts.Journal.
func (j *Journal) Publish(ctx context.Context, events ...envelope.ResourceEvent) error {
	return producers.Publish(ctx, producers.PublisherConfig{Source: alerts.Source, Queue: j.queue, DeadLetter: j.deadLetter, Senders: 1, Logger: j.log}, events...)
}
