package faults_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
)

// Every statement comes one to five times, in other company each time, and all of
// it in any order.
func TestDuplicateStorm(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	var lines [][]byte
	for _, line := range workload() {
		for range 1 + random.IntN(5) {
			lines = append(lines, line)
		}
	}
	r.send(t, packsOf(t, random, lines, 120)...)
	c := r.startConsumer(t)
	r.awaitEmpty(t)
	c.stop(t)
	r.wantUndisturbed(t)
}

// Two producers tell of the same facts, their clocks hours apart, and their
// messages come in any order: what was observed later, by what they say, wins.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	lines := workloadOf(3000, 11)
	skewed := make([][]byte, len(lines))
	for i, line := range lines {
		e, err := envelope.DecodeEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		e.ObservedAt = e.ObservedAt.Add(time.Duration(random.IntN(7)-3) * time.Hour)
		e.State = "skewed"
		skewed[i] = e.AppendJSON(nil)
	}
	all := slices.Concat(lines, skewed)
	var contents []map[string]string
	for range 2 {
		r := newRig(t)
		c := r.startConsumer(t)
		r.send(t, packsOf(t, random, all, 80)...)
		r.awaitEmpty(t)
		c.stop(t)
		contents = append(contents, r.content(t))
	}
	if diff := cmp.Diff(contents[0], contents[1]); diff != "" {
		t.Errorf("two orders of arrival differ (-one +other):\n%s", diff)
	}
}
