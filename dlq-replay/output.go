package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

func printJSON(e *env, v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// outcome is what a command that changes the queue prints as JSON.
type outcome struct {
	Action  string `json:"action"`
	Letters int    `json:"letters"`
	// Failed counts letters that could not be corrected, or put back.
	Failed int `json:"failed,omitempty"`
	// Skipped counts letters that were corrected before, LeftOver those whose correction
	// was there, PassedOver about those that others hold.
	Skipped    int `json:"skipped,omitempty"`
	LeftOver   int `json:"left_over,omitempty"`
	PassedOver int `json:"passed_over,omitempty"`
	// Before counts letters that an interrupted import had put back.
	Before  int    `json:"before,omitempty"`
	Applied bool   `json:"applied"`
	Backup  string `json:"backup,omitempty"`
	// Changes are the first of an edit; Failures the ids that it cannot correct, by why.
	Changes  []changeView        `json:"changes,omitempty"`
	Failures map[string][]string `json:"failures,omitempty"`
}

// changeView is a letter before and after an edit.
type changeView struct {
	ID     string            `json:"id"`
	Before []json.RawMessage `json:"before"`
	After  []json.RawMessage `json:"after"`
	// Redacted are the places where secrets are taken out.
	Redacted []string `json:"redacted,omitempty"`
}

// failures counts ids that are sorted by why they failed.
func failures(failed map[string][]string) int {
	n := 0
	for _, ids := range failed {
		n += len(ids)
	}
	return n
}

// byLength are the whys, those of the most ids first.
func byLength(failed map[string][]string) []string {
	return slices.SortedFunc(maps.Keys(failed), func(a, b string) int {
		return cmp.Or(len(failed[b])-len(failed[a]), cmp.Compare(a, b))
	})
}

// say tells an outcome, as JSON or as the text for a person.
func (e *env) say(o outcome, format string, args ...any) error {
	if e.cli.JSON {
		return printJSON(e, o)
	}
	_, err := fmt.Fprintf(e.stdout, format, args...)
	return err
}

// grid is a table for people.
type grid struct {
	w   io.Writer
	out table.Writer
}

func newTable(w io.Writer, head ...string) *grid {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatLower
	row := make(table.Row, len(head))
	for i, h := range head {
		row[i] = h
	}
	t.AppendHeader(row)
	return &grid{w: w, out: t}
}

func (g *grid) row(cells ...string) {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	g.out.AppendRow(row)
}

func (g *grid) flush() error {
	_, err := fmt.Fprintln(g.w, g.out.Render())
	return err
}
