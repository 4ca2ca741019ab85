package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/queue"
	"polo/local/chdb"
	"polo/local/stack"
)

// tool runs dlq-replay on a rig's queues.
type tool struct {
	path string
	r    *rig
	// before are the arguments before every command's own.
	before []string
}

// buildTool builds it: the test runs the program that people run.
func buildTool(t *testing.T, r *rig) *tool {
	t.Helper()
	d := &tool{path: filepath.Join(r.dir, "dlq-replay"), r: r, before: []string{"--endpoint", r.sqsURL, "--region", "us-east-1", "--json"}}
	if out, err := osexec.CommandContext(t.Context(), "go", "build", "-o", d.path, "polo/dlq-replay").CombinedOutput(); err != nil {
		t.Fatalf("building dlq-replay: %v: %s", err, out)
	}
	return d
}

// run runs a command and returns its output, its errors and its exit code; -1 if it was
// killed.
func (d *tool) run(ctx context.Context, t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := osexec.CommandContext(ctx, d.path, append(d.before, args...)...)
	cmd.Env = append(os.Environ(), "POLO_CLICKHOUSE_PASSWORD="+d.r.engine().Users.Reader.Password)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var exit *osexec.ExitError
	switch {
	case errors.As(err, &exit):
		return out.String(), problems.String(), exit.ExitCode()
	case err != nil && ctx.Err() == nil:
		t.Fatal(err)
	case err != nil:
		return out.String(), problems.String(), -1
	}
	return out.String(), problems.String(), 0
}

// verified is the output of verify.
type verified struct {
	Events, Landed int
	Missing        []struct{ Letter, Reason, Error string }
}

func (d *tool) verify(t *testing.T, wait string) (v verified, code int) {
	t.Helper()
	e := d.r.engine()
	out, problems, code := d.run(t.Context(), t, "verify", "--journal", d.journal(), "--wait", wait, "--addr", e.TCPAddr, "--user", e.Users.Reader.Name)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("verify said %q and %q: %v", out, problems, err)
	}
	return v, code
}

func (d *tool) journal() string { return filepath.Join(d.r.dir, "journal") }

// putLetters puts events into the dead-letter queue, one a letter.
func (r *rig) putLetters(t *testing.T, lines [][]byte) {
	t.Helper()
	for len(lines) > 0 {
		n := min(1000, len(lines))
		out := make([]queue.Outgoing, n)
		for i, line := range lines[:n] {
			f := queue.Failure{
				Reason: queue.ReasonRefusedEvent, Err: "because", Unit: queue.UnitEvent, Body: line, Origin: "polo-events", MessageID: fmt.Sprint(i),
				ReceiveCount: 1, FirstSeen: day, LastSeen: day,
			}
			var err error
			if out[i], err = f.Message(1 << 20); err != nil {
				t.Fatal(err)
			}
		}
		if err := queue.SendAll(t.Context(), r.dlq, out, queue.Retry{}); err != nil {
			t.Fatal(err)
		}
		lines = lines[n:]
	}
}

// TestReplayIsKilledAndLands puts a workload into the dead-letter queue and replays it to a
// running consumer. The replay is killed three times and run again. In the end verify
// reports that everything landed, and the tables equal those of a run without failures.
func TestReplayIsKilledAndLands(t *testing.T) {
	n := statements
	if os.Getenv("POLO_FAULTS") != "" {
		n = 30_000
	}
	if text := os.Getenv("POLO_DLQ_LETTERS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("POLO_DLQ_LETTERS: %v", err)
		}
	}
	random := seedOf(t)
	lines := workloadOf(n, 5)
	want := quietContent(t, random, lines)

	r := newRig(t)
	d := buildTool(t, r)
	r.putLetters(t, lines)
	c := r.startConsumer(t, func(o *order) { o.Batch, o.Linger = 2000, time.Second }) // a letter is one event
	args := []string{"replay", "--all", "--apply", "--journal", d.journal(), "--slow-start", "0s", "--hold", "2s"}
	started := time.Now()
	killed := 0
	for killed < 3 {
		// Kill it at any point once there is a run to resume: at its start, in the middle,
		// or while it waits for letters that the last process held.
		ctx, cancel := context.WithCancel(t.Context())
		after := time.Duration(50+random.IntN(50+n/15)) * time.Millisecond
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(d.journal()); err == nil {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			time.Sleep(after)
			cancel()
		}()
		_, problems, code := d.run(ctx, t, args...)
		cancel()
		switch code {
		case -1:
			killed++
		case 0:
			t.Fatal("it was done before it could be killed three times")
		default:
			t.Fatalf("exit code %d: %s", code, problems)
		}
	}
	out, problems, code := d.run(t.Context(), t, args...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, problems)
	}
	passed := time.Since(started)
	var said struct {
		Sent    int `json:"sent"`
		InDoubt int `json:"in_doubt"`
		Resumed bool
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil || !said.Resumed {
		t.Errorf("it said %q: %v", out, err)
	}
	t.Logf("%d letters in %s, kills included: %.0f a second; %d in doubt", n, passed.Round(time.Millisecond), float64(n)/passed.Seconds(), said.InDoubt)
	v, code := d.verify(t, "5m")
	if code != 0 || v.Events != n || v.Landed != n {
		t.Errorf("verify, exit code %d: %d of %d landed, %d are missing", code, v.Landed, v.Events, len(v.Missing))
	}
	r.awaitEmpty(t)
	c.stop(t)
	// The tables differ from the other run's in one thing: the event about the replay. It is
	// there once, as finished.
	r.wantAct(t, "dlq.replayed", n)
	r.exec(t, "DELETE FROM resource_events WHERE source = 'polo.dlq-replay'")
	if diff := cmp.Diff(want, r.content(t)); diff != "" {
		t.Errorf("the tables differ from an undisturbed run's (-undisturbed +got):\n%s", diff)
	}
	if f := r.letters(t); len(f) > 0 {
		t.Errorf("%d letters are left", len(f))
	}
}

