package replay

import (
	"context"
	"encoding/json"
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

// Act is something that was done to a dead-letter queue.
type Act struct {
	Type string
	// Run identifies it: the same run and type is the same event.
	Run     string
	Started time.Time
	Actor   string
	DLQ     string
	Letters int64
	Filter  Filter
}

// Tell sends the act to the main queue as an event like any other.
func (a Act) Tell(ctx context.Context, to queue.Sender) error {
	filter, err := json.Marshal(a.Filter)
	if err != nil {
		return fmt.Errorf("encoding the audit event: %w", err)
	}
	ts := a.Started.UTC().Truncate(time.Millisecond)
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(SourceName, ts, a.Run, a.Type), EventType: a.Type, Source: SourceName, TS: ts,
		ObservedAt: time.Now().UTC().Truncate(time.Millisecond), Actor: a.Actor, ResourceName: a.DLQ,
		Properties: envelope.PairsOf(map[string]string{
			"run": a.Run, "letters": strconv.FormatInt(a.Letters, 10), "filter": string(filter), "dead_letter_queue": a.DLQ,
		}),
	}
	if err := e.Validate(); err != nil {
		return fmt.Errorf("making the audit event: %w", err)
	}
	packs, _, err := envelope.EncodePacks(SourceName, [][]byte{e.AppendJSON(nil)}, to.Limits().MaxMessage)
	if err != nil {
		return fmt.Errorf("making the audit event: %w", err)
	}
	if err := queue.SendAll(ctx, to, []queue.Outgoing{{Body: packs[0].Body}}, queue.Retry{}); err != nil {
		return fmt.Errorf("sending the audit event: %w", err)
	}
	return nil
}
