package clickhouse

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"polo/actions"
	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
)

// Journal is the journal of actions: events that go through the queue. It implements actions.Journal.
type Journal struct {
	Conn *Conn
	// Queue receives the events; DeadLetter is the publisher's, and gets none of them.
	Queue, DeadLetter queue.Sender
	Logger            *slog.Logger
}

var _ actions.Journal = (*Journal)(nil)

// retryTime bounds the tries to reach the queue.
const retryTime = 8 * time.Second

// Append implements actions.Journal: it returns nil once the queue has acknowledged the events.
func (j *Journal) Append(ctx context.Context, entries ...actions.Entry) error {
	events := make([]envelope.ResourceEvent, 0, len(entries))
	for _, e := range entries {
		events = append(events, e.Event())
	}
	err := producers.Publish(ctx, producers.PublisherConfig{
		Source: actions.Source, Queue: j.Queue, DeadLetter: j.DeadLetter, Senders: 1, Retry: queue.Retry{MaxElapsed: retryTime}, Logger: j.Logger,
	}, events...)
	if err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}

// OfResource implements actions.Journal.
func (j *Journal) OfResource(ctx context.Context, arn string, since time.Time) ([]actions.Entry, error) {
	return j.read(ctx, "AND arn = $3", since, arn)
}

// All implements actions.Journal.
func (j *Journal) All(ctx context.Context, since time.Time) ([]actions.Entry, error) {
	return j.read(ctx, "", since)
}

func (j *Journal) read(ctx context.Context, also string, since time.Time, args ...any) ([]actions.Entry, error) {
	// A sealed plan may have 64 KiB, and only an intent's is opened again.
	const query = `SELECT event_id, event_type, ts, observed_at, arn, account_id, account_role, region, resource_type, actor,
    mapFilter((name, value) -> name != 'sealed' OR event_type = 'action.intended', properties) AS properties
FROM polo.resource_events FINAL
WHERE source = $1 AND ts >= $2 `
	var entries []actions.Entry
	bad := 0
	err := j.Conn.rows(ctx, func(rows driver.Rows) error {
		e := envelope.ResourceEvent{Source: actions.Source}
		var id uuid.UUID
		var properties map[string]string
		if err := rows.Scan(&id, &e.EventType, &e.TS, &e.ObservedAt, &e.ARN, &e.AccountID, &e.AccountRole, &e.Region, &e.ResourceType, &e.Actor, &properties); err != nil {
			return err
		}
		e.EventID, e.Properties = id, envelope.PairsOf(properties)
		// One row that is none must not stop every action for good.
		if entry, err := actions.EntryOf(e); err == nil {
			entries = append(entries, entry)
		} else {
			bad++
		}
		return nil
	}, query+also+"\nORDER BY ts, event_id", append([]any{actions.Source, since.UTC()}, args...)...)
	if bad > 0 && j.Logger != nil {
		j.Logger.WarnContext(ctx, "events of the journal's source are no entries", slog.Int("events", bad))
	}
	return entries, err
}
