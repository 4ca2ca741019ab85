package main

// boundMutants break the bounds of memory and the number of letters.
func boundMutants() []mutant {
	return []mutant{
		{
			name: "bodies-stay-in-memory", breaks: "the local queue holds no bodies that its store has",
			new: "if false {",
			pkg: localSQS, tests: []string{"TestBodiesAreNotHeldInMemory"}, says: "the server took",
		},
		{
			name: "file-is-looked-through", breaks: "a store that was closed is opened without reading all of it",
			new: "",
			pkg: localSQS, tests: []string{"TestBodiesAreNotHeldInMemory"}, says: "to start with a full queue",
		},
		{
			name: "letter-for-each-bad-event", breaks: "a message of many bad events is one letter, kept whole",
			old: "e.count > maxBad || ", new: "",
			pkg: unit, tests: []string{"TestManyBadEventsAreOneLetter"}, says: "letters, want 1",
		},
		{
			name: "batch-of-bad-events-floods", breaks: "a batch full of bad events takes few letters",
			old: "few > maxBadOfBatch && bad.count > 1", new: "false",
			pkg: unit, tests: []string{"TestManyMessagesOfBadEventsAreALetterEach"},
		},
		{
			name: "refused-rows-sought-for-ever", breaks: "a message of many refused events is given up without an insert for each",
			old: "p.giveUp(block, err)", new: "block",
			pkg: unit, tests: []string{"TestManyRefusedEventsAreNotInsertedOneByOne"}, says: "inserts",
		},
		{
			name: "large-bad-pack-cut", breaks: "a largest message of bad events is kept whole",
			old: " || r == queue.ReasonManyBadEvents", new: "",
			pkg: unit, tests: []string{"TestManyBadEventsOfALargestMessageAreKept"},
		},
		{
			name: "letters-one-call-after-the-other", breaks: "letters are sent several calls at once",
			new: "letterSenders = 1",
			pkg: unit, tests: []string{"TestLettersAreSentConcurrently"}, says: "1 calls at once",
		},
		{
			name: "copies-counted", breaks: "a failure that is there twice counts once",
			new: "if false {",
			pkg: dlqReplay, tests: []string{"TestListCountsCopiesOnce"},
		},
		{
			name: "letter-for-each-bad-record", breaks: "a file of many bad records is one letter",
			old: "len(r.kept) > maxRejects || ", new: "",
			pkg: producersUnit, tests: []string{"TestManyRejectsAreOneLetter"}, says: "of the first",
		},
		{
			name: "rejects-by-chance", breaks: "a file's letters do not depend on the order of its failures",
			new: "if false {",
			pkg: producersUnit, tests: []string{"TestRejectsDoNotDependOnTheirOrder"}, says: "in another order",
		},
		{
			name: "letters-double", breaks: "ingesting a broken folder again adds no letter",
			new: "if false {",
			pkg: localPolo, tests: []string{"TestBrokenFolderIngestedAgain"}, says: "letters after the second time",
		},
		{
			name: "letter-in-hand-counts", breaks: "a letter in flight stands for no other",
			old: " || other.state == stateInFlight", new: "",
			pkg: localSQS, tests: []string{"TestDeduplicate"},
		},
		{
			name: "part-of-a-letter-stands-for-it", breaks: "a letter that says something new is kept",
			new: "q.keys[key] = m.seq",
			pkg: localSQS, tests: []string{"TestDeduplicateBySeveralKeys"},
		},
		{
			name: "summary-of-another-day", breaks: "the letter of a file is the same the second time",
			old: "f.Content()", new: "f.Body",
			pkg: localPolo, tests: []string{"TestInvalidEventsIngestedAgain"},
		},
		{
			name: "letters-by-their-message", breaks: "events that are bad again, in other messages, add no letter",
			new: "case false:",
			pkg: localPolo, tests: []string{"TestRefusedEventsIngestedAgain"},
		},
		{
			name: "letter-of-another-day", breaks: "an event that is rejected on another day is the same failure",
			old: "unobserved(f.Body)", new: "f.Body",
			pkg: producersUnit, tests: []string{"TestInvalidEventsAreRejectedAtTheirPlace"}, says: "another on another day",
		},
		{
			name: "reasons-do-not-add-up", breaks: "a letter that stands for many failures counts as many",
			old: "f.Represents", new: "map[Reason]int{f.Reason: 1}",
			pkg: localPolo, tests: []string{"TestBrokenFolderIngestedAgain"},
		},
		{
			name: "window-grows-by-reads", breaks: "a text without end is read in linear time",
			old: "max(2*before, before+1)", new: "before+1",
			pkg: "./producers/cloudtrail", tests: []string{"TestWindowDoubles"}, says: "bytes after",
		},
		{
			name: "footer-unlooked-at", breaks: "nothing is allocated for what a Parquet file's footer claims",
			old: "c.structs > c.limit", new: "false",
			pkg: "./producers/cur", tests: []string{"TestFooterSizeIsChecked"},
		},
		{
			name: "pages-unbounded", breaks: "a Parquet file's pages take no more memory than there is",
			old: "all > limit", new: "false",
			pkg: "./producers/cur", tests: []string{"TestParquetSizesAreChecked"}, says: "and not for all",
		},
		{
			name: "page-unpacks-to-more", breaks: "a page that decompresses to more than it states is refused",
			old: "size+1", new: "size",
			pkg: "./producers/cur", tests: []string{"TestParquetPageOfAnotherSize"}, says: "that says 999999",
		},
		{
			name: "memory-unlimited", breaks: "polo ingest takes no more memory than --memory says",
			new: "",
			pkg: integration, tests: []string{"TestHostileInputIsBounded"}, says: "it takes",
		},
	}
}
