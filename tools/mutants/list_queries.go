package main

// queryMutants break the named queries: what they refuse, and that their totals agree.
func queryMutants() []mutant {
	return []mutant{
		{
			name: "dates-wrap", breaks: "a day that does not exist is refused",
			file: "schema/queries/moment.go",
			old:  "if at, err := time.Parse(layout, text); err == nil {",
			new:  "if at, err := time.Parse(layout, text); err == nil || typ == typeDate {",
			pkg:  localQueries, tests: []string{"TestBind"},
		},
		{
			name: "bounds-are-advice", breaks: "a number out of its bounds is refused",
			file: "schema/queries/value.go",
			old:  "case d.LessThan(p.bounds.least) || d.GreaterThan(p.bounds.most):",
			new:  "case false:",
			pkg:  localQueries, tests: []string{"TestBind"},
		},
		{
			name: "values-are-not-escaped", breaks: "a value reaches ClickHouse as it is",
			file: "schema/queries/bind.go",
			old:  "strings.NewReplacer(`\\`, `\\\\`, ",
			new:  "strings.NewReplacer(",
			pkg:  localQueries, tests: []string{"TestValuesArrive"},
		},
		{
			name: "rows-are-cut-silently", breaks: "an answer says that it lacks rows",
			file: "schema/queries/run.go",
			old:  "out.Truncated = true",
			new:  "out.Truncated = false",
			pkg:  localQueries, tests: []string{"TestEveryQuery"}, says: "truncated false",
		},
		{
			name: "the-others-are-left-out", breaks: "costs by a dimension add up to all costs",
			file: "schema/queries/cost_by_dimension.sql",
			old:  "\nGROUP BY value, kind, currency",
			new:  "\nWHERE place <= {{top}}\nGROUP BY value, kind, currency",
			pkg:  localQueries, tests: []string{"TestTotalsAgree"}, says: "cost_by_dimension",
		},
		{
			name: "the-untagged-are-everything", breaks: "costs by a tag add up to all costs",
			file: "schema/queries/cost_by_tag.sql",
			old:  "toInt8(-1)",
			new:  "toInt8(0)",
			pkg:  localQueries, tests: []string{"TestTotalsAgree"}, says: "cost_by_tag",
		},
	}
}
