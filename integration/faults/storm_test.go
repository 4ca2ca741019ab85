package faults_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"polo/envelope"
)

// Every statement is delivered one to five times, in different messages, in random order.
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

// Two producers with clocks hours apart state the same facts, and their messages arrive in
// any order: the later observed_at wins.
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
		// Never the same time as another statement's, which are whole seconds.
		e.ObservedAt = e.ObservedAt.Add(time.Duration(random.IntN(7)-3)*time.Hour + time.Duration(1+i%999)*time.Millisecond)
		e.State = "skewed"
		skewed[i] = e.AppendJSON(nil)
	}
	all := slices.Concat(lines, skewed)
	var contents []map[string]string
	for _, statements := range [][][]byte{latest(t, all), all, all} {
		r := newRig(t)
		c := r.startConsumer(t)
		r.send(t, packsOf(t, random, statements, 80)...)
		r.awaitEmpty(t)
		c.stop(t)
		contents = append(contents, r.content(t))
	}
	for _, got := range contents[1:] {
		if diff := cmp.Diff(contents[0], got); diff != "" {
			t.Errorf("the tables differ from those of the latest statements alone (-latest +got):\n%s", diff)
		}
	}
}

// Two statements of one fact have the same observed_at: whichever arrives first, the same
// one stays.
func TestTies(t *testing.T) {
	t.Parallel()
	lines := workloadOf(500, 13)
	others := make([][]byte, len(lines))
	for i, line := range lines {
		e, err := envelope.DecodeEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		e.State = "other"
		others[i] = e.AppendJSON(nil)
	}
	var contents []map[string]string
	for _, order := range [][2][][]byte{{lines, others}, {others, lines}} {
		r := newRig(t)
		c := r.startConsumer(t)
		for _, statements := range order {
			r.send(t, packsOf(t, seedOf(t), statements, 80)...)
			r.awaitEmpty(t)
		}
		c.stop(t)
		contents = append(contents, r.content(t))
	}
	if diff := cmp.Diff(contents[0], contents[1]); diff != "" {
		t.Errorf("the tables differ by what came first (-one order +the other):\n%s", diff)
	}
}

// latest returns of each fact the statement observed last. Two with the same observed_at
// fail the test, because it cannot know which should win.
func latest(t *testing.T, lines [][]byte) [][]byte {
	t.Helper()
	last := map[uuid.UUID]envelope.ResourceEvent{}
	for _, line := range lines {
		e, err := envelope.DecodeEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		before, stated := last[e.EventID]
		if stated && e.ObservedAt.Equal(before.ObservedAt) && !bytes.Equal(line, before.AppendJSON(nil)) {
			t.Fatalf("two statements on %s at one time", e.EventID)
		}
		if !stated || e.ObservedAt.After(before.ObservedAt) {
			last[e.EventID] = e
		}
	}
	var out [][]byte
	for _, e := range last {
		out = append(out, e.AppendJSON(nil))
	}
	return out
}
