package main

// inputMutants break polo ingest's guarantee for files: each is read as what it is, or
// named.
func inputMutants() []mutant {
	const (
		cloudtrail = "./producers/cloudtrail"
		recorded   = "./producers/recorded"
		files      = "./producers/tree"
		command    = "./cmd/polo"
	)
	return []mutant{
		{
			name: "insight-needs-names", breaks: "a record must have what its category has, and no more",
			file: "producers/cloudtrail/category.go",
			old:  "\tcase r.isInsight():\n\t\tr.fillFromInsight()\n",
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
		{
			name: "one-kind-ends-all", breaks: "a kind of which nothing can be read keeps nobody from the others",
			file: "cmd/polo/publish.go",
			old:  "\tif errors.Is(err, tree.ErrNoInput) {\n",
			new:  "\tif false {\n",
			pkg:  integration, tests: []string{"TestIngestSkipsStrays"},
		},
		{
			name: "interrupt-tells-nothing", breaks: "what an interrupted ingest did is told",
			file: "cmd/polo/ingest.go",
			old:  "\tif ended != nil && !sum.Interrupted {\n",
			new:  "\tif ended != nil {\n",
			pkg:  command, tests: []string{"TestInterruptedIngestAddsUp"},
		},
		{
			name: "strays-are-logs", breaks: "what is of no kind is no damaged log",
			file: "cmd/polo/sort.go",
			old:  "\treturn \"\"\n}\n\n// stray is",
			new:  "\treturn kindCloudTrail\n}\n\n// stray is",
			pkg:  command, tests: []string{"TestFilesAreSortedByKind"},
		},
		{
			name: "closed-folder-ends-all", breaks: "a folder that cannot be listed does not hide its neighbours",
			file: "producers/tree/tree.go",
			old:  "\t\tcase err != nil && p == f.root:\n",
			new:  "\t\tcase err != nil:\n",
			pkg:  files, tests: []string{"TestListOfSpecialFiles"},
		},
		{
			name: "answers-of-a-second-race", breaks: "of two responses of one second the same one always counts",
			file: "producers/recorded/when.go",
			old:  "\trank := min(numberOf(name), numbers-1)*hashes + int(sum[0])%hashes\n",
			new:  "\trank := 0 * (numbers + hashes + int(sum[0]))\n",
			pkg:  recorded, tests: []string{"TestAnswersOfOneSecond", "TestAnswersOfOneName"},
		},
		{
			name: "recordings-without-dates", breaks: "a recording's own time counts",
			file: "producers/recorded/when.go",
			old:  "\t\t\ttake(1, t, found)\n\t\tcase \"data\"",
			new:  "\t\t\ttake(1, t, found && headers)\n\t\tcase \"data\"",
			pkg:  recorded, tests: []string{"TestTimeOfARecording"},
		},
		{
			name: "lists-vanish", breaks: "a response that is a list is a failure with its reason",
			file: "producers/recorded/answers.go",
			old:  "\t\terr = errNoObject\n",
			new:  "\t\terr = nil\n",
			pkg:  recorded, tests: []string{"TestLeftOutIsNamed"},
		},
	}
}
