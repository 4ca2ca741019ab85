package producers

import (
	"context"
	"errors"
	"fmt"

	"polo/envelope"
)

// maxPublished bounds the JSON of an event that Publish takes, in bytes: more might fit no message, and would be acknowledged by the dead-letter queue.
const maxPublished = 200 << 10

// Publish publishes a few events, and returns nil once the queue has acknowledged all of them. An invalid event, or one that is too large, is an
// error before anything is sent, not a letter. It uses a publisher of its own, because one that failed stays so.
func Publish(ctx context.Context, cfg PublisherConfig, events ...envelope.ResourceEvent) (err error) {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		if err := events[i].Validate(); err != nil {
			return fmt.Errorf("%s of %s: %w", events[i].EventType, events[i].ResourceID, err)
		}
		if n := len(events[i].AppendJSON(nil)); n > maxPublished {
			return fmt.Errorf("%s of %s: an event of %d bytes is larger than %d", events[i].EventType, events[i].ResourceID, n, maxPublished)
		}
	}
	p, err := NewPublisher(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.Emit(ctx, events...); err != nil {
		return err
	}
	return p.Flush(ctx)
}
