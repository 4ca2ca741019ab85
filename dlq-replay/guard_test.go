package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/internal/cli"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// Commands that would affect more than was probably meant, or nothing, are refused and leave no
// trace.
func TestUnsafeCommandsAreRefused(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 5 {
		b.fail(t, failure(queue.ReasonInvalidEvent, event(i)))
	}
	dir := t.TempDir()
	journal, backup := filepath.Join(dir, "journal"), filepath.Join(dir, "backup")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"replay without a filter":    {[]string{"replay", "--apply", "--journal", journal}, cli.ExitUsage, "--all"},
		"purge without a filter":     {[]string{"purge", "--apply", "--backup", backup}, cli.ExitUsage, "--all"},
		"edit without a filter":      {[]string{"edit", "--apply", "--expr", "."}, cli.ExitUsage, "--id"},
		"a reason that there is not": {[]string{"list", "--reason", "invalid_events"}, cli.ExitUsage, "invalid_event,"},
		"replay of nothing":          {[]string{"replay", "--match", "nobody", "--apply", "--journal", journal}, cli.ExitFailed, "no letter matches"},
		"purge of nothing":           {[]string{"purge", "--match", "nobody", "--apply", "--backup", backup}, cli.ExitFailed, "no letter matches"},
		"edit of nothing":            {[]string{"edit", "--match", "nobody", "--apply", "--expr", "."}, cli.ExitFailed, "no letter matches"},
		"an edit that breaks them":   {[]string{"edit", "--reason", "invalid_event", "--expr", `.source = ""`}, cli.ExitIncomplete, "5 cannot be corrected this way"},
		"verify of no replay":        {[]string{"verify", "--journal", journal, "--addr", "127.0.0.1:1"}, cli.ExitFailed, "nothing was replayed"},
	} {
		if out, code := b.run(t, c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit code %d, want %d: %s", name, code, c.code, out)
		}
	}
	for _, path := range []string{journal, backup} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was left behind", filepath.Base(path))
		}
	}
	if n := len(all(t, b.dlq)); n != 5 {
		t.Errorf("%d letters are left of 5", n)
	}
	if n := len(all(t, b.main)); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// A rate applies from the first letter.
func TestRateHolds(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 12 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	started := time.Now()
	out, code := b.run(t, "replay", "--all", "--apply", "--journal", filepath.Join(t.TempDir(), "j"), "--rate", "10", "--slow-start", "0s")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if passed := time.Since(started); passed < time.Second {
		t.Errorf("12 letters at 10 a second were sent within %s", passed)
	}
}
