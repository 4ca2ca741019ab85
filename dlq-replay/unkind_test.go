package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"polo/internal/cli"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// A queue that redelivers deleted letters stops nothing.
func TestQueueRedeliversDeletedLetters(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{Faults: sqsserver.Faults{Seed: 1, Duplicate: 0.5}})
	const letters = 300
	for i := range letters {
		b.fail(t, failure(queue.ReasonInvalidEvent, event(i)))
	}
	dir := t.TempDir()
	if out, code := b.run(t, "edit", "--reason", "invalid_event", "--expr", `.region = "x"`, "--apply"); code != 0 {
		t.Errorf("edit, exit code %d: %s", code, out)
	}
	out, code := b.run(t, "--json", "replay", "--all", "--apply", "--journal", filepath.Join(dir, "j"), "--slow-start", "0s")
	if code != 0 || !strings.Contains(out, fmt.Sprintf(`"sent": %d`, letters)) {
		t.Errorf("replay, exit code %d: %s", code, out)
	}
	for _, args := range [][]string{{"list"}, {"peek"}, {"export", "--out", filepath.Join(dir, "out")}} {
		if out, code := b.run(t, args...); code != 0 {
			t.Errorf("%v, exit code %d: %s", args, code, out)
		}
	}
	if stats, err := b.dlq.Stats(t.Context()); err != nil || !stats.Empty() {
		t.Errorf("%+v is left: %v", stats, err)
	}
}

// noise is text that does not compress.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(' ' + random.IntN(95))
	}
	return string(b)
}

// A letter that fits no message of the main queue stays, and the others are sent.
func TestLetterThatFitsNoMessageStays(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, queue.Failure{Reason: queue.ReasonMalformedPack, Err: "e", Unit: queue.UnitPack, Body: []byte(strings.Repeat("x", 1<<20+1)), LastSeen: at})
	b.fail(t, queue.Failure{Reason: queue.ReasonMalformedPack, Err: "e", Unit: queue.UnitPack, Body: []byte("\x00 is no text"), LastSeen: at})
	b.fail(t, queue.Failure{Reason: queue.ReasonMalformedPack, Err: "e", Unit: queue.UnitPack, Body: []byte(strings.Repeat("x", 1<<20)), LastSeen: at})
	for i := range 50 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	args := []string{"replay", "--all", "--journal", filepath.Join(t.TempDir(), "j"), "--slow-start", "0s"}
	var p plan
	b.must(t, &p, args...)
	if p.Letters != 51 || len(p.Left) != 2 {
		t.Errorf("a dry run tells %+v", p)
	}
	if out, code := b.run(t, append(args, "--apply")...); code != cli.ExitIncomplete || !strings.Contains(out, "51 letters sent") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if n := len(all(t, b.dlq)); n != 2 {
		t.Errorf("%d letters are left, want 2", n)
	}
}
