package schema_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/schema"
)

// shape returns every object of the store with its definition.
func (s store) shape(t *testing.T) []string {
	t.Helper()
	lines := s.lines(t, s.Users.Migrator,
		"SELECT name, create_table_query FROM system.tables WHERE database = 'polo' AND NOT startsWith(name, '.')")
	for i := range lines {
		// Each engine has its own password.
		lines[i] = strings.ReplaceAll(lines[i], s.Users.Reader.Password, "")
	}
	return lines
}

func TestUp(t *testing.T) {
	t.Parallel()
	s := start(t)
	m := schema.New(s.connect(t), s.target())
	before, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(before, schema.State.Done) {
		t.Errorf("migrations are done before any ran: %+v", before)
	}
	applied, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(applied) != len(before) {
		t.Errorf("%d migrations applied of %d", len(applied), len(before))
	}
	want := s.shape(t)
	if applied, err = m.Up(t.Context()); err != nil || len(applied) != 0 {
		t.Errorf("the second Up applied %v, %v; want nothing", applied, err)
	}
	if diff := difference(want, s.shape(t)); diff != "" {
		t.Errorf("the second Up changed something (-want +got):\n%s", diff)
	}
	after, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range after {
		if !state.Done() || state.AppliedAt.IsZero() {
			t.Errorf("not done after Up: %+v", state)
		}
	}
}

