package schema

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrChanged means that a migration differs from the one that was applied. Applied migrations are
// never edited; a change is a new file.
var ErrChanged = errors.New("the migration has changed since it was applied")

// ErrNewer refuses a schema that a later release has migrated: its views must not go back to
// older texts.
var ErrNewer = errors.New("the schema is newer than this program; use the release that made it, or a later one")

// Migrator brings a ClickHouse to the present schema. Any number may run at once, on one server or
// many. The next run continues an interrupted one.
type Migrator struct {
	// Wait is how long a statement may take on all servers of a cluster, in whole seconds; zero
	// means DefaultWait.
	Wait time.Duration
	// Waiting, if set, is called for a statement that takes long, with the servers of a cluster
	// that have not run it.
	Waiting func(statement string, servers []string)

	conn   driver.Conn
	target Target
	files  fs.FS
	// servers are the cluster's servers, host:port.
	servers []string
}

// New returns a Migrator. conn's account may create and read everything in the database polo, which
// need not exist yet, if conn's default database is another.
func New(conn driver.Conn, t Target) *Migrator {
	return &Migrator{conn: conn, target: t, files: sqlFiles}
}

// State is a migration or view, and how much of it has been applied.
type State struct {
	Number int // 0: a view
	Name   string
	// Statements counts its statements, Applied those that are recorded.
	Statements, Applied int
	// Changed means that an applied statement has another text now, or was for another kind of
	// ClickHouse. A changed view is applied again.
	Changed bool
	// AppliedAt is when the last of them was recorded; zero if none was.
	AppliedAt time.Time
}

// Title names it for people: "0003 scans", "view cost_hourly".
func (s State) Title() string {
	if s.Number == 0 {
		return "view " + s.Name
	}
	return fmt.Sprintf("%04d %s", s.Number, s.Name)
}

// Done reports whether all of it has been applied.
func (s State) Done() bool { return s.Applied == s.Statements && !s.Changed }

// Up applies the migrations that have not been applied and the views that have changed. It returns
// those that it completed, even with an error. For a changed migration it returns ErrChanged, for
// a schema of a later release ErrNewer, and applies nothing. It returns an *UnfinishedError if servers of a cluster do not answer, and a
// *FaultsError for a cluster whose settings break exactness.
func (m *Migrator) Up(ctx context.Context) ([]State, error) {
	migrations, err := render(m.files, m.target)
	if err != nil {
		return nil, err
	}
	if m.target.Kind == Cluster {
		if err := m.findServers(ctx); err != nil {
			return nil, err
		}
	}
	// The first file creates the table of records, so it runs before they are read. Like every
	// statement, its own do nothing the second time.
	for i, sql := range migrations[0].sql {
		if err := m.exec(ctx, migrations[0], i, sql); err != nil {
			return nil, err
		}
	}
	seen, err := m.records(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(seen.checkAll(migrations, m.target.Kind), seen.checkLatest(migrations)); err != nil {
		return nil, err
	}
	stale, err := m.stale(ctx, migrations, seen)
	if err != nil {
		return nil, err
	}
	var done []State
	for _, mig := range migrations {
		fresh, err := m.applyOne(ctx, mig, seen, stale[mig.name])
		if err != nil {
			return done, err
		}
		if fresh {
			done = append(done, State{
				Number: mig.number, Name: mig.name, Statements: len(mig.sql), Applied: len(mig.sql), AppliedAt: time.Now().UTC(),
			})
		}
	}
	return done, nil
}

// applyOne applies a migration or a view, and reports whether anything was left to do.
func (m *Migrator) applyOne(ctx context.Context, mig migration, seen records, s staleness) (bool, error) {
	if mig.number > 0 {
		return m.apply(ctx, mig, seen)
	}
	if s == current {
		return false, nil
	}
	return true, m.replace(ctx, mig, s)
}

// findServers finds the cluster's servers, and refuses a cluster whose settings break exactness.
func (m *Migrator) findServers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.wait())
	defer cancel()
	servers, faults, err := clusterOf(ctx, m.conn)
	if err != nil {
		return err
	}
	if faults != nil {
		return &FaultsError{faults}
	}
	m.servers = servers
	return nil
}

