package rules_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/schema/rules"
)

var update = flag.Bool("update", false, "rewrite the view and docs/RULES.md")

const view = "../views/rule_findings.sql"

// TestView holds the view to the rules.
func TestView(t *testing.T) {
	t.Parallel()
	golden(t, view, rules.View(rules.All()))
}

// golden holds a file to what it is made of.
func golden(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s differs; with -update it is rewritten (-want +got):\n%s", file, diff)
	}
}
