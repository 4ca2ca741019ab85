package producers

import (
	"errors"
	"log/slog"

	"polo/envelope"
	"polo/internal/queue"
)

// PublisherConfig configures a Publisher. A zero number means the default given here.
type PublisherConfig struct {
	// Source is the packs' source, e.g. "aws.cloudtrail".
	Source string
	// Queue receives the packs, DeadLetter the letters.
	Queue, DeadLetter queue.Sender
	// TraceHeader is the X-Ray trace header of the packs' messages, if any.
	TraceHeader string
	// MaxEvents is the most events of a pack, 2000.
	MaxEvents int
	// MaxRawBytes is the most JSON in a pack, 2 MiB; a single event may be larger. A
	// pack holds less where that fills whole 64 KB chunks, which SQS bills.
	MaxRawBytes int
	// MaxBody is the largest message body in bytes, 256 KiB, which a queue with the
	// default MaximumMessageSize accepts. It is never more than Queue allows, nor than
	// DeadLetter accepts together with a letter's attributes.
	MaxBody int
	// Senders is how many goroutines compress and send, 4. Memory is bounded by
	// about 12 packs for each.
	Senders int
	// Retry is the retry policy for both queues.
	Retry queue.Retry
	// Logger logs what a person should look at; nil discards it.
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
	// Every consumer must be able to decode what a producer packs.
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
