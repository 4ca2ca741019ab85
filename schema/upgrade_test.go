package schema_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/schema"
)

// superseded returns the first n migrations from before views had their own files.
func superseded(t *testing.T, n int) fstest.MapFS {
	t.Helper()
	z, err := zip.OpenReader("testdata/superseded.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	names, err := fs.Glob(z, "migrations/*.sql")
	if err != nil || len(names) < n {
		t.Fatalf("%d superseded migrations: %v", len(names), err)
	}
	out := fstest.MapFS{}
	for _, name := range names[:n] {
		text, err := fs.ReadFile(z, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	return out
}

func TestSupersededMigrationsAreKnown(t *testing.T) {
	t.Parallel()
	files := superseded(t, 13)
	if len(schema.Superseded()) != len(files) {
		t.Errorf("%d are known of %d", len(schema.Superseded()), len(files))
	}
	for name, file := range files {
		sum := sha256.Sum256(file.Data)
		if got := schema.Superseded()[hex.EncodeToString(sum[:])]; got != path.Base(name) {
			t.Errorf("the checksum of %s is known as that of %q", name, got)
		}
	}
}

// workload returns events of every family for the nth day, repeated and restated.
func workload(n int) []row {
	at, seen := day(n, 1), day(n, 2)
	gone := event("1", "resource.deleted", "gone", at)
	return []row{
		event("1", "resource.snapshot", "x", at), scan("1", at), gone, gone,
		gone.with("observed_at", day(n, 3), "arn", "other"),
		line("1", "x", at, seen, "1.5"), line("1", "x", at, seen, "1.5"),
		event("1", "account.described", "", at).with("resource_name", "one"),
		event("2", "account.described", "", at).with("resource_name", "two", "account_role", "staging"),
		event("1", "scan.incomplete", "", day(n, 4)).with("state", "throttled"),
	}
}

// contents returns the rows of the tables and views, without the fields that older tables had no
// columns for.
func (s store) contents(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, table := range []string{"resource_events", "resource_states", "scans", "cost_lines", "account_states"} {
		out = append(out, s.lines(t, s.Users.Reader, "SELECT '"+table+"', ts, event_id, version FROM "+table)...)
	}
	for _, name := range []string{
		"resources_current", "cost_rollup_daily", "accounts", "resource_snapshots", "resource_scans", "resource_ancestry", "bill_deliveries",
		"account_metadata", "accounts_dict",
	} {
		out = append(out, s.lines(t, s.Users.Reader, "SELECT '"+name+"', * FROM "+name)...)
	}
	return out
}

// stopping is a connection that fails the first Exec of a statement with a given text, and all
// after it.
type stopping struct {
	driver.Conn
	at      string
	stopped bool
}

func (c *stopping) Exec(ctx context.Context, query string, args ...any) error {
	if c.stopped = c.stopped || strings.Contains(query, c.at); c.stopped {
		return errBroken
	}
	return c.Conn.Exec(ctx, query, args...)
}

// From every state of the superseded migrations, completed or interrupted, the upgrade ends with
// the shape and rows of a new installation. Each row is there once, including those inserted
// meanwhile.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	const role = "INSERT INTO account_metadata (account_id, role, observed_at) VALUES ('2', 'production', '2026-02-01')"
	fresh := migrated(t)
	for n := 1; n <= 12; n++ {
		fresh.insert(t, workload(n)...)
	}
	fresh.must(t, fresh.Users.Migrator, role)
	shape, want := fresh.shape(t), fresh.contents(t)
	for _, c := range []struct {
		name  string
		files int    // of the superseded ones
		stop  string // the statement before which the old run was interrupted
		up    func(t *testing.T, s store)
	}{
		{"the first version", 8, "", once},
		{"broken off amid new columns", 11, "ALTER TABLE polo.scans_mv MODIFY QUERY", sideBySide},
		{"before accounts moved", 12, "", interrupted},
		{"broken off amid the move", 13, "FROM polo.account_metadata\nWHERE source", sideBySide},
		{"the last version", 13, "", interrupted},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			conn := s.connect(t)
			var wantErr error
			if c.stop != "" {
				conn, wantErr = &stopping{Conn: conn, at: c.stop}, errBroken
			}
			if _, err := schema.NewFrom(conn, s.target(), superseded(t, c.files)).Up(t.Context()); !errors.Is(err, wantErr) {
				t.Fatal(err)
			}
			s.insert(t, workload(1)...)
			s.must(t, s.Users.Migrator, role)
			var meanwhile sync.WaitGroup
			meanwhile.Go(func() {
				for n := 2; n <= 12; n++ {
					if a := s.tryInsert(t, workload(n)); a.code != http.StatusOK {
						t.Errorf("inserting: status %d: %s", a.code, a.body)
					}
				}
			})
			c.up(t, s)
			meanwhile.Wait()
			s.must(t, s.Users.Migrator, "SYSTEM RELOAD DICTIONARY accounts_dict")
			if diff := difference(shape, s.shape(t)); diff != "" {
				t.Errorf("not the shape of a new installation (-new +upgraded):\n%s", diff)
			}
			if diff := difference(want, s.contents(t)); diff != "" {
				t.Errorf("not the rows of a new installation (-new +upgraded):\n%s", diff)
			}
			if err := schema.Check(t.Context(), s.connect(t), s.target()); err != nil {
				t.Error(err)
			}
			if applied, err := schema.New(s.connect(t), s.target()).Up(t.Context()); err != nil || len(applied) != 0 {
				t.Errorf("another Up applies %v, %v; want nothing", applied, err)
			}
		})
	}
}

func once(t *testing.T, s store) {
	t.Helper()
	if _, err := schema.New(s.connect(t), s.target()).Up(t.Context()); err != nil {
		t.Error(err)
	}
}

// sideBySide runs four migrators at once.
func sideBySide(t *testing.T, s store) {
	t.Helper()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { once(t, s) })
	}
	wg.Wait()
}

// interrupted interrupts run after run, each a little later.
func interrupted(t *testing.T, s store) {
	t.Helper()
	for n := 1; ; n++ {
		_, err := schema.New(&breaking{Conn: s.connect(t), n: n, late: true}, s.target()).Up(t.Context())
		if err == nil {
			return
		}
		if !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
	}
}