// Status reports how much of each migration and view has been applied. It changes nothing.
func (m *Migrator) Status(ctx context.Context) ([]State, error) {
	migrations, err := render(m.files, m.target)
	if err != nil {
		return nil, err
	}
	var exists uint64
	row := m.conn.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = 'polo' AND name = 'schema_migrations'")
	if err := row.Scan(&exists); err != nil {
		return nil, fmt.Errorf("looking for schema_migrations: %w", err)
	}
	var seen records
	if exists > 0 {
		if seen, err = m.records(ctx); err != nil {
			return nil, err
		}
	}
	foreign := seen.checkAll(nil, m.target.Kind) != nil
	out := make([]State, len(migrations))
	for i, mig := range migrations {
		out[i] = seen.state(mig)
		out[i].Changed = out[i].Changed || foreign
	}
	return out, nil
}

// state returns how much of mig is recorded.
func (rs records) state(mig migration) State {
	s := State{Number: mig.number, Name: mig.name, Statements: len(mig.sql)}
	if mig.number == 0 {
		if r := rs.views[mig.name]; r.checksum == mig.checksum {
			s.Applied, s.AppliedAt = s.Statements, r.at
		}
		return s
	}
	s.Changed = rs.check(mig) != nil
	for n := range mig.sql {
		if of := rs.of[key{mig.number, n + 1}]; len(of) > 0 {
			s.Applied++
			if of[0].at.After(s.AppliedAt) {
				s.AppliedAt = of[0].at
			}
		}
	}
	return s
}

// Check is Check for the Migrator's ClickHouse. Before Up has run, everything is missing.
func (m *Migrator) Check(ctx context.Context) error { return Check(ctx, m.conn, m.target) }

// apply runs the statements of mig that are not recorded, and reports whether there were any.
func (m *Migrator) apply(ctx context.Context, mig migration, seen records) (bool, error) {
	if len(seen.of[key{mig.number, 0}]) == 0 {
		if err := m.record(ctx, mig, 0); err != nil {
			return false, err
		}
		// Another runner may just have recorded another text. It is better to find out before the
		// first statement than after it.
		again, err := m.records(ctx)
		if err != nil {
			return false, err
		}
		if err := again.check(mig); err != nil {
			return false, err
		}
	}
	fresh := false
	for i, sql := range mig.sql {
		if len(seen.of[key{mig.number, i + 1}]) > 0 {
			continue
		}
		fresh = true
		if err := m.exec(ctx, mig, i, sql); err != nil {
			return fresh, err
		}
		if err := m.record(ctx, mig, i+1); err != nil {
			return fresh, err
		}
	}
	return fresh, nil
}

// final reports whether a retry is useless after an error with this ClickHouse code. Other errors
// may mean that another runner is replacing the same view, which creates and drops temporary
// tables. Every statement is safe to run twice.
func final(code int32) bool {
	const syntaxError, timeoutExceeded, unknownUser, accessDenied, authenticationFailed = 62, 159, 192, 497, 516
	return code == syntaxError || code == timeoutExceeded || code == unknownUser || code == accessDenied || code == authenticationFailed
}

// How often a statement that collided with another runner's is retried, and after how long.
const (
	collisions    = 20
	collisionWait = 100 * time.Millisecond
)

// exec runs one statement, and retries collisions.
func (m *Migrator) exec(ctx context.Context, mig migration, i int, sql string) error {
	what := fmt.Sprintf("statement %d of %s", i+1, mig.title())
	began := time.Now()
	for try := 1; ; try++ {
		err := m.run(ctx, what, sql)
		if err == nil {
			return nil
		}
		var server *clickhouse.Exception
		if try == collisions || !errors.As(err, &server) || final(server.Code) || time.Since(began) > m.wait() {
			return fmt.Errorf("applying %s: %w", what, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(collisionWait):
		}
	}
}
