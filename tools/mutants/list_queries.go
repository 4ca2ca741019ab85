package main

// queryMutants break the named queries: what they refuse, and that their totals agree.
func queryMutants() []mutant {
	return []mutant{
		{
			name: "dates-wrap", breaks: "a day that does not exist is refused",
			old: "err == nil", new: "err == nil || typ == typeDate",
			pkg: localQueries, tests: []string{"TestBind"},
		},
		{
			name: "bounds-are-advice", breaks: "a number out of its bounds is refused",
			new: "case false:",
			pkg: localQueries, tests: []string{"TestBind"},
		},
		{
			name: "values-are-not-escaped", breaks: "a value reaches ClickHouse as it is",
			old: "`\\`, `\\\\`, ", new: "",
			pkg: localQueries, tests: []string{"TestValuesArrive"},
		},
		{
			name: "empty-filters-stand", breaks: "a filter without a value leaves all",
			old: "len(v) == 0", new: "len(v) < 0",
			pkg: localQueries, tests: []string{"TestBindLeavesOutFilters"},
		},
		{
			name: "rows-are-cut-silently", breaks: "an answer says that it lacks rows",
			old: "true", new: "false",
			pkg: localQueries, tests: []string{"TestEveryQuery"}, says: "truncated false",
		},
		{
			name: "the-others-are-left-out", breaks: "costs by a dimension add up to all costs",
			old: "GROUP BY", new: "WHERE place <= {{top}} GROUP BY",
			pkg: localQueries, tests: []string{"TestTotalsAgree"}, says: "cost_by_dimension",
		},
		{
			name: "the-untagged-are-everything", breaks: "costs by a tag add up to all costs",
			old: "toInt8(-1)", new: "toInt8(0)",
			pkg: localQueries, tests: []string{"TestTotalsAgree"}, says: "cost_by_tag",
		},
	}
}
