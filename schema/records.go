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

// records is what schema_migrations holds.
type records struct {
	of map[key][]record
	// views has the latest record of each view.
	views map[string]record
	// target is one that something was recorded for; empty for none.
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
	case superseded[r.checksum] != "":
	case k.migration > 0:
		rs.of[k] = append(rs.of[k], r)
	case r.at.After(rs.views[name].at):
		rs.views[name] = r
	}
}

// record notes that statement n of mig has run. It goes in at once, whatever
// the account's settings: a record that is lost costs nothing, but one that is
// late would make Status lie. Its time is given, or ClickHouse would drop the
// record of a view that goes back to an earlier text: the same row, inserted twice.
func (m *Migrator) record(ctx context.Context, mig migration, n int) error {
	err := m.conn.Exec(ctx, fmt.Sprintf(
		"INSERT INTO polo.schema_migrations (migration, statement, name, checksum, target, applied_at) SETTINGS async_insert = 0 VALUES (%d, %d, %s, %s, %s, now64(3, 'UTC'))",
		mig.number, n, quote(mig.name), quote(mig.checksum), quote(string(m.target.Kind))))
	if err != nil {
		return fmt.Errorf("recording statement %d of %s: %w", n, mig.title(), err)
	}
	return nil
}

// check refuses a migration of which another text was applied.
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

// checkAll refuses migrations of which another text was applied, or of which any was for
// another kind of ClickHouse.
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
