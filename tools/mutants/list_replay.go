package main

// replayMutants break the recovery of a replay that was killed.
func replayMutants() []mutant {
	const test = "TestReplayIsKilled"
	return []mutant{
		{
			name: "letter-deleted-before-sent", breaks: "a letter is deleted when all of it is sent",
			file: "dlq-replay/replay/run.go",
			old:  "\tselect {\n\tcase jobs <- job{",
			new: `	if err := r.Reader.Delete(ctx, []string{l.ID()}); err != nil {
		return err
	}
	select {
	case jobs <- job{`,
			pkg: dlqReplay, tests: []string{test},
		},
		{
			name: "intent-not-noted", breaks: "what may have been sent is reported as in doubt",
			file: "dlq-replay/replay/ship.go",
			old:  "\tif err := journal.Intend(ids); err != nil {\n",
			new:  "\tif err := ctx.Err(); err != nil && len(ids) > 0 {\n",
			pkg:  dlqReplay, tests: []string{test},
		},
		{
			name: "journal-not-taken-up", breaks: "an interrupted run's journal is resumed",
			file: "dlq-replay/replay/journal.go",
			old:  "map[Progress][]string{Intended: e.Intended, Sent: e.Sent, Deleted: e.Deleted}",
			new:  "map[Progress][]string{Deleted: e.Deleted}",
			pkg:  dlqReplay, tests: []string{test},
		},
		{
			name: "held-letters-not-awaited", breaks: "letters that a killed run held are waited for",
			file: "dlq-replay/replay/run.go",
			old:  "until = time.Now().Add(max(r.Patient, r.Reader.hold+10*time.Second))",
			new:  "until = time.Now()",
			pkg:  dlqReplay, tests: []string{test},
		},
		{
			name: "sent-noted-as-deleted", breaks: "a letter that is sent and not deleted is deleted by the next run",
			file: "dlq-replay/replay/ship.go",
			old:  "\treturn r.delete(ctx, ids)\n",
			new:  "\treturn r.journal().Deleted(ids)\n",
			pkg:  faults, tests: []string{"TestReplayIsKilledAndLands"},
		},
		{
			name: "older-word-counts-as-landed", breaks: "a statement does not count as landed by an older one of its fact",
			file: "dlq-replay/replay/verify.go",
			old:  "!ok || version < s.Version",
			new:  "!ok",
			pkg:  faults, tests: []string{"TestVerifyNamesWhatHasNotLanded"},
		},
	}
}
