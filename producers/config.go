package producers

import (
	"errors"
	"log/slog"

	"polo/envelope"
	"polo/internal/queue"
)

// PublisherConfig says what a Publisher sends where. Zero numbers stand for the
// defaults told here.
type PublisherConfig struct {
	// Source names the packs' producer, e.g. "aws.cloudtrail".
	Source string
	// Queue takes the packs, DeadLetter the failures.
	Queue, DeadLetter queue.Sender
	// TraceHeader is the X-Ray trace header that goes with the packs, if any.
	TraceHeader string
	// MaxEvents is the most events of a pack, 2000.
	MaxEvents int
	// MaxRawBytes is the most JSON that is packed at once, 2 MiB; a single event may
	// be larger. Packs hold less where that fills what SQS bills for: 64 KB each.
	MaxRawBytes int
	// MaxBody is the largest message body in bytes, 256 KiB, which a queue left
	// at its default MaximumMessageSize takes; never more than Queue allows, nor than
	// DeadLetter takes with the reason for which it would be there.
	MaxBody int
	// Senders is how many goroutines compress and send, 4. Memory is bounded by
	// about 12 packs for each.
	Senders int
	// Retry is how long to go on over a queue's transient errors.
	Retry queue.Retry
	// Logger is told of what a person should look at; nil discards it.
	Logger *slog.Logger
}

func (c PublisherConfig) withDefaults() (PublisherConfig, error) {
	switch {
	case c.Source == "":
		return c, errors.New("publisher: no source")
	case c.Queue == nil || c.DeadLetter == nil:
		return c, errors.New("publisher: no queue or no dead-letter queue")
	}
	c.MaxEvents = orElse(c.MaxEvents, 2000)
	c.MaxRawBytes = orElse(c.MaxRawBytes, 2<<20)
	c.MaxBody = min(orElse(c.MaxBody, 256<<10), c.Queue.Limits().MaxMessage, c.DeadLetter.Limits().MaxMessage-queue.RecordRoom)
	c.Senders = orElse(c.Senders, 4)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	// What a producer packs, every consumer must be able to decode.
	bounds := envelope.DefaultBounds()
	if c.MaxEvents > bounds.MaxEvents || c.MaxRawBytes > bounds.MaxRaw || c.MaxBody > bounds.MaxBody {
		return c, errors.New("publisher: packs beyond what a consumer decodes")
	}
	return c, nil
}

func orElse(n, fallback int) int {
	if n <= 0 {
		return fallback
	}
	return n
}
