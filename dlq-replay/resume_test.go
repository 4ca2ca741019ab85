package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/cli"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// half writes a journal as a kill leaves it: the first letters sent but not deleted, the next
// intended.
func (b *broker) half(t *testing.T, path string, h replay.Header, sent, intended int) {
	t.Helper()
	var p []letterView
	b.must(t, &p, "peek", "--max", "0")
	j, err := replay.OpenJournal(path, h)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, l := range p {
		ids = append(ids, l.ID)
	}
	if err := j.Sent(ids[:sent], make([]replay.Parcel, sent)); err != nil {
		t.Fatal(err)
	}
	if err := j.Intend(ids[sent : sent+intended]); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func runHeader(typed string) replay.Header {
	return replay.Header{Run: "run-1", Started: time.Now().UTC(), DLQ: "polo-events-dlq", By: "somebody", Typed: typed}
}

// A bounded run that continues another is not finished before the letters in flight of the other
// are out of the queue. Nothing is sent twice without being reported.
func TestBoundedRunWaitsForLettersInFlight(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	const letters, hadSent, hadIntended = 40, 10, 5
	for i := range letters {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	path := filepath.Join(t.TempDir(), "journal")
	b.half(t, path, runHeader("--all"), hadSent, hadIntended)
	args := []string{"--json", "replay", "--all", "--apply", "--journal", path, "--slow-start", "0s", "--hold", "1s"}
	if out, code := b.run(t, append(args, "--max", "1")...); code != cli.ExitIncomplete || !strings.Contains(out, `"known": 10`) || !strings.Contains(out, "is not finished") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if j, err := replay.ReadJournal(path); err != nil || j.Ended() {
		t.Errorf("the journal ended: %v", err)
	}
	if out, code := b.run(t, args...); code != 0 || !strings.Contains(out, "continuing the interrupted run run-1") {
		t.Errorf("exit code %d: %s", code, out)
	}
	events, audits := sent(t, all(t, b.main))
	if len(events) != letters-hadSent || audits["dlq.replayed"] != "finished" {
		t.Errorf("%d letters had been sent and %d not; %d were sent then, audits %v", hadSent, letters-hadSent, len(events), audits)
	}
	for id, n := range events {
		if n > 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	if n := len(all(t, b.dlq)); n != 0 {
		t.Errorf("%d letters are left", n)
	}
}

// The run waits for as long as the killed one may have held letters, even if that is longer than
// its own hold.
func TestRunWaitsForTheLongestHold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	h := runHeader("--all")
	h.Hold = time.Hour
	j, err := replay.OpenJournal(path, h)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	if got := patience(&opened{hold: time.Second}, j); got < time.Hour {
		t.Errorf("it waits for %s", got)
	}
}

// begin runs a replay and interrupts it.
func (b *broker) begin(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var out bytes.Buffer
	args = append([]string{"--endpoint", b.url, "--region", "us-east-1", "replay", "--apply", "--rate", "50", "--slow-start", "0s"}, args...)
	if err := exec(ctx, args, nil, &out, &out); err == nil {
		t.Fatalf("it was not interrupted: %s", out.String())
	}
}

// An interrupted run does not continue with other letters. It is finished, or abandoned and
// published as such.
func TestRunKeepsItsFilter(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 120 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i), func(f *queue.Failure) { f.LastSeen = time.Now().Add(-time.Hour) }))
	}
	b.fail(t, failure(queue.ReasonInvalidEvent, event(1000)))
	path := filepath.Join(t.TempDir(), "j")
	b.begin(t, "--reason", "refused_event", "--since", "2d", "--until", "1s", "--journal", path)
	other := []string{"replay", "--reason", "invalid_event", "--apply", "--journal", path, "--slow-start", "0s"}
	out, code := b.run(t, other...)
	if code != cli.ExitUsage || !strings.Contains(out, "--abandon") || !strings.Contains(out, "--reason 'refused_event' --since '2d' --until '1s' --apply --journal") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if out, code := b.run(t, append(other, "--abandon")...); code != 0 || !strings.Contains(out, "is abandoned") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	events, audits := sent(t, all(t, b.main))
	left := len(all(t, b.dlq))
	if audits["dlq.replayed"] != "abandoned finished" && audits["dlq.replayed"] != "finished abandoned" {
		t.Errorf("audits %v", audits)
	}
	if len(events)+left != 121 || events[event(1000).EventID.String()] != 1 || left == 0 {
		t.Errorf("%d events were sent, %d letters are left", len(events), left)
	}
}