// wantAct checks that the stream has one finished act of a type, about so many letters.
func (r *rig) wantAct(t *testing.T, eventType string, letters int) {
	t.Helper()
	conn, err := stack.Connect(r.engine().TCPAddr, chdb.Database, r.engine().Users.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var n uint64
	var state, count string
	row := conn.QueryRow(t.Context(), "SELECT count(), any(state), any(properties['letters']) FROM resource_events WHERE event_type = ?", eventType)
	if err := row.Scan(&n, &state, &count); err != nil {
		t.Fatal(err)
	}
	if n != 1 || state != "finished" || count != fmt.Sprint(letters) {
		t.Errorf("%d acts %s, %s, of %s letters; want one of %d", n, eventType, state, count, letters)
	}
}

// Verify names what a replay sent and ClickHouse or the consumer refused again, with its letter
// and reason. It also names a statement of which the table has only an older one of its fact.
func TestVerifyNamesWhatHasNotLanded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := buildTool(t, r)
	lines := workload()[:50]
	e, err := envelope.DecodeEvent(lines[49])
	if err != nil {
		t.Fatal(err)
	}
	// The table has an older statement of this fact, and refuses the newer one.
	old := e
	old.ObservedAt = old.ObservedAt.Add(-time.Hour)
	r.send(t, packsOf(t, seedOf(t), [][]byte{old.AppendJSON(nil)}, 1)...)
	c := r.startConsumer(t)
	r.awaitEmpty(t)
	e.ResourceName = "refuse me"
	lines[49] = e.AppendJSON(nil)
	r.exec(t, "ALTER TABLE resource_events ADD CONSTRAINT fussy CHECK resource_name != 'refuse me'")
	r.putLetters(t, lines)
	if _, problems, code := d.run(t.Context(), t, "replay", "--all", "--apply", "--journal", d.journal(), "--slow-start", "0s"); code != 0 {
		t.Fatalf("exit code %d: %s", code, problems)
	}
	r.awaitEmpty(t)
	c.stop(t)
	v, code := d.verify(t, "0s")
	if code != 3 || v.Events != 50 || v.Landed != 49 || len(v.Missing) != 1 {
		t.Fatalf("exit code %d: %+v", code, v)
	}
	if m := v.Missing[0]; m.Letter == "" || m.Reason != string(queue.ReasonRefusedEvent) || !strings.Contains(m.Error, e.EventID.String()) {
		t.Errorf("it is reported as %+v", m)
	}
}

// A statement has landed if its id, time and version are in the table: the same id at
// another time is another row.
func TestVerifyDistinguishesTimes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := day
	e := envelope.ResourceEvent{EventID: envelope.NewEventID("test", at, "1"), EventType: envelope.TypeAPICall, Source: "test", TS: at, ObservedAt: at}
	r.send(t, packsOf(t, seedOf(t), [][]byte{e.AppendJSON(nil)}, 1)...)
	c := r.startConsumer(t)
	r.awaitEmpty(t)
	c.stop(t)
	conn, err := stack.Connect(r.engine().TCPAddr, chdb.Database, r.engine().Users.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	there, elsewhere := replay.Statement{ID: e.EventID, TS: at, Version: 1}, replay.Statement{ID: e.EventID, TS: at.Add(time.Hour), Version: 1}
	missing, err := replay.Missing(t.Context(), conn, []replay.Statement{there, elsewhere})
	if err != nil || len(missing) != 1 || missing[0] != elsewhere {
		t.Errorf("%v are missing: %v", missing, err)
	}
}
