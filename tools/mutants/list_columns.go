package main

// columnMutants break what becomes of a bill's columns.
func columnMutants() []mutant {
	const cur = "./producers/cur"
	return []mutant{
		{
			name: "unknown-columns-dropped", breaks: "a column that is not known is a property, and named",
			file: "producers/cur/layout.go",
			old:  "\tl.unknown = append(l.unknown, unknownColumn{slot: slot})\n\treturn l.add(name, formText)\n",
			new:  "\treturn -1\n",
			pkg:  cur, tests: []string{"TestUnknownColumns/every_spelling", "TestUnknownColumnsAreCounted"},
		},
		{
			name: "unknown-column-moves-a-line", breaks: "a column that is not known means nothing to the tables",
			file: "producers/cur/unknown.go",
			old:  "\t\tif reserved[key] {\n",
			new:  "\t\tif key == \"\" {\n",
			pkg:  cur, tests: []string{"TestUnknownColumns/what_a_line_says_by_itself"},
		},
		{
			name: "account-tags-name-customers", breaks: "the tags of an account say nothing of whose a resource is",
			file: "producers/cur/tags.go",
			old:  "\t\t\tto, key = &s.account, rest\n",
			new:  "\t\t\tkey = rest\n",
			pkg:  cur, tests: []string{"TestTagsOfOneMap/CUR_2.0", "TestTagsOfOneMap/FOCUS"},
		},
		{
			name: "all-bills-are-AWS", breaks: "a line has the source of the provider that bills it",
			file: "producers/cur/service.go",
			old:  "\treturn platform + \".cost\"\n",
			new:  "\treturn Source\n",
			pkg:  cur, tests: []string{"TestProviders/Azure", "TestProvidersOfOnePayer"},
		},
		{
			name: "completion-of-another-source", breaks: "a bill's completion has the source of its lines",
			file: "producers/tell.go",
			old:  "\tif c.source != \"\" {\n",
			new:  "\tif false {\n",
			pkg:  cur, tests: []string{"TestProviders/Google"},
		},
	}
}