func TestUpSideBySide(t *testing.T) {
	t.Parallel()
	s := start(t)
	var wg sync.WaitGroup
	for range 8 {
		m := schema.New(s.connect(t), s.target())
		wg.Go(func() {
			if _, err := m.Up(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if diff := difference(migrated(t).shape(t), s.shape(t)); diff != "" {
		t.Errorf("not what one runner alone makes (-alone +side by side):\n%s", diff)
	}
}

var errBroken = errors.New("the connection is broken")

// breaking is a connection whose nth Exec and all after it fail, before or after reaching the
// server.
type breaking struct {
	driver.Conn
	n    int
	late bool
}

func (b *breaking) Exec(ctx context.Context, query string, args ...any) error {
	b.n--
	if b.n == 0 && b.late {
		if err := b.Conn.Exec(ctx, query, args...); err != nil {
			return err
		}
	}
	if b.n <= 0 {
		return errBroken
	}
	return b.Conn.Exec(ctx, query, args...)
}

// Each run gets a statement or a record further than the one before: it breaks after the server has
// acted, but before it answered.
func TestUpContinuesAfterAFailure(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t)
	breaks, reached := 0, map[string]bool{s.progress(t): true}
	for n := 1; ; breaks++ {
		_, err := schema.New(&breaking{Conn: conn, n: n, late: true}, s.target()).Up(t.Context())
		if err == nil {
			break
		}
		if !errors.Is(err, errBroken) {
			t.Fatalf("breaking at %d: %v", n, err)
		}
		// A statement that ran without a record runs again, and a view that is made anew is dropped again: break after it.
		if now := s.progress(t); reached[now] {
			n++
		} else {
			reached[now], n = true, max(n-1, 1)
		}
		if breaks > 500 {
			t.Fatal("it gets no further")
		}
	}
	if breaks < 40 {
		t.Errorf("only %d breaks", breaks)
	}
	if diff := difference(migrated(t).shape(t), s.shape(t)); diff != "" {
		t.Errorf("not what an undisturbed run makes (-undisturbed +got):\n%s", diff)
	}
}

// progress grows with every object and every record.
func (s store) progress(t *testing.T) string {
	t.Helper()
	text := s.must(t, s.Users.Migrator, "SELECT count() FROM system.tables WHERE database = 'polo'")
	if s.must(t, s.Users.Migrator, "EXISTS TABLE schema_migrations") == "1" {
		text += " " + s.must(t, s.Users.Migrator, "SELECT count() FROM schema_migrations FINAL")
	}
	return text
}

func TestUpContinuesAfterCancellation(t *testing.T) {
	t.Parallel()
	s := start(t)
	cancelled := 0
	for wait := 2 * time.Millisecond; ; wait += 7 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		_, err := schema.New(s.connect(t), s.target()).Up(ctx)
		cancel()
		if err == nil {
			break
		}
		cancelled++
		if dead := s.Err(); dead != nil || wait > 30*time.Second {
			t.Fatalf("after %d cancellations, the last after %s: %v", cancelled, wait, errors.Join(err, dead))
		}
	}
	if cancelled < 3 {
		t.Errorf("only %d runs were cancelled", cancelled)
	}
	if diff := difference(migrated(t).shape(t), s.shape(t)); diff != "" {
		t.Errorf("not what an undisturbed run makes (-undisturbed +got):\n%s", diff)
	}
}

func TestUpEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := schema.New(s.connect(t), s.target()).Up(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// TestUpRefusesALaterSchema: an older program must not put its own views back.
func TestUpRefusesALaterSchema(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t)
	first, err := fs.ReadFile(schema.Files(), "migrations/0001_schema_migrations.sql")
	if err != nil {
		t.Fatal(err)
	}
	older := fstest.MapFS{
		"migrations/0001_schema_migrations.sql": {Data: first},
		"views/v.sql":                           {Data: []byte("CREATE OR REPLACE VIEW polo.v{{on_cluster}}\nAS SELECT 1 AS old\nCOMMENT 'x';\n")},
	}
	later := fstest.MapFS{
		"migrations/0001_schema_migrations.sql": {Data: first},
		"migrations/0002_things.sql":            {Data: []byte("CREATE TABLE IF NOT EXISTS polo.one (a UInt8) ENGINE = Memory;\n")},
		"views/v.sql":                           {Data: []byte("CREATE OR REPLACE VIEW polo.v{{on_cluster}}\nAS SELECT 1 AS later\nCOMMENT 'x';\n")},
	}
	if _, err := schema.NewFrom(conn, s.target(), later).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := schema.NewFrom(conn, s.target(), older).Up(t.Context()); !errors.Is(err, schema.ErrNewer) || !strings.Contains(err.Error(), "0002") {
		t.Errorf("error %v, want %v with the migration", err, schema.ErrNewer)
	}
	if got := s.must(t, s.Users.Migrator, "SELECT name FROM system.columns WHERE database = 'polo' AND table = 'v'"); got != "later" {
		t.Errorf("the view has the column %q", got)
	}
}

func TestUpRefusesChangedMigrations(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t)
	first, err := fs.ReadFile(schema.Files(), "migrations/0001_schema_migrations.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := func(second string) fstest.MapFS {
		return fstest.MapFS{
			"migrations/0001_schema_migrations.sql": {Data: first},
			"migrations/0002_things.sql":            {Data: []byte(second)},
		}
	}
	const one, two = "CREATE TABLE IF NOT EXISTS polo.one (a UInt8) ENGINE = Memory;\n", "CREATE TABLE IF NOT EXISTS polo.two (a UInt8) ENGINE = Memory;\n"
	up := func(text string) error {
		_, err := schema.NewFrom(conn, s.target(), files(text)).Up(t.Context())
		return err
	}
	// The second statement fails, so only part of the file is applied.
	if err := up(one + "CREATE nonsense;\n"); err == nil || !strings.Contains(err.Error(), "statement 2 of migration 0002_things") {
		t.Errorf("error %v does not name the statement", err)
	}
	if err := up(one + two); !errors.Is(err, schema.ErrChanged) || !strings.Contains(err.Error(), "0002_things") {
		t.Errorf("a file changed after it was applied in part: error %v, want %v with its name", err, schema.ErrChanged)
	}
	states, err := schema.NewFrom(conn, s.target(), files(one+two)).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := states[1]; !last.Changed || last.Done() || last.Applied != 1 {
		t.Errorf("Status says %+v, want it changed and applied in part", last)
	}
	if got := s.must(t, s.Users.Migrator, "EXISTS TABLE two"); got != "0" {
		t.Error("the changed file was applied")
	}
	other := s.target()
	other.Kind = schema.Cloud
	if _, err := schema.New(conn, other).Up(t.Context()); !errors.Is(err, schema.ErrChanged) {
		t.Errorf("another kind of ClickHouse: error %v, want %v", err, schema.ErrChanged)
	}
}
