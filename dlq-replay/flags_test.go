package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/internal/cli"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// The data directory may come from the environment; the command line overrides it.
func TestDataOfTheEnvironment(t *testing.T) {
	data, up := t.TempDir(), newBroker(t, sqsserver.Options{})
	ends := fmt.Sprintf(`{"pid":%d,"sqs":%q,"region":"us-east-1","queue_url":%q,"dlq_url":%q,"clickhouse_tcp":"127.0.0.1:2"}`, os.Getpid(), up.url, up.main.URL(), up.dlq.URL())
	if err := os.WriteFile(filepath.Join(data, "stack.json"), []byte(ends), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, failure(queue.ReasonRefusedEvent, event(0)))
	t.Setenv("POLO_DATA", data)
	t.Setenv("POLO_CLICKHOUSE_ADDR", "127.0.0.1:1")
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := exec(t.Context(), args, strings.NewReader(""), &out, &out)
		return out.String(), err
	}
	if out, err := run("list"); err != nil || !strings.Contains(out, "0 of 0 letters") || !strings.Contains(out, "\n0 rows\n") {
		t.Errorf("the directory's queue: %v\n%s", err, out)
	}
	if out, err := run("peek"); err != nil || !strings.Contains(out, "reason") || !strings.HasSuffix(out, "\n0 rows\n") {
		t.Errorf("nothing to peek at: %v\n%s", err, out)
	}
	if out, err := run("--endpoint", b.url, "--region", "us-east-1", "list"); err != nil || !strings.Contains(out, "1 of 1 letters") {
		t.Errorf("the queue that is typed: %v\n%s", err, out)
	}
	for asked, args := range map[string][]string{
		"127.0.0.1:1": {"audit"}, "127.0.0.1:2": {"--data", data, "audit"}, "127.0.0.1:3": {"--data", data, "audit", "--addr", "127.0.0.1:3"},
	} {
		if _, err := run(args...); err == nil || !strings.Contains(err.Error(), asked) {
			t.Errorf("%v asks %v, want %s", args, err, asked)
		}
	}
	t.Setenv("POLO_DATA", filepath.Join(data, "none"))
	if _, err := run("list"); cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), "none") {
		t.Errorf("a directory without a stack: %v", err)
	}
}

// Every interrupted command exits with the shell's code.
func TestInterruptedExitCode(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, failure(queue.ReasonRefusedEvent, event(0)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"list"}, {"peek"}, {"replay", "--all", "--apply", "--journal", filepath.Join(t.TempDir(), "j")}, {"export", "--out", filepath.Join(t.TempDir(), "x")}} {
		var out bytes.Buffer
		err := exec(ctx, append([]string{"--endpoint", b.url, "--region", "us-east-1"}, args...), strings.NewReader(""), &out, &out)
		if cli.Code(err) != cli.ExitInterrupted || !strings.HasPrefix(err.Error(), "interrupted: ") {
			t.Errorf("%s: exit code %d: %v", args[0], cli.Code(err), err)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--version"}} {
		var out bytes.Buffer
		if err := exec(t.Context(), args, strings.NewReader(""), &out, &out); err != nil || !strings.HasPrefix(out.String(), "dlq-replay ") || !strings.Contains(out.String(), " go1.") {
			t.Errorf("%v: %q, %v", args, out.String(), err)
		}
	}
	var out bytes.Buffer
	if err := exec(t.Context(), []string{"--json", "version"}, strings.NewReader(""), &out, &out); err != nil || !strings.Contains(out.String(), `"go": "go1.`) {
		t.Errorf("as JSON: %q, %v", out.String(), err)
	}
}
