package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"polo/internal/queue"
	"polo/local/sqsserver"
)

// commandEnv makes the test binary run the command.
const commandEnv = "POLO_TEST_DLQ_REPLAY"

func TestMain(m *testing.M) {
	if os.Getenv(commandEnv) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestReplayIsKilled kills a replay three times with SIGKILL; the same command continues each time.
// Every letter is sent and none is left. Only letters that the command itself reports as in doubt
// are sent twice.
func TestReplayIsKilled(t *testing.T) {
	t.Parallel()
	letters := 5_000
	if text := os.Getenv("POLO_DLQ_LETTERS"); text != "" {
		var err error
		if letters, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	b := newBroker(t, sqsserver.Options{})
	for i := 0; i < letters; i += 500 {
		var some []queue.Failure
		for k := range 500 {
			some = append(some, failure(queue.ReasonRefusedEvent, event(i+k)))
		}
		b.fail(t, some...)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(t.TempDir(), "journal")
	started := time.Now()
	inDoubt := 0
	run := func(ctx context.Context) error {
		cmd := osexec.CommandContext(ctx, self, "--endpoint", b.url, "replay", "--all", "--apply", "--journal", journal, "--slow-start", "0s", "--hold", "2s")
		cmd.Env = append(os.Environ(), commandEnv+"=1")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		if _, rest, ok := strings.Cut(out.String(), "letters were sent, "); ok {
			var n int
			if _, err := fmt.Sscan(rest, &n); err != nil {
				t.Errorf("reading %q: %v", out.String(), err)
			}
			inDoubt += n
		}
		if err != nil && ctx.Err() == nil {
			t.Errorf("%v: %s", err, out.String())
		}
		return err
	}
	// A letter takes about 200 bytes in the journal. The kills come early, in the middle, and near
	// the end.
	for _, percent := range []int{5 + random.IntN(25), 35 + random.IntN(25), 70 + random.IntN(20)} {
		ctx, kill := context.WithCancel(t.Context())
		go killAt(ctx, kill, journal, int64(letters*200*percent/100))
		err := run(ctx)
		kill()
		var exit *osexec.ExitError
		if !errors.As(err, &exit) {
			t.Fatalf("it was not killed at %d %%: %v", percent, err)
		}
	}
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d letters in %s, kills included; %d in doubt", letters, time.Since(started).Round(time.Millisecond), inDoubt)
	events, audits := sent(t, all(t, b.main))
	twice := 0
	for _, n := range events {
		twice += n - 1
	}
	if len(events) != letters || audits["dlq.replayed"] != "finished" {
		t.Errorf("%d events of %d were sent, audits %v", len(events), letters, audits)
	}
	if inDoubt == 0 {
		t.Error("three kills in the midst of it, and nothing is said to be in doubt")
	}
	if twice > inDoubt {
		t.Errorf("%d were sent twice, and only %d were said to be in doubt", twice, inDoubt)
	}
	if n := len(all(t, b.dlq)); n != 0 {
		t.Errorf("%d letters are left", n)
	}
}

// killAt kills the process once a file has grown to a size.
func killAt(ctx context.Context, kill func(), path string, size int64) {
	for ctx.Err() == nil {
		if info, err := os.Stat(path); err == nil && info.Size() >= size {
			kill()
		}
		time.Sleep(time.Millisecond)
	}
}
