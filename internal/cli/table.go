package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"polo/internal/plain"
)

// Table prints rows in columns for a person. On a terminal, it cuts long cells with an ellipsis to
// fit the width. Elsewhere it cuts nothing.
type Table struct {
	s      *Streams
	header []string
	rows   [][]string
	// numbers are the columns aligned right, kept those that are never cut.
	numbers, kept []int
}

// NewTable starts a table on s.Stdout.
func NewTable(s *Streams, header ...string) *Table { return &Table{s: s, header: header} }

// Numbers aligns columns right; the first is 0.
func (t *Table) Numbers(columns ...int) { t.numbers = columns }

// Keep never cuts these columns, because their cells are copied.
func (t *Table) Keep(columns ...int) { t.kept = columns }

// Row adds a row with a cell for each column of the header.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Flush prints the table. Without rows, it says so below the header.
func (t *Table) Flush() error {
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	w.Style().Format.Header = text.FormatDefault
	lines := append([][]string{t.header}, t.rows...)
	for i, line := range lines {
		lines[i] = make([]string, len(line))
		for j, cell := range line {
			lines[i][j] = plain.Text(cell)
		}
	}
	hidden := 0
	if t.s.Width > 0 {
		hidden = fit(lines, t.s.Width, t.kept)
	}
	for i, line := range lines {
		row := make(table.Row, len(line))
		for j, cell := range line {
			row[j] = cell
		}
		if i == 0 {
			w.AppendHeader(row)
		} else {
			w.AppendRow(row)
		}
	}
	var columns []table.ColumnConfig
	for _, n := range t.numbers {
		columns = append(columns, table.ColumnConfig{Number: n + 1, Align: text.AlignRight})
	}
	w.SetColumnConfigs(columns)
	out := w.Render() + "\n"
	if len(t.rows) == 0 {
		out += "0 rows\n"
	}
	if hidden > 0 {
		out += fmt.Sprintf("%d more columns do not fit this terminal\n", hidden)
	}
	_, err := fmt.Fprint(t.s.Stdout, out)
	return err
}

// leastCell is the least width of a cell before columns are left out.
const leastCell = 5

// fit cuts the widest cells until a table of these lines fits width columns of characters. It
// returns how many of the table's columns it leaves out.
func fit(lines [][]string, width int, kept []int) (hidden int) {
	n := len(lines[0])
	widths := make([]int, n)
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], text.LongestLineLen(cell))
		}
	}
	// A column has a border and two spaces beside its cells, and the table has one border more.
	total := func(most int) int {
		sum := 1
		for i, w := range widths[:n] {
			if !slices.Contains(kept, i) {
				w = min(w, most)
			}
			sum += w + 3
		}
		return sum
	}
	for n > 1 && total(leastCell) > width {
		n--
	}
	hidden = len(widths) - n
	most := slices.Max(widths)
	for most > 1 && total(most) > width {
		most--
	}
	for i, line := range lines {
		lines[i] = line[:n]
		for j, cell := range lines[i] {
			if !slices.Contains(kept, j) {
				lines[i][j] = Clip(cell, most)
			}
		}
	}
	return hidden
}

// Clip cuts a text to at most that many columns; a cut text is on one line.
func Clip(s string, columns int) string {
	if text.LongestLineLen(s) <= columns {
		return s
	}
	return text.Snip(strings.ReplaceAll(s, "\n", " "), columns, "…")
}

// Several returns the only value, or the first and how many more; "" if there is none.
func Several(values []string) string {
	switch len(values) {
	case 0:
		return ""
	case 1:
		return values[0]
	}
	return fmt.Sprintf("%s +%d", values[0], len(values)-1)
}
