package main

// inputMutants break what polo ingest promises of files: each is read for what it is, or
// named.
func inputMutants() []mutant {
	const cloudtrail = "./producers/cloudtrail"
	return []mutant{
		{
			name: "insight-needs-names", breaks: "a record must have what its category has, and no more",
			file: "producers/cloudtrail/category.go",
			old:  "\tcase r.isInsight():\n\t\tr.settleInsight()\n",
			new:  "",
			pkg:  cloudtrail, tests: []string{"TestCategories"},
		},
		{
			name: "outer-brackets-forgotten", breaks: "brackets are matched at any depth",
			file: "producers/cloudtrail/scan.go",
			old:  "\t\t\t\tkinds, outer = outer[len(outer)-1], outer[:len(outer)-1]\n",
			new:  "\t\t\t\touter = outer[:len(outer)-1]\n",
			pkg:  cloudtrail, tests: []string{"TestDeepRecords"},
		},
		{
			name: "times-before-records", breaks: "a time before a record in its line is no damage",
			file: "producers/cloudtrail/split.go",
			old:  "\t\t\tif !s.timed() {\n",
			new:  "\t\t\tif true {\n",
			pkg:  cloudtrail, tests: []string{"TestTimedLines"},
		},
		{
			name: "control-messages-are-letters", breaks: "a control message is neither a record nor a failure",
			file: "producers/cloudtrail/worker.go",
			old:  "\tcase p.control:\n\t\tw.ignored++\n\t\treturn nil\n",
			new:  "",
			pkg:  cloudtrail, tests: []string{"TestControlMessages"},
		},
	}
}
