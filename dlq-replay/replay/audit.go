package replay

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// SourceName is the source of the events that tell what was done here.
const SourceName = "polo.dlq-replay"

// Types of those events.
const (
	TypeReplayed = "dlq.replayed"
	TypeEdited   = "dlq.edited"
	TypePurged   = "dlq.purged"
	TypeImported = "dlq.imported"
)

// State is how far an act is. It is told before anything is done and again
// afterwards; the later word replaces the earlier, so that an act that was killed
// on its way stands as begun.
type State string

// States of an act.
const (
	Begun       State = "begun"
	Interrupted State = "interrupted"
	Finished    State = "finished"
	// Abandoned acts were interrupted and will not be gone on with.
	Abandoned State = "abandoned"
)

// Act is something that is done to a dead-letter queue.
type Act struct {
	Type string
	// Run identifies it: the same run and type is the same event.
	Run     string
	Started time.Time
	Actor   string
	DLQ     string
	// Letters is how many it is about so far.
	Letters int64
	Filter  Filter
	// Backup is the file that holds what was purged.
	Backup string
	// Expr is the expression that letters were corrected by.
	Expr string

	// told is when it was last told, for the next word to be the later.
	told time.Time
}

// Tell sends the act to the main queue as an event like any other.
func (a *Act) Tell(ctx context.Context, to queue.Sender, state State) error {
	filter, err := a.Filter.brief()
	if err != nil {
		return fmt.Errorf("encoding the audit event: %w", err)
	}
	ts := a.Started.UTC().Truncate(time.Millisecond)
	now := time.Now().UTC().Truncate(time.Millisecond)
	if !now.After(a.told) {
		now = a.told.Add(time.Millisecond)
	}
	a.told = now
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

// Do tells that the act begins, does it, and tells how it ended. do may say meanwhile
// how many letters it is about. Nothing is done that could not be told first.
func (a *Act) Do(ctx context.Context, to queue.Sender, do func(*Act) error) error {
	if err := a.Tell(ctx, to, Begun); err != nil {
		return err
	}
	return a.End(ctx, to, do(a))
}

// End tells how the act ended, with the error that ended it, which it returns.
func (a *Act) End(ctx context.Context, to queue.Sender, err error) error {
	if err == nil {
		return a.Tell(context.WithoutCancel(ctx), to, Finished)
	}
	// The word may still come through where the work did not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = a.Tell(ctx, to, Interrupted) // it stands as begun otherwise
	return err
}
