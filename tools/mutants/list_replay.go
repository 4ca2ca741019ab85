package main

// replayMutants break the recovery of a replay that was killed.
func replayMutants() []mutant {
	const test = "TestReplayIsKilled"
	return []mutant{
		{
			name: "letter-deleted-before-sent", breaks: "a letter is deleted when all of it is sent",
			new: "_ = r.Reader.Delete(ctx, []string{l.ID()}); select {",
			pkg: dlqReplay, tests: []string{test},
		},
		{
			name: "intent-not-noted", breaks: "what may have been sent is reported as in doubt",
			old: "journal.Intend(ids); err != nil", new: "ctx.Err(); err != nil && len(ids) > 0",
			pkg: dlqReplay, tests: []string{test},
		},
		{
			name: "journal-not-taken-up", breaks: "an interrupted run's journal is resumed",
			old: "Intended: e.Intended, Sent: e.Sent, ", new: "",
			pkg: dlqReplay, tests: []string{test},
		},
		{
			name: "held-letters-not-awaited", breaks: "letters that a killed run held are waited for",
			new: "until = time.Now()",
			pkg: dlqReplay, tests: []string{test},
		},
		{
			name: "sent-noted-as-deleted", breaks: "a letter that is sent and not deleted is deleted by the next run",
			old: "r.delete(ctx, ids)", new: "r.journal().Deleted(ids)",
			pkg: faults, tests: []string{"TestReplayIsKilledAndLands"},
		},
		{
			name: "older-word-counts-as-landed", breaks: "a statement does not count as landed by an older one of its fact",
			old: "version < s.Version", new: "version == 0",
			pkg: faults, tests: []string{"TestVerifyNamesWhatHasNotLanded"},
		},
	}
}
