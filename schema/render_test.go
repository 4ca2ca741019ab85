package schema_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The single node's script is golden as a whole, each other kind's by the lines that differ from it.
func TestRenderGolden(t *testing.T) {
	t.Parallel()
	script := func(kind schema.Kind) string {
		statements, err := schema.Render(schema.Target{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		return schema.Script(statements)
	}
	single := script(schema.Single)
	golden(t, "single.sql", single)
	for _, kind := range []schema.Kind{schema.Cloud, schema.Cluster} {
		golden(t, string(kind)+".diff", lineDiff(single, script(kind)))
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; with -update it is rewritten (-want +got):\n%s", path, diff)
	}
}

// lineDiff returns what makes b of a: the lines to remove and to add, and how many lines stay before
// them, so that no other text has the same diff.
func lineDiff(a, b string) string {
	from, to := strings.Split(a, "\n"), strings.Split(b, "\n")
	// common[i][j] is how many lines from[i:] and to[j:] have in common, in order.
	common := make([][]int, len(from)+1)
	common[len(from)] = make([]int, len(to)+1)
	for i := len(from) - 1; i >= 0; i-- {
		common[i] = make([]int, len(to)+1)
		for j := len(to) - 1; j >= 0; j-- {
			if from[i] == to[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out strings.Builder
	same := 0
	write := func(sign, line string) {
		if same > 0 {
			fmt.Fprintf(&out, "@@ alike: %d @@\n", same)
			same = 0
		}
		fmt.Fprintln(&out, sign+line)
	}
	for i, j := 0, 0; i < len(from) || j < len(to); {
		switch {
		case i < len(from) && j < len(to) && from[i] == to[j]:
			i, j, same = i+1, j+1, same+1
		case j == len(to) || i < len(from) && common[i+1][j] >= common[i][j+1]:
			write("-", from[i])
			i++
		default:
			write("+", to[j])
			j++
		}
	}
	return out.String()
}

// repeatable matches the beginning of a statement that does nothing the second time.
var repeatable = regexp.MustCompile(`^(CREATE [A-Z ]*IF NOT EXISTS |CREATE OR REPLACE (VIEW|DICTIONARY) |DROP VIEW IF EXISTS |INSERT INTO polo\.account_states\s|ALTER TABLE \S+( ON CLUSTER \S+)?\s+(MODIFY COMMENT|MODIFY QUERY|COMMENT COLUMN|ADD COLUMN IF NOT EXISTS|DELETE WHERE|MODIFY SETTING|ADD (PROJECTION|INDEX) IF NOT EXISTS|MATERIALIZE (PROJECTION|INDEX))\s)`)

// Only the single node runs here; the SQL of the others must at least parse, and be safe to run
// twice.
func TestRenderedStatements(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, kind := range []schema.Kind{schema.Single, schema.Cloud, schema.Cluster} {
		statements, err := schema.Render(schema.Target{Kind: kind, DictionaryUser: `o'brien\`, DictionaryPassword: "p'w"})
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range statements {
			sql := withoutComments(st.SQL)
			if a := s.query(t, s.Users.Migrator, "EXPLAIN AST "+sql, ""); a.code != http.StatusOK {
				t.Errorf("%s, migration %d, statement %d: %s", kind, st.Migration, st.Number, a.body)
			}
			if !repeatable.MatchString(sql) {
				t.Errorf("%s, migration %d, statement %d would fail the second time:\n%s", kind, st.Migration, st.Number, sql)
			}
			first, _, _ := strings.Cut(sql, "\n")
			// Rows are distributed to shards by the table that they go to.
			if got, want := strings.Contains(sql, "ON CLUSTER '{cluster}'"), kind == schema.Cluster && !strings.HasPrefix(sql, "INSERT"); got != want {
				t.Errorf("%s: ON CLUSTER is %t in: %s", kind, got, first)
			}
			if got, want := strings.Contains(sql, "Replicated"), kind == schema.Cluster && strings.Contains(sql, "MergeTree"); got != want {
				t.Errorf("%s: Replicated is %t in: %s", kind, got, first)
			}
		}
	}
}

// A block written by a view carries the token of its insert. In a table shared by all shards, the
// second shard's block would count as a repetition of the first's. So each shard has its own tables
// for views to fill.
func TestViewsFillTablesOfTheirShard(t *testing.T) {
	t.Parallel()
	statements, err := schema.Render(schema.Target{Kind: schema.Cluster})
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?s)^CREATE TABLE IF NOT EXISTS (polo\.\w+).*\nENGINE = (\w+)\('([^']*)'`)
	view := regexp.MustCompile(`(?s)^CREATE MATERIALIZED VIEW IF NOT EXISTS (polo\.\w+).*? TO (polo\.\w+)`)
	dropped := regexp.MustCompile(`^DROP VIEW IF EXISTS (polo\.\w+)`)
	paths, fills, refreshed := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, s := range statements {
		sql := withoutComments(s.SQL)
		if m := table.FindStringSubmatch(sql); m != nil {
			paths[m[1]] = m[2] + " " + m[3]
		}
		if m := view.FindStringSubmatch(sql); m != nil {
			fills[m[1]] = m[2]
			refreshed[m[1]] = strings.Contains(sql, " REFRESH ")
		}
		if m := dropped.FindStringSubmatch(sql); m != nil {
			delete(fills, m[1])
		}
	}
	if len(fills) < 4 || len(paths) < 8 {
		t.Fatalf("only views %v and tables %v are found", fills, paths)
	}
	for v, target := range fills {
		// What a server asks of all shards goes to a table that every shard holds whole.
		path := paths[target]
		reached := strings.Contains(path, "/{shard}/") || refreshed[v] && strings.Contains(path, "/all/")
		if !strings.HasPrefix(path, "Replicated") || !reached {
			t.Errorf("%s fills %s, which is %q and not each shard's own", v, target, path)
		}
	}
}

func withoutComments(sql string) string {
	var b strings.Builder
	for line := range strings.Lines(sql) {
		if !strings.HasPrefix(line, "--") {
			b.WriteString(line)
		}
	}
	return strings.TrimSpace(b.String())
}

func TestParseKind(t *testing.T) {
	t.Parallel()
	for _, kind := range []schema.Kind{schema.Single, schema.Cloud, schema.Cluster} {
		if got, err := schema.ParseKind(string(kind)); got != kind || err != nil {
			t.Errorf("ParseKind(%q) = %q, %v", kind, got, err)
		}
	}
	if _, err := schema.ParseKind("both"); err == nil {
		t.Error("an unknown kind is accepted")
	}
	if _, err := schema.Render(schema.Target{}); err == nil {
		t.Error("a target without a kind is rendered")
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "\n\n", nil},
		{"only comments", "-- nothing;\n", nil},
		{"two, and the end without a semicolon", "SELECT 1;\n\nSELECT\n2\n", []string{"SELECT 1", "SELECT\n2"}},
		{"comments stay", "-- what;\n\nSELECT 1;\n", []string{"-- what;\n\nSELECT 1"}},
		{"a semicolon inside a line", "SELECT ';', 1;\n", []string{"SELECT ';', 1"}},
	} {
		if diff := cmp.Diff(c.want, schema.Split(c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// The comments explain the database to people who have only that.
func TestEveryTableIsDescribed(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	for what, query := range map[string]string{
		"tables":  "SELECT name FROM system.tables WHERE database = 'polo' AND comment = ''",
		"columns": "SELECT name FROM system.columns WHERE database = 'polo' AND table = 'resource_events' AND comment = ''",
	} {
		if mute := s.lines(t, s.Users.Reader, query); mute != nil {
			t.Errorf("%s without a comment: %v", what, mute)
		}
	}
	// docs/TABLES.md names what SHOW TABLES shows.
	page, err := os.ReadFile(filepath.Join("..", "docs", "TABLES.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range s.lines(t, s.Users.Reader, "SHOW TABLES") {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/TABLES.md lacks %s", name)
		}
	}
}
