// Package journal publishes the events of alerts to the queue that the consumer drains.
package journal

import (
	"context"
	"errors"
	"fmt"
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

// Publish implements alerts.Journal. An invalid event is an error before anything is sent: in the dead-letter queue the next run could
// not read it. Each call has a publisher of its own, because one that failed stays so.
func (j *Journal) Publish(ctx context.Context, events ...envelope.ResourceEvent) (err error) {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		if err := events[i].Validate(); err != nil {
			return fmt.Errorf("%s of %s: %w", events[i].EventType, events[i].ResourceID, err)
		}
	}
	p, err := producers.NewPublisher(producers.PublisherConfig{Source: alerts.Source, Queue: j.queue, DeadLetter: j.deadLetter, Senders: 1, Logger: j.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.Emit(ctx, events...); err != nil {
		return err
	}
	return p.Flush(ctx)
}
