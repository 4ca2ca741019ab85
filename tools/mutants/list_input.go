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
			new: "case false:",
			pkg: cloudtrail, tests: []string{"TestCategories"},
		},
		{
			name: "outer-brackets-forgotten", breaks: "brackets are matched at any depth",
			new: "outer = outer[:len(outer)-1]",
			pkg: cloudtrail, tests: []string{"TestDeepRecords"},
		},
		{
			name: "times-before-records", breaks: "a time before a record in its line is no damage",
			old: "!s.timed()", new: "true",
			pkg: cloudtrail, tests: []string{"TestTimedLines"},
		},
		{
			name: "control-messages-are-letters", breaks: "a control message is neither a record nor a failure",
			new: "case false:",
			pkg: cloudtrail, tests: []string{"TestControlMessages"},
		},
		{
			name: "one-kind-ends-all", breaks: "a kind of which nothing can be read keeps nobody from the others",
			new: "if false {",
			pkg: integration, tests: []string{"TestIngestSkipsStrays"},
		},
		{
			name: "interrupt-tells-nothing", breaks: "what an interrupted ingest did is told",
			old: " && !sum.Interrupted", new: "",
			pkg: command, tests: []string{"TestInterruptedIngestAddsUp"},
		},
		{
			name: "strays-are-logs", breaks: "what is of no kind is no damaged log",
			new: "return kindCloudTrail",
			pkg: command, tests: []string{"TestFilesAreSortedByKind"},
		},
		{
			name: "closed-folder-ends-all", breaks: "a folder that cannot be listed does not hide its neighbours",
			old: " && p == f.root", new: "",
			pkg: files, tests: []string{"TestListOfSpecialFiles"},
		},
		{
			name: "answers-of-a-second-race", breaks: "of two responses of one second the same one always counts",
			new: "rank := 0 * (numbers + hashes + int(sum[0]))",
			pkg: recorded, tests: []string{"TestAnswersOfOneSecond", "TestAnswersOfOneName"},
		},
		{
			name: "recorded-lists-complete", breaks: "a recorded list completes a scan only if it is whole and understood",
			new: "case p.broken && !p.complete:",
			pkg: recorded, tests: []string{"TestRecordedListsComplete"},
		},
		{
			name: "recordings-without-dates", breaks: "a recording's own time counts",
			old: "found", new: "found && headers",
			pkg: recorded, tests: []string{"TestTimeOfARecording"},
		},
		{
			name: "lists-vanish", breaks: "a response that is a list is a failure with its reason",
			new: "err = nil",
			pkg: recorded, tests: []string{"TestLeftOutIsNamed"},
		},
	}
}
