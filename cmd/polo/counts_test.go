package main

import (
	"testing"

	"polo/consumer"
	"polo/internal/queue"
	"polo/producers"
)

// The counts of published events add up, even if another process drains or the run is interrupted.
func TestCountsAddUp(t *testing.T) {
	t.Parallel()
	before, after := stored{events: 10, runs: 1, letters: 1}, stored{events: 41, runs: 2, letters: 3}
	for _, c := range []struct {
		interrupted                   bool
		inserted, duplicates, waiting int64
	}{{false, 30, 69, 0}, {true, 30, 0, 69}} {
		s := newIngestSummary()
		s.Interrupted, s.Published, s.letters, s.runs = c.interrupted, 100, 1, 1
		s.known, s.Files, s.Skipped = 9, 3, 2
		if err := s.countOutcome(&target{}, before, after); err != nil {
			t.Fatal(err)
		}
		if s.Inserted != c.inserted || s.Duplicates != c.duplicates || s.Waiting != c.waiting || s.Failed != 1 || s.Reasons[string(reasonElsewhere)] != 1 {
			t.Errorf("%+v", s)
		}
		if want := map[bool]int{true: 4}[c.interrupted]; s.NotReached != want {
			t.Errorf("%d files are not reached, want %d", s.NotReached, want)
		}
		if sum := s.Inserted + s.Duplicates + s.Waiting + s.Failed; sum != s.Published {
			t.Errorf("%d of %d published", sum, s.Published)
		}
	}
}

// After several interrupts, what waits includes what earlier runs left.
func TestWaitingAfterSeveralInterrupts(t *testing.T) {
	t.Parallel()
	s := newIngestSummary()
	s.Interrupted, s.Published = true, 100
	if err := s.countOutcome(&target{drain: consumer.NewDrain(nil, consumer.DrainConfig{})}, stored{waiting: 40}, stored{}); err != nil {
		t.Fatal(err)
	}
	if s.Waiting != 140 || s.WaitingBefore != 40 {
		t.Errorf("%d wait, %d of them from before; want 140 and 40", s.Waiting, s.WaitingBefore)
	}
}

// Events that were made but not acknowledged are unsent; events about a run come from no record.
func TestUnsent(t *testing.T) {
	t.Parallel()
	s, made := newIngestSummary(), &counting{}
	made.events.Store(20)
	made.rejects.Store(3)
	made.runs.Store(1)
	s.sent(producers.Stats{Published: 12, Failed: 2, Messages: 4, Reasons: map[queue.Reason]int64{"r": 5}}, made, false)
	if s.Published != 12 || s.Unsent != 9 || s.Failed != 5 || s.letters != 2 || s.runs != 0 {
		t.Errorf("cut short: %+v", s)
	}
	s = newIngestSummary()
	s.sent(producers.Stats{Published: 20, Failed: 3}, made, true)
	if s.Published != 19 || s.Unsent != 0 || s.runs != 1 {
		t.Errorf("whole: %+v", s)
	}
}
