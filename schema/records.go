package schema

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// key identifies a statement of a migration, or its file if statement is 0.
type key struct{ migration, statement int }

// record is a row of schema_migrations.
type record struct {
	checksum, target string
	at               time.Time
}

// records is the content of schema_migrations.
type records struct {
	of map[key][]record
	// views has the latest record of each view.
	views map[string]record
	// target is one that a record was made for; empty if there is none.
	target string
}

// records reads schema_migrations.
func (m *Migrator) records(ctx context.Context) (_ records, err error) {
	rows, err := m.conn.Query(ctx,
		"SELECT migration, statement, name, checksum, target, max(applied_at) FROM polo.schema_migrations GROUP BY ALL ORDER BY ALL")
	if err != nil {
		return records{}, fmt.Errorf("reading schema_migrations: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out := records{of: map[key][]record{}, views: map[string]record{}}
	for rows.Next() {
		var migration, statement uint32
		var name string
		var r record
		if err := rows.Scan(&migration, &statement, &name, &r.checksum, &r.target, &r.at); err != nil {
			return records{}, fmt.Errorf("reading schema_migrations: %w", err)
		}
		out.add(key{int(migration), int(statement)}, name, r)
	}
	if err := rows.Err(); err != nil {
		return records{}, fmt.Errorf("reading schema_migrations: %w", err)
	}
	return out, nil
}

func (rs *records) add(k key, name string, r record) {
	if rs.target == "" || r.target < rs.target {
		rs.target = r.target
	}
	switch {
	case superseded[r.checksum] != "": //mutant:old-installations-refused
	case k.migration > 0:
		rs.of[k] = append(rs.of[k], r)
	case r.at.After(rs.views[name].at):
		rs.views[name] = r
	}
}

// record records that statement n of mig has run. It inserts synchronously, whatever the account's
// settings: losing a record costs nothing, but a late one would make Status wrong. The time is
// explicit: for a view that returns to an earlier text, ClickHouse would otherwise drop the record
// as a duplicate insert.
func (m *Migrator) record(ctx context.Context, mig migration, n int) error {
	err := m.conn.Exec(ctx, fmt.Sprintf(
		"INSERT INTO polo.schema_migrations (migration, statement, name, checksum, target, applied_at) SETTINGS async_insert = 0 VALUES (%d, %d, %s, %s, %s, now64(3, 'UTC'))", //mutant:records-deduplicated
		mig.number, n, quote(mig.name), quote(mig.checksum), quote(string(m.target.Kind))))
	if err != nil {
		return fmt.Errorf("recording statement %d of %s: %w", n, mig.title(), err)
	}
	return nil
}

// check refuses a migration that was applied with another text.
func (rs records) check(mig migration) error {
	for n := range len(mig.sql) + 1 {
		for _, r := range rs.of[key{mig.number, n}] {
			if r.checksum != mig.checksum {
				return fmt.Errorf("%s (applied %s with checksum %.12s, now %.12s): %w: restore the file and make the change in a new one",
					mig.title(), r.at.Format(time.RFC3339), r.checksum, mig.checksum, ErrChanged)
			}
		}
	}
	return nil
}

// checkAll refuses migrations that were applied with another text, or for another kind of
// ClickHouse.
func (rs records) checkAll(migrations []migration, kind Kind) error {
	for _, mig := range migrations {
		if err := rs.check(mig); err != nil {
			return err
		}
	}
	if rs.target != "" && rs.target != string(kind) {
		return fmt.Errorf("the schema was applied for a %s, and this is for a %s: %w", rs.target, kind, ErrChanged)
	}
	return nil
}

// checkLatest refuses records of migrations after the last one of these.
func (rs records) checkLatest(migrations []migration) error {
	latest := 0
	for _, mig := range migrations {
		latest = max(latest, mig.number)
	}
	for k := range rs.of {
		if k.migration > latest {
			return fmt.Errorf("migration %04d was applied, and this program knows none after %04d: %w", k.migration, latest, ErrNewer)
		}
	}
	return nil
}
