package replay

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// SourceName is the source of audit events.
const SourceName = "polo.dlq-replay"

// Types of audit events.
const (
	TypeReplayed = "dlq.replayed"
	TypeEdited   = "dlq.edited"
	TypePurged   = "dlq.purged"
	TypeImported = "dlq.imported"
)

// State is the state of an act. It is published before the act begins and again afterwards. The
// later statement replaces the earlier, so that an act that was killed stays as begun.
type State string

// States of an act.
const (
	Begun       State = "begun"
	Interrupted State = "interrupted"
	Finished    State = "finished"
	// Abandoned acts were interrupted and will not continue.
	Abandoned State = "abandoned"
)

// Act is an applied change to a dead-letter queue.
type Act struct {
	Type string
	// Run identifies the act: the same run and type is the same event.
	Run     string
	Started time.Time
	Actor   string
	DLQ     string
	// Letters is how many it affects so far.
	Letters int64
	Filter  Filter
	// Backup is the file that holds the purged letters.
	Backup string
	// Expr is the expression that corrected letters.
	Expr string

	// published is when the act was last published, so that the next statement is later.
	published time.Time
}

// Publish sends the act to the main queue as an event.
func (a *Act) Publish(ctx context.Context, to queue.Sender, state State) error {
	filter, err := a.Filter.brief()
	if err != nil {
		return fmt.Errorf("encoding the audit event: %w", err)
	}
	ts := a.Started.UTC().Truncate(time.Millisecond)
	now := time.Now().UTC().Truncate(time.Millisecond)
	if !now.After(a.published) {
		now = a.published.Add(time.Millisecond)
	}
	a.published = now
	properties := map[string]string{
		"run": a.Run, "letters": strconv.FormatInt(a.Letters, 10), "filter": filter, "dead_letter_queue": a.DLQ,
	}
	for name, value := range map[string]string{"backup": a.Backup, "expr": a.Expr} {
		if value != "" {
			properties[name] = value
		}
	}
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(SourceName, ts, a.Run, a.Type), EventType: a.Type, Source: SourceName, TS: ts,
		ObservedAt: now, Actor: a.Actor, ResourceName: a.DLQ, State: string(state),
		Properties: envelope.PairsOf(properties),
	}
	if err := e.Validate(); err != nil {
		return fmt.Errorf("making the audit event: %w", err)
	}
	packs, tooLarge, err := envelope.EncodePacks(SourceName, [][]byte{e.AppendJSON(nil)}, to.Limits().MaxMessage)
	if err != nil {
		return fmt.Errorf("making the audit event: %w", err)
	}
	if len(packs) != 1 || len(tooLarge) > 0 {
		return fmt.Errorf("making the audit event: %w", queue.ErrTooLarge)
	}
	if err := queue.SendAll(ctx, to, []queue.Outgoing{{Body: packs[0].Body}}, queue.Retry{}); err != nil {
		return fmt.Errorf("sending the audit event: %w", err)
	}
	return nil
}

// Do publishes that the act begins, runs do, and publishes how it ended. do may set the number of
// letters meanwhile. If the beginning cannot be published, do does not run.
func (a *Act) Do(ctx context.Context, to queue.Sender, do func(*Act) error) error {
	if err := a.Publish(ctx, to, Begun); err != nil {
		return err
	}
	return a.End(ctx, to, do(a))
}

// End publishes how the act ended. It returns the error that ended it.
func (a *Act) End(ctx context.Context, to queue.Sender, err error) error {
	if err == nil {
		return a.Publish(context.WithoutCancel(ctx), to, Finished)
	}
	// Publishing may still succeed where the act failed.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = a.Publish(ctx, to, Interrupted) // otherwise the act stays as begun
	return err
}
