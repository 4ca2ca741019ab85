package main

import (
	"fmt"
	"io"
	"strings"

	"polo/schema/queries"
)

// queryNames are the names of all queries.
func queryNames() []string {
	var out []string
	for _, q := range queries.All() {
		out = append(out, q.Name)
	}
	return out
}

// listQueries prints the queries by group.
func listQueries(out io.Writer) error {
	var b strings.Builder
	group := ""
	for _, q := range queries.All() {
		if q.Group != group {
			if group != "" {
				b.WriteString("\n")
			}
			group = q.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		fmt.Fprintf(&b, "  %-26s %s\n", q.Name, q.Title)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// explainQuery describes a query.
func explainQuery(q queries.Query) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n\nPARAMETERS\n\n", q.Name, q.Title, q.Text)
	describeParams(&b, q.Params)
	b.WriteString("\nCOLUMNS\n\n")
	describeColumns(&b, q.Columns, true)
	fmt.Fprintf(&b, "\nAn answer may be kept for %d s.\n\nSQL\n\n%s\n", int(q.Cache.Seconds()), q.Script())
	return b.String()
}
