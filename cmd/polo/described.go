package main

import (
	"fmt"
	"strings"

	"polo/schema/queries"
)

// describeParams lists parameters, with what values they take.
func describeParams(b *strings.Builder, params []queries.Param) {
	for _, p := range params {
		fmt.Fprintf(b, "  %s %s\n      %s\n      %s\n", p.Name, p.Type, p.Text, p.Bounds())
	}
}

// describeColumns lists columns with their units, and their types where typed.
func describeColumns(b *strings.Builder, columns []queries.Column, typed bool) {
	for _, c := range columns {
		b.WriteString("  " + c.Name)
		if typed {
			b.WriteString(" " + c.Type)
		}
		b.WriteString("\n      " + c.Text)
		if c.Unit != "" {
			b.WriteString(" [" + c.Unit + "]")
		}
		b.WriteString("\n")
	}
}
