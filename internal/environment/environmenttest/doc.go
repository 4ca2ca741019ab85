// Package environmenttest holds docs/CONFIG.md to the structs that programs read
// their environment into.
package environmenttest

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/internal/environment"
)

// Document compares the section of a document that is headed "## title" with the
// variables of a struct, or writes it where update says so. What the section says
// before its table is kept.
func Document(t *testing.T, path, title string, of any, update bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, section, found := strings.Cut(string(text), "## "+title+"\n")
	if !found {
		t.Fatalf("%s has no section %q", path, title)
	}
	section, after, more := strings.Cut(section, "\n## ")
	if more {
		after = "\n## " + after
	}
	prose, table, _ := strings.Cut(section, "| variable")
	want := environment.Markdown(environment.Variables(of))
	got := strings.TrimRight("| variable"+table, "\n") + "\n"
	if update {
		if err := os.WriteFile(path, []byte(before+"## "+title+"\n"+prose+want+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("section %q of %s differs; with -update it is rewritten (-want +got):\n%s", title, path, diff)
	}
}
