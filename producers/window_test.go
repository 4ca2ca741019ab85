package producers_test

import (
	"testing"
	"time"

	"polo/producers"
)

func TestRunWindow(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	berlin := time.FixedZone("CEST", 2*60*60)
	tests := map[string]struct {
		scheduled        time.Time
		period, lookback time.Duration
		from, to         time.Time
		bad              bool
	}{
		"no lookback":     {scheduled: noon, period: time.Hour, from: noon.Add(-time.Hour), to: noon},
		"lookback":        {scheduled: noon, period: time.Hour, lookback: 15 * time.Minute, from: noon.Add(-75 * time.Minute), to: noon},
		"another zone":    {scheduled: noon.In(berlin), period: time.Hour, from: noon.Add(-time.Hour), to: noon},
		"no time":         {period: time.Hour, bad: true},
		"no period":       {scheduled: noon, bad: true},
		"negative":        {scheduled: noon, period: -time.Hour, bad: true},
		"lookback ahead":  {scheduled: noon, period: time.Hour, lookback: -time.Second, bad: true},
		"longer lookback": {scheduled: noon, period: time.Minute, lookback: 48 * time.Hour, from: noon.Add(-48*time.Hour - time.Minute), to: noon},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := producers.RunWindow(tt.scheduled, tt.period, tt.lookback)
			if (err != nil) != tt.bad {
				t.Fatalf("error %v", err)
			}
			if w.From != tt.from || w.To != tt.to {
				t.Errorf("got %v to %v, want %v to %v", w.From, w.To, tt.from, tt.to)
			}
		})
	}
}

func TestWindowsLeaveNoGap(t *testing.T) {
	t.Parallel()
	const period = 15 * time.Minute
	at := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)
	before, err := producers.RunWindow(at, period, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		at = at.Add(period)
		w, err := producers.RunWindow(at, period, 0)
		if err != nil {
			t.Fatal(err)
		}
		if w.From != before.To || before.Contains(w.From) || !w.Contains(w.From) || w.Contains(w.To) {
			t.Errorf("%v follows %v", w, before)
		}
		before = w
	}
}
