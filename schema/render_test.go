package schema_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestRenderGolden(t *testing.T) {
	t.Parallel()
	for _, kind := range []schema.Kind{schema.Single, schema.Cloud, schema.Cluster} {
		statements, err := schema.Render(schema.Target{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		got := schema.Script(statements)
		path := filepath.Join("testdata", string(kind)+".sql")
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
}

// Only the single node can run here; the others must at least be ClickHouse's
// SQL, and safe to run twice.
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
			if !strings.Contains(sql, "IF NOT EXISTS") {
				t.Errorf("%s, migration %d, statement %d would fail the second time:\n%s", kind, st.Migration, st.Number, sql)
			}
			first, _, _ := strings.Cut(sql, "\n")
			if got, want := strings.Contains(sql, "ON CLUSTER '{cluster}'"), kind == schema.Cluster; got != want {
				t.Errorf("%s: ON CLUSTER is %t in: %s", kind, got, first)
			}
			if got, want := strings.Contains(sql, "Replicated"), kind == schema.Cluster && strings.Contains(sql, "MergeTree"); got != want {
				t.Errorf("%s: Replicated is %t in: %s", kind, got, first)
			}
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
