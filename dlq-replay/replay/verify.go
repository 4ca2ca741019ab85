package replay

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// verifyChunk is how many ids one query asks for.
const verifyChunk = 2000

// Missing asks ClickHouse which of the events are not in resource_events.
func Missing(ctx context.Context, conn driver.Conn, events []uuid.UUID) ([]uuid.UUID, error) {
	var missing []uuid.UUID
	for len(events) > 0 {
		n := min(verifyChunk, len(events))
		landed := map[uuid.UUID]bool{}
		rows, err := conn.Query(ctx, "SELECT DISTINCT event_id FROM resource_events WHERE event_id IN (?)", events[:n])
		if err != nil {
			return nil, fmt.Errorf("asking which events landed: %w", err)
		}
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				_ = rows.Close()
				return nil, fmt.Errorf("asking which events landed: %w", err)
			}
			landed[id] = true
		}
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("asking which events landed: %w", err)
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("asking which events landed: %w", err)
		}
		for _, id := range events[:n] {
			if !landed[id] {
				missing = append(missing, id)
			}
		}
		events = events[n:]
	}
	return missing, nil
}

// AwaitLanded asks again until nothing is missing or the time is up, and returns
// what is missing then.
func AwaitLanded(ctx context.Context, conn driver.Conn, events []uuid.UUID, wait time.Duration) ([]uuid.UUID, error) {
	deadline := time.Now().Add(wait)
	for {
		missing, err := Missing(ctx, conn, events)
		if err != nil || len(missing) == 0 || time.Now().After(deadline) {
			return missing, err
		}
		events = missing
		select {
		case <-ctx.Done():
			return missing, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
