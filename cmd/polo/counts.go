package main

import (
	"fmt"
	"sync/atomic"

	"polo/envelope"
	"polo/internal/cli"
	"polo/internal/queue"
	"polo/producers"
)

// counts counts what collectors made.
type counts struct {
	// events and rejects count what was accepted from them; runs counts the events about a
	// collector's run, which come from no record.
	events, rejects, runs atomic.Int64
	tally                 *costTally
	now                   *reading
}

func (c *counts) take(events []envelope.ResourceEvent) {
	c.events.Add(int64(len(events)))
	c.now.events.Add(int64(len(events)))
	for i := range events {
		if events[i].EventType == producers.TypeRunFinished {
			c.runs.Add(1)
		}
		c.tally.take(&events[i])
	}
}

// sent adds what a publisher did with what collectors made. whole reports that it ended without an
// error.
func (s *ingestSummary) sent(stats producers.Stats, made *counting, whole bool) {
	runs := int64(0)
	if whole {
		runs = made.runs.Load()
	}
	s.runs += runs
	s.Published, s.Messages = s.Published+stats.Published-runs, s.Messages+stats.Messages
	s.fail(stats.Reasons)
	s.letters += stats.Failed
	s.Unsent += max(made.events.Load()+made.rejects.Load()-stats.Published-stats.Failed, 0)
}

// reasonElsewhere is the reason of letters that another process sent while this one published to
// its stack.
const reasonElsewhere queue.Reason = "sent_by_another_process"

// countOutcome determines what happened to published events, from what the target contained before
// and after. After an interrupt, the rest waits in the queue.
func (s *ingestSummary) countOutcome(t *target, before, after stored) error {
	runs := after.runs - before.runs
	s.WaitingBefore = before.waiting
	fresh := after.events - before.events - runs
	taken, failed := s.Published, int64(0)
	if t.drain != nil {
		// An interrupted run may have left messages: they are drained and counted here, too.
		totals := t.drain.Totals()
		taken = totals.Inserted + totals.Duplicates - min(runs, s.runs)
		s.fail(totals.Failed)
		for _, n := range totals.Failed {
			failed += n
		}
		if taken < s.Published && totals.DeadLettered == 0 && !s.Interrupted {
			return cli.Incomplete("%d events were published but only %d acknowledged, although the queue is empty", s.Published, taken)
		}
	} else {
		// The other process drains: failures there are only seen in its queue.
		failed = max(after.letters-before.letters-s.letters, 0)
		s.fail(map[queue.Reason]int64{reasonElsewhere: failed})
		taken -= failed
		if s.Interrupted {
			taken = min(taken, fresh) // events that were there before and events that wait look the same
		}
	}
	// Another command on the same stack may have inserted some of these.
	s.Inserted = max(min(fresh, taken), 0)
	s.Duplicates = max(taken-s.Inserted, 0)
	if s.Interrupted {
		s.NotReached = max(s.known-s.Files-s.Skipped, 0)
		s.Waiting = max(before.waiting+s.Published-taken-failed, 0)
	}
	return nil
}

// fail counts failures that the dead-letter queue acknowledged.
func (s *ingestSummary) fail(reasons map[queue.Reason]int64) {
	for reason, n := range reasons {
		if n > 0 {
			s.Reasons[string(reason)] += int(n)
			s.Failed, s.DLQ = s.Failed+n, s.DLQ+n
		}
	}
}

// printCounts prints the table of a summary.
func (s ingestSummary) printCounts(e *env) error {
	t := cli.NewTable(e.Streams, "", "count")
	t.Numbers(1)
	for _, r := range []struct {
		name   string
		n      int64
		always bool
	}{
		{"files read", int64(s.Files), true},
		{"files skipped", int64(s.Skipped), true},
		{"files not read to their end", int64(s.NotReached), s.Interrupted},
		{"records read", s.Read, true},
		{"events published", s.Published, true},
		{"queue messages", s.Messages, true},
		{"events new in ClickHouse", s.Inserted, true},
		{"events there already", s.Duplicates, true},
		{"events that earlier runs left in the queue", s.WaitingBefore, s.WaitingBefore > 0},
		{"events waiting in the queue", s.Waiting, s.Interrupted},
		{"events and failures not sent", s.Unsent, s.Interrupted},
		{"failures in the dead-letter queue", s.DLQ, true},
	} {
		if r.always {
			t.Row(r.name, fmt.Sprint(r.n))
		}
	}
	return t.Flush()
}
