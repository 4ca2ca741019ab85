// Package webhooks makes events of the deliveries of GitHub's webhooks that wait on a queue
// of the user's own: whatever receives them there stores them unchanged, with the headers
// that name and sign them.
package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/telemetry"
	"polo/producers"
	"polo/producers/github"
)

// Secret returns the webhooks' secret, and is asked again for every batch.
type Secret func(context.Context) (string, error)

// Config configures a Receiver.
type Config struct {
	// GitHub says of which server the deliveries are.
	GitHub   github.Config
	Secret   Secret
	Identity producers.Identity
	// Queue receives the packs, DeadLetter the letters.
	Queue, DeadLetter queue.Sender
	Logger            *slog.Logger
}

// Receiver makes events of deliveries. It is stateless, and safe for concurrent use.
type Receiver struct{ cfg Config }

// New returns a receiver. It fails without a secret: unsigned deliveries are anybody's.
func New(ctx context.Context, cfg Config) (*Receiver, error) {
	if _, err := cfg.secret(ctx); err != nil {
		return nil, err
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Receiver{cfg: cfg}, nil
}

// secret reads the secret again, so that a rotation needs no deployment.
func (c *Config) secret(ctx context.Context) (string, error) {
	text, err := c.Secret(ctx)
	if err == nil && text == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("reading the webhooks' secret: %w", err)
	}
	return text, nil
}

// Report is what became of a batch.
type Report struct {
	// Acked reports by message whether it is done. The others are redelivered.
	Acked []bool
	// Events were published, Rejected went to the dead-letter queue.
	Events, Rejected int64
	// Refused are messages that no webhook of the secret has sent.
	Refused int64
}

// Process publishes the events of a batch. A message that is not signed, or not as GitHub
// sends it, is refused: it stays on its queue, whose own redrive moves it. What is signed
// and cannot be normalised is a letter. After an error nothing is acked.
func (r *Receiver) Process(ctx context.Context, messages []queue.Message) (_ Report, err error) {
	secret, err := r.cfg.secret(ctx)
	if err != nil {
		return Report{}, err
	}
	publisher, err := producers.NewPublisher(producers.PublisherConfig{
		Source: github.SourceWebhooks, Queue: r.cfg.Queue, DeadLetter: r.cfg.DeadLetter, TraceHeader: telemetry.TraceHeader(ctx), Logger: r.cfg.Logger,
	})
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, publisher.Close()) }()
	acked := make([]bool, len(messages))
	refused := int64(0)
	for i := range messages {
		m := &messages[i]
		d, refusal := r.verified(m, secret)
		if refusal != nil {
			refused++
			r.cfg.Logger.WarnContext(ctx, "a message is refused", slog.String("message", m.ID), slog.Int("received", m.ReceiveCount), slog.String("reason", refusal.Error()))
			continue // not acked: its queue redrives it
		}
		if err := r.publish(ctx, publisher, m, d); err != nil {
			return Report{}, err
		}
		acked[i] = true // if the flush succeeds
	}
	if err := publisher.Flush(ctx); err != nil {
		return Report{}, err
	}
	s := publisher.Stats()
	return Report{Acked: acked, Events: s.Published, Rejected: s.Failed, Refused: refused}, nil
}

// verified returns the delivery of a message, or why it is refused.
func (r *Receiver) verified(m *queue.Message, secret string) (delivery, error) {
	if m.SentAt.IsZero() {
		return delivery{}, errors.New("it does not say when it was sent")
	}
	d, err := parse(m)
	if err != nil {
		return delivery{}, err
	}
	if err := verify(secret, d.body, d.header.Get(headerSignature)); err != nil {
		return delivery{}, err
	}
	// Its keys would be of another server's resources.
	if host := d.header.Get(headerHost); host != "" && !strings.EqualFold(host, r.cfg.GitHub.Host()) {
		return delivery{}, errors.New("its " + headerHost + " is not the server of POLO_GITHUB")
	}
	return d, nil
}

// publish hands a delivery's events to the publisher, or its body as a letter.
func (r *Receiver) publish(ctx context.Context, to producers.Emitter, m *queue.Message, d delivery) error {
	body, err := d.payload()
	var events []envelope.ResourceEvent
	if err == nil {
		// A redelivery of the message has the same time of sending, and so gives the same
		// events.
		events, err = r.cfg.GitHub.WebhookEvents(github.Delivery{
			Event: d.header.Get(headerEvent), ID: d.header.Get(headerID), Payload: body, Received: m.SentAt,
		})
	}
	if err != nil {
		return to.Reject(ctx, queue.Failure{
			Reason: queue.ReasonMalformedRecord, Err: err.Error(), Unit: queue.UnitRecord, Body: d.body, Source: github.SourceWebhooks,
			Origin: m.Queue + "#" + m.ID, FirstSeen: m.SentAt, LastSeen: m.SentAt, // a letter that names its message names no source
		})
	}
	for i := range events {
		e := &events[i]
		e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex = r.cfg.Identity.Of(e.Tags)
	}
	return to.Emit(ctx, events...)
}
