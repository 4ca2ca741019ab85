package schema_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"polo/schema"
)

// filesWith returns the files of New, with one edited.
func filesWith(t *testing.T, name, was, is string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(schema.Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(schema.Files(), path)
		out[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := string(out[name].Data)
	if !strings.Contains(text, was) {
		t.Fatalf("%s has no %q", name, was)
	}
	out[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, was, is))}
	return out
}

// ups applies the files and returns the titles of those applied.
func ups(t *testing.T, m *schema.Migrator) []string {
	t.Helper()
	applied, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range applied {
		out = append(out, s.Title())
	}
	return out
}

func TestViewsAreAppliedWhenTheyChange(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	conn := s.connect(t)
	now := schema.New(conn, s.target())
	for _, c := range []struct{ name, was, is, read, before, after string }{
		{"accounts_dict", "MIN 60 MAX 120", "MIN 60 MAX 180", "SELECT extract(create_table_query, 'MAX ([0-9]+)') FROM system.tables WHERE name = 'accounts_dict'", "120", "180"},
		{"scan_scopes", "COMMENT 'One row", "COMMENT 'A row", "SELECT substring(comment, 1, 5) FROM system.tables WHERE name = 'scan_scopes'", "One r", "A row"},
		{"scans_mv", "startsWith(event_type, 'scan.')", "event_type LIKE 'scan.%'", "SELECT countSubstrings(as_select, 'LIKE') FROM system.tables WHERE name = 'scans_mv'", "0", "1"},
	} {
		path := "views/" + c.name + ".sql"
		edited := schema.NewFrom(conn, s.target(), filesWith(t, path, c.was, c.is))
		status, err := edited.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range status {
			if got, want := state.Done(), state.Title() != "view "+c.name; got != want || state.Changed {
				t.Errorf("an edited %s: %+v", c.name, state)
			}
		}
		for _, step := range []struct {
			m    *schema.Migrator
			want string
		}{{edited, c.after}, {now, c.before}} {
			if got := ups(t, step.m); !slices.Equal(got, []string{"view " + c.name}) {
				t.Errorf("an edited %s: Up applies %v", c.name, got)
			}
			if got := s.must(t, s.Users.Migrator, c.read); got != step.want {
				t.Errorf("an edited %s: %s is %s, want %s", c.name, c.read, got, step.want)
			}
			if got := ups(t, step.m); got != nil {
				t.Errorf("an edited %s: another Up applies %v", c.name, got)
			}
		}
	}
}

func TestViewsChangedByHandAreRepaired(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	m := schema.New(s.connect(t), s.target())
	changes := map[string]string{
		"scan_scopes":   "CREATE OR REPLACE VIEW scan_scopes AS SELECT 1 AS one",
		"accounts_dict": "DROP DICTIONARY accounts_dict",
	}
	filling := s.lines(t, s.Users.Migrator, "SELECT name FROM system.tables WHERE database = 'polo' AND engine = 'MaterializedView'")
	if len(filling) < 9 {
		t.Errorf("only %v fill tables", filling)
	}
	for _, name := range filling {
		changes[name] = "ALTER TABLE " + name + " MODIFY QUERY SELECT 1 AS version"
	}
	for name, sql := range changes {
		s.must(t, s.Users.Migrator, sql)
		if err := m.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "polo."+name+":") {
			t.Errorf("%s: Check says %v", name, err)
		}
		if got := ups(t, m); !slices.Equal(got, []string{"view " + name}) {
			t.Errorf("%s: Up applies %v", name, got)
		}
		if err := m.Check(t.Context()); err != nil {
			t.Errorf("%s after Up: %v", name, err)
		}
	}
}

// An upgrade does not need the account of the dictionaries unless they change.
func TestDictionariesKeepTheirAccount(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t)
	if _, err := schema.NewFrom(conn, s.target(), superseded(t, 13)).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.Users.Migrator, "INSERT INTO customer_metadata (customer, tier) VALUES ('c', 'gold')")
	statements, err := schema.Render(s.target())
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range statements { // the one that has changed since
		if strings.Contains(st.SQL, "DICTIONARY polo.accounts_dict") {
			s.must(t, s.Users.Migrator, st.SQL)
		}
	}
	anonymous := schema.Target{Kind: schema.Single}
	if got := ups(t, schema.New(conn, anonymous)); !slices.Contains(got, "view customers_dict") {
		t.Errorf("Up records %v", got)
	}
	s.must(t, s.Users.Migrator, "SYSTEM RELOAD DICTIONARY customers_dict")
	if got := s.must(t, s.Users.Reader, "SELECT dictGet('polo.customers_dict', 'tier', 'c')"); got != "gold" {
		t.Errorf("the tier is %q", got)
	}
	edited := filesWith(t, "views/customers_dict.sql", "MIN 60 MAX 120", "MIN 60 MAX 180")
	if _, err := schema.NewFrom(conn, anonymous, edited).Up(t.Context()); err == nil || !strings.Contains(err.Error(), "account") {
		t.Errorf("a changed dictionary without its account: %v", err)
	}
	if got := ups(t, schema.NewFrom(conn, s.target(), edited)); !slices.Equal(got, []string{"view customers_dict"}) {
		t.Errorf("Up applies %v", got)
	}
}

func TestViewFilesCreateTheirName(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	_, err := schema.NewFrom(s.connect(t), s.target(), filesWith(t, "views/scan_scopes.sql", "polo.scan_scopes{{on_cluster}}", "polo.scopes{{on_cluster}}")).Up(t.Context())
	if err == nil || !strings.Contains(err.Error(), "view scan_scopes") {
		t.Errorf("error %v does not name the file", err)
	}
}
