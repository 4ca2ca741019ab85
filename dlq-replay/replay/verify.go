package replay

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// verifyChunk is the number of statements per query.
const verifyChunk = 2000

// landedQuery finds rows by the key of resource_events. Chunks are in order of time, so that each
// reads only its part of the table.
const landedQuery = `SELECT event_id, toUnixTimestamp64Milli(ts) AS ms, max(version) FROM resource_events
WHERE ts >= fromUnixTimestamp64Milli(?) AND ts <= fromUnixTimestamp64Milli(?) AND event_id IN (?)
GROUP BY event_id, ts`

// Missing queries ClickHouse for the statements that have not landed: neither they nor a later
// statement of the same fact is in resource_events. It takes and returns them in order of time; see
// Journal.Statements.
func Missing(ctx context.Context, conn driver.Conn, statements []Statement) ([]Statement, error) {
	var missing []Statement
	for len(statements) > 0 {
		n := min(verifyChunk, len(statements))
		landed, err := landedOf(ctx, conn, statements[:n])
		if err != nil {
			return nil, fmt.Errorf("querying which events landed: %w", err)
		}
		for _, s := range statements[:n] {
			if version, ok := landed[fact{s.ID, s.TS.UnixMilli()}]; !ok || version < s.Version { //mutant:older-word-counts-as-landed
				missing = append(missing, s)
			}
		}
		statements = statements[n:]
	}
	return missing, nil
}

// fact is the key of a row: the same id at another time is another row, and counts twice.
type fact struct {
	id uuid.UUID
	ms int64
}

// landedOf returns the greatest version of each fact in the table.
func landedOf(ctx context.Context, conn driver.Conn, statements []Statement) (map[fact]uint64, error) {
	ids := make([]uuid.UUID, len(statements))
	for i, s := range statements {
		ids[i] = s.ID
	}
	first, last := statements[0].TS.UnixMilli(), statements[len(statements)-1].TS.UnixMilli()
	rows, err := conn.Query(ctx, landedQuery, first, last, ids)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err reports its error
	landed := make(map[fact]uint64, len(statements))
	for rows.Next() {
		var f fact
		var version uint64
		if err := rows.Scan(&f.id, &f.ms, &version); err != nil {
			return nil, err
		}
		landed[f] = version
	}
	return landed, rows.Err()
}

// AwaitLanded repeats Missing until nothing is missing or the time is up, and returns what is
// missing then. It also waits for a server that does not answer.
func AwaitLanded(ctx context.Context, conn driver.Conn, statements []Statement, wait time.Duration) ([]Statement, error) {
	deadline := time.Now().Add(wait)
	for {
		missing, err := Missing(ctx, conn, statements)
		if time.Now().After(deadline) || err == nil && len(missing) == 0 {
			return missing, err
		}
		if err == nil {
			statements = missing
		}
		select {
		case <-ctx.Done():
			return missing, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
