package main

// boundMutants break what bounds memory and letters.
func boundMutants() []mutant {
	return []mutant{
		{
			name: "bodies-stay-in-memory", breaks: "the local queue holds no bodies that its store has",
			file: "local/sqs/receive.go",
			old:  "\t\tif o.message != nil {\n",
			new:  "\t\tif false {\n",
			pkg:  localSQS, tests: []string{"TestBodiesAreNotHeldInMemory"}, says: "the server took",
		},
		{
			name: "file-is-looked-through", breaks: "a store that was closed is opened without reading all of it",
			file: "local/sqs/store.go",
			old:  "\ts.leaveFreelist()\n",
			new:  "",
			pkg:  localSQS, tests: []string{"TestBodiesAreNotHeldInMemory"}, says: "to start with a full queue",
		},
		{
			name: "letter-for-each-bad-event", breaks: "a message of many bad events is one letter, kept whole",
			file: "consumer/badevents.go",
			old:  "e.count > maxBad || ",
			new:  "",
			pkg:  unit, tests: []string{"TestManyBadEventsAreOneLetter"}, says: "letters, want 1",
		},
		{
			name: "batch-of-bad-events-floods", breaks: "a batch full of bad events is settled with few letters",
			file: "consumer/badevents.go",
			old:  "few > maxBadOfBatch && bad.count > 1",
			new:  "false",
			pkg:  unit, tests: []string{"TestManyMessagesOfBadEventsAreALetterEach"},
		},
		{
			name: "refused-rows-sought-for-ever", breaks: "a message of many refused events is given up without an insert for each",
			file: "consumer/batch.go",
			old:  "b.giveUp(items, err)",
			new:  "items",
			pkg:  unit, tests: []string{"TestManyRefusedEventsAreNotSoughtOneByOne"}, says: "inserts",
		},
		{
			name: "large-bad-pack-cut", breaks: "a largest message of bad events is kept whole",
			file: "consumer/batch.go",
			old:  " || r == queue.ReasonManyBadEvents",
			new:  "",
			pkg:  unit, tests: []string{"TestManyBadEventsOfALargestMessageAreKept"},
		},
		{
			name: "letters-one-call-after-the-other", breaks: "letters are sent several calls at once",
			file: "consumer/badevents.go",
			old:  "letterSenders = 8",
			new:  "letterSenders = 1",
			pkg:  unit, tests: []string{"TestLettersAreSentSeveralAtOnce"}, says: "1 calls at once",
		},
		{
			name: "copies-counted", breaks: "a failure that is there twice counts once",
			file: "dlq-replay/list.go",
			old:  "\t\tif seen[key] {\n",
			new:  "\t\tif false {\n",
			pkg:  dlqReplay, tests: []string{"TestListCountsAFailureOnceAndACauseOnce"},
		},
		{
			name: "letter-for-each-bad-record", breaks: "a file of many bad records is one letter",
			file: "producers/filerejects.go",
			old:  "len(r.kept) > maxRejects || ",
			new:  "",
			pkg:  producersUnit, tests: []string{"TestManyRejectsAreOneLetter"}, says: "letters, want 1",
		},
		{
			name: "rejects-by-chance", breaks: "what is told of a file's rejects does not depend on their order",
			file: "producers/filerejects.go",
			old:  "	if r.limited && at.compare(r.limit) >= 0 {\n		return\n	}\n",
			new:  "",
			pkg:  producersUnit, tests: []string{"TestRejectsDoNotDependOnTheirOrder"}, says: "in another order",
		},
		{
			name: "letters-double", breaks: "ingesting a broken folder again adds no letter",
			file: "local/sqs/send.go",
			old:  "if q.waits(m) {",
			new:  "if false {",
			pkg:  localPolo, tests: []string{"TestBrokenFolderIngestedAgain"}, says: "letters after the second time",
		},
		{
			name: "letter-in-hand-counts", breaks: "a letter that somebody may delete stands for no other",
			file: "local/sqs/same.go",
			old:  " && other.state != stateInFlight",
			new:  "",
			pkg:  localSQS, tests: []string{"TestKeepOne"},
		},
		{
			name: "letter-of-another-day", breaks: "an event that is rejected on another day is the same failure",
			file: "internal/queue/key.go",
			old:  "		body = unobserved(body)\n",
			new:  "",
			pkg:  producersUnit, tests: []string{"TestInvalidEventsAreRejectedAtTheirPlace"}, says: "another on another day",
		},
		{
			name: "reasons-do-not-add-up", breaks: "a letter that stands for many failures counts as many",
			file: "internal/queue/failure.go",
			old:  "	for reason, n := range f.Stands {\n",
			new:  "	for reason, n := range map[Reason]int{f.Reason: 1} {\n",
			pkg:  localPolo, tests: []string{"TestBrokenFolderIngestedAgain"},
		},
	}
}