// "Two days ago" is relative to when the run began, so the same command continues it.
func TestRunKeepsItsTimes(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 120 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i), func(f *queue.Failure) { f.LastSeen = time.Now().Add(-time.Hour) }))
	}
	path := filepath.Join(t.TempDir(), "j")
	b.begin(t, "--since", "2d", "--journal", path)
	if out, code := b.run(t, "replay", "--since", "2d", "--apply", "--journal", path, "--slow-start", "0s"); code != 0 || !strings.Contains(out, "continuing the interrupted run") {
		t.Errorf("exit code %d: %s", code, out)
	}
	messages := all(t, b.main)
	if events, audits := sent(t, messages); len(events) != 120 || audits["dlq.replayed"] != "finished" {
		t.Errorf("%d events, audits %v", len(events), audits)
	}
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	filters := map[string]bool{}
	for _, m := range messages {
		p, err := d.Decode([]byte(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		if e := p.Lines[0].Event; e.EventType == replay.TypeReplayed {
			filters[e.Properties.Get("filter")] = true
		}
	}
	if len(filters) != 1 {
		t.Errorf("one run is told with the filters %v", filters)
	}
}

// What an abandoned run sent is deleted. What it intended is reported as in doubt when another run
// sends it.
func TestAbandonDeletesWhatWasSent(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 20 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	path := filepath.Join(t.TempDir(), "journal")
	b.half(t, path, runHeader("--reason 'invalid_event'"), 5, 3)
	out, code := b.run(t, "--json", "replay", "--all", "--abandon", "--apply", "--journal", path, "--slow-start", "0s")
	if code != 0 || !strings.Contains(out, `"sent": 15`) || !strings.Contains(out, `"in_doubt": 3`) {
		t.Errorf("exit code %d: %s", code, out)
	}
	if n := len(all(t, b.dlq)); n != 0 {
		t.Errorf("%d letters are left", n)
	}
}

// Two replays at once do not share a journal: the second says who holds it, even if the last run
// has ended.
func TestTwoReplaysAtOnce(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, failure(queue.ReasonRefusedEvent, event(1)))
	path := filepath.Join(t.TempDir(), "journal")
	args := []string{"replay", "--all", "--apply", "--journal", path, "--slow-start", "0s"}
	if out, code := b.run(t, args...); code != 0 {
		t.Fatal(out)
	}
	first, err := newJournal(path, runHeader("--all"))
	if err != nil {
		t.Fatal(err)
	}
	b.fail(t, failure(queue.ReasonRefusedEvent, event(2)))
	if out, code := b.run(t, args...); code != cli.ExitFailed || !strings.Contains(out, "run run-1, which somebody holds") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if err := first.End(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if out, code := b.run(t, args...); code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// Queues with the same name have separate journals.
func TestQueuesOfOneNameHaveSeparateJournals(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	staging, prod := newBroker(t, sqsserver.Options{}), newBroker(t, sqsserver.Options{})
	for i := range 120 {
		staging.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	prod.fail(t, failure(queue.ReasonRefusedEvent, event(1000)))
	staging.begin(t, "--all")
	if out, code := prod.run(t, "replay", "--all", "--apply", "--slow-start", "0s"); code != 0 || strings.Contains(out, "continuing") {
		t.Errorf("the other queue's replay: exit code %d: %s", code, out)
	}
	// Every address of a queue gives the same journal.
	if out, code := staging.run(t, "--dlq", staging.dlq.URL(), "replay", "--all", "--apply", "--slow-start", "0s"); code != 0 || !strings.Contains(out, "continuing") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// Letters that others hold are skipped, and reported.
func TestLettersHeldByOthersAreSkipped(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 12 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	got, err := b.dlq.Receive(t.Context(), 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got {
		if errs := b.dlq.ExtendBatch(t.Context(), []string{m.Receipt}, time.Minute); errs != nil {
			t.Fatal(errs)
		}
	}
	journal := filepath.Join(t.TempDir(), "j")
	if out, code := b.run(t, "replay", "--all", "--journal", journal); code != 0 || !strings.Contains(out, "about 10 more were not read") {
		t.Errorf("dry run, exit code %d: %s", code, out)
	}
	if out, code := b.run(t, "edit", "--match", "nobody", "--expr", "."); code != cli.ExitIncomplete || !strings.Contains(out, "about 10") {
		t.Errorf("edit, exit code %d: %s", code, out)
	}
	for _, want := range []string{"2 letters sent", "no letter matches"} {
		out, code := b.run(t, "replay", "--all", "--apply", "--journal", journal)
		if code != cli.ExitIncomplete || !strings.Contains(out, want) || !strings.Contains(out, "about 10") {
			t.Errorf("exit code %d: %s", code, out)
		}
	}
}
