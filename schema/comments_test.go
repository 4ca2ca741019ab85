package schema_test

import (
	"strings"
	"testing"
)

// Every column that people query has a comment. Dictionaries are left out, because ClickHouse has no
// comments for their attributes.
func TestColumnsHaveComments(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	for _, column := range s.lines(t, s.Users.Migrator, `SELECT concat(table, '.', name) FROM system.columns
WHERE database = 'polo' AND comment = '' AND table IN
    (SELECT name FROM system.tables WHERE database = 'polo' AND engine != 'Dictionary' AND NOT startsWith(comment, 'Internal'))`) {
		t.Errorf("%s has no comment: add it to the view's columns in schema/views, or to a new migration for a table", column)
	}
}

// A view's columns are those of its query: ClickHouse would leave out a column that the view does not
// declare, and convert one of another type.
func TestViewsDeclareTheirColumns(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	views := s.lines(t, s.Users.Migrator, "SELECT name FROM system.tables WHERE database = 'polo' AND engine = 'View'")
	if len(views) < 10 {
		t.Fatalf("views %v", views)
	}
	for _, view := range views {
		query := s.must(t, s.Users.Migrator, "SELECT as_select FROM system.tables WHERE database = 'polo' AND name = '"+view+"' FORMAT TSVRaw")
		columns := func(of string) string {
			var out strings.Builder
			for line := range strings.Lines(s.must(t, s.Users.Migrator, "DESCRIBE "+of)) {
				fields := strings.SplitN(strings.TrimSpace(line), "\t", 3)
				out.WriteString(fields[0] + " " + fields[1] + "\n")
			}
			return out.String()
		}
		if declared, selected := columns("TABLE polo."+view), columns("("+query+")"); declared != selected {
			t.Errorf("%s declares\n%s\nand selects\n%s", view, declared, selected)
		}
	}
}
