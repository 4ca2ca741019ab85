package cli_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"polo/internal/cli"
)

// printed returns a table printed for a terminal of that width; 0 means no terminal.
func printed(t *testing.T, width int, fill func(*cli.Table), header ...string) string {
	t.Helper()
	var out bytes.Buffer
	s := cli.NewStreams(strings.NewReader(""), &out, &out)
	s.Width = width
	table := cli.NewTable(s, header...)
	fill(table)
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTableFitsATerminal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é longwinded ", 40)
	const id = "1c0f8b8e-52c1-4a6f-9a3e-0b8b3d2f7a11"
	rows := func(table *cli.Table) {
		table.Keep(0)
		table.Row(id, "short", long, "7", "a\x1b[31mb")
		table.Row(id, long, "two\nlines", "8", "")
	}
	header := []string{"id", "one", "two", "n", "colour"}
	for _, width := range []int{80, 100, 200} {
		out := printed(t, width, rows, header...)
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("width %d: a line of %d: %s", width, n, line)
			}
		}
		if strings.Count(out, id) != 2 || !strings.Contains(out, "…") || !strings.Contains(out, "short") {
			t.Errorf("width %d: the ids are kept and the rest is cut with an ellipsis:\n%s", width, out)
		}
	}
	if out := printed(t, 0, rows, header...); strings.Contains(out, "…") || strings.Count(out, long) != 2 {
		t.Errorf("without a terminal something is cut:\n%s", out)
	}
}

func TestTableOfTooManyColumns(t *testing.T) {
	t.Parallel()
	header := strings.Split(strings.Repeat("column ", 30), " ")[:30]
	out := printed(t, 80, func(table *cli.Table) { table.Row(header...) }, header...)
	for line := range strings.Lines(out) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("a line of %d: %s", n, line)
		}
	}
	if !strings.Contains(out, "21 more columns do not fit this terminal") {
		t.Errorf("it does not say what is left out:\n%s", out)
	}
}

func TestEmptyTable(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 80} {
		if out := printed(t, width, func(*cli.Table) {}, "letters", "reason"); !strings.Contains(out, "letters") || !strings.HasSuffix(out, "\n0 rows\n") {
			t.Errorf("a header and 0 rows are due:\n%s", out)
		}
	}
}
