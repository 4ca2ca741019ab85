package schema

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// key is a statement of a migration, or with statement 0 its file.
type key struct{ migration, statement int }

// record is a row of schema_migrations.
type record struct {
	checksum, target string
	at               time.Time
}

// records reads schema_migrations.
func (m *Migrator) records(ctx context.Context) (_ map[key][]record, err error) {
	rows, err := m.conn.Query(ctx,
		"SELECT migration, statement, checksum, target, max(applied_at) FROM polo.schema_migrations GROUP BY ALL ORDER BY ALL")
	if err != nil {
		return nil, fmt.Errorf("reading schema_migrations: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out := map[key][]record{}
	for rows.Next() {
		var migration, statement uint32
		var r record
		if err := rows.Scan(&migration, &statement, &r.checksum, &r.target, &r.at); err != nil {
			return nil, fmt.Errorf("reading schema_migrations: %w", err)
		}
		k := key{int(migration), int(statement)}
		out[k] = append(out[k], r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading schema_migrations: %w", err)
	}
	return out, nil
}

// record tells that statement n of mig has run. It goes in at once, whatever
// the account's settings: a record that is lost costs nothing, but one that is
// late would make Status lie.
func (m *Migrator) record(ctx context.Context, mig migration, n int) error {
	err := m.conn.Exec(ctx, fmt.Sprintf(
		"INSERT INTO polo.schema_migrations (migration, statement, name, checksum, target) SETTINGS async_insert = 0 VALUES (%d, %d, %s, %s, %s)",
		mig.number, n, quote(mig.name), quote(mig.checksum), quote(string(m.target.Kind))))
	if err != nil {
		return fmt.Errorf("recording statement %d of migration %04d_%s: %w", n, mig.number, mig.name, err)
	}
	return nil
}

// check refuses mig where another text of it, or for another kind of ClickHouse,
// was applied.
func (m *Migrator) check(mig migration, seen map[key][]record) error {
	for n := range len(mig.sql) + 1 {
		for _, r := range seen[key{mig.number, n}] {
			if r.checksum != mig.checksum {
				return fmt.Errorf("migration %04d_%s (applied %s with checksum %.12s, now %.12s): %w: restore the file and make the change in a new one",
					mig.number, mig.name, r.at.Format(time.RFC3339), r.checksum, mig.checksum, ErrChanged)
			}
			if r.target != string(m.target.Kind) {
				return fmt.Errorf("migration %04d_%s was applied for a %s, and this is for a %s: %w",
					mig.number, mig.name, r.target, m.target.Kind, ErrChanged)
			}
		}
	}
	return nil
}
