package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"polo/local/dashboard/dashboardtest"
)

// typed is a command's output, which can be read while it runs.
type typed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *typed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *typed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// up runs polo up until the test ends, and returns a function that ends it.
func up(t *testing.T, args ...string) (out *typed, end func() error) {
	t.Helper()
	out = &typed{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	args = append([]string{"up", "--sqs-port", "0", "--clickhouse-port", "0", "--clickhouse-http-port", "0"}, args...)
	go func() { ended <- exec(ctx, args, strings.NewReader(""), out, out) }()
	for until := time.Now().Add(2 * time.Minute); !strings.Contains(out.String(), "Polo is up"); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("it ended: %v\n%s", err, out)
		default:
		}
		if time.Now().After(until) {
			t.Fatalf("it does not come up:\n%s", out)
		}
	}
	return out, func() error {
		cancel()
		return <-ended
	}
}

// Input ingested beside polo up goes through the consumer's Lambda function, and its output is
// kept.
func TestUpRunsTheConsumersFunction(t *testing.T) {
	t.Parallel()
	programs, data := t.TempDir(), t.TempDir()
	if text, err := osexec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(programs, "consumer"), "polo/consumer/lambda").CombinedOutput(); err != nil {
		t.Fatalf("building the consumer: %v: %s", err, text)
	}
	out, end := up(t, "--data", data, "--programs", programs)
	if _, _, err := polo(t, "ingest", "--input", write(t, "a", "b"), "--data", data); err != nil {
		t.Error(err)
	}
	if got, _, err := polo(t, "sql", "--data", data, "--format", "tsv", "SELECT count() FROM resource_events"); err != nil || strings.TrimSpace(got) != "4" {
		t.Errorf("there are %q events: %v", got, err)
	}
	if err := end(); err != nil || !strings.Contains(out.String(), "stopped; the data stay") {
		t.Errorf("it ended with %v:\n%s", err, out)
	}
	log, err := os.ReadFile(filepath.Join(data, "lambda", "consumer.log"))
	if err != nil || !bytes.Contains(log, []byte("REPORT RequestId: ")) || !bytes.Contains(log, []byte(`"Inserted":4`)) || !bytes.Contains(log, []byte("the function has stopped")) {
		t.Errorf("the function's log is %q: %v", log, err)
	}
}

// polo up restarts ClickHouse, says why, and processes more events.
func TestUpStartsClickHouseAgain(t *testing.T) {
	t.Parallel()
	programs, data := t.TempDir(), t.TempDir()
	if text, err := osexec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(programs, "consumer"), "polo/consumer/lambda").CombinedOutput(); err != nil {
		t.Fatalf("building the consumer: %v: %s", err, text)
	}
	out, end := up(t, "--data", data, "--programs", programs)
	kill(t, filepath.Join(data, "clickhouse"))
	if _, _, err := polo(t, "ingest", "--input", write(t, "a", "b"), "--data", data); err != nil {
		t.Error(err)
	}
	if got, _, err := polo(t, "sql", "--data", data, "--format", "tsv", "SELECT count() FROM resource_events"); err != nil || strings.TrimSpace(got) != "4" {
		t.Errorf("there are %q events: %v", got, err)
	}
	if err := end(); err != nil || !strings.Contains(out.String(), "signal: killed") || !strings.Contains(out.String(), "ClickHouse is up again") {
		t.Errorf("it ended with %v:\n%s", err, out)
	}
}

// upWith returns arguments of polo up with a program that stands in for the consumer's.
func upWith(t *testing.T, args ...string) (data string, all []string) {
	t.Helper()
	programs, data := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(programs, "consumer"), []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	return data, append([]string{"--data", data, "--programs", programs, "--dashboard-port", "0"}, args...)
}

// dashboardLine returns what polo up printed after "dashboard".
func dashboardLine(out *typed) string {
	for line := range strings.Lines(out.String()) {
		if rest, found := strings.CutPrefix(line, "dashboard "); found {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// polo up prints the dashboard's address, which signs in, and tells it to who joins the stack.
func TestUpRunsTheDashboard(t *testing.T) {
	t.Parallel()
	data, args := upWith(t, "--worker", dashboardtest.Build(t))
	out, end := up(t, args...)
	address := dashboardLine(out)
	text, err := os.ReadFile(filepath.Join(data, "stack.json"))
	if err != nil || !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.Contains(string(text), `"dashboard": "`+address+`"`) {
		t.Errorf("the address is %q, others are told %v:\n%s", address, err, out)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	base, _, _ := strings.Cut(address, "/?")
	for _, c := range []struct{ method, path, body, want string }{
		{http.MethodGet, strings.TrimPrefix(address, base), "", "The application"},
		{http.MethodPost, "/api/clickhouse", "SELECT currentUser(), count() FROM polo.resource_events", "polo_api\t0"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err = errors.Join(err, resp.Body.Close()); err != nil || !strings.Contains(string(got), c.want) {
			t.Errorf("%s %s answers %d: %s %v", c.method, base, resp.StatusCode, got, err)
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := browser.Get(base); err == nil { //nolint:noctx,bodyclose // there is no answer
		t.Error("the dashboard outlives polo up")
	}
}

// A dashboard that cannot run says why, and keeps nothing else from running.
func TestUpRunsWithoutTheDashboard(t *testing.T) {
	t.Parallel()
	broken := t.TempDir()
	if err := os.Mkdir(filepath.Join(broken, "assets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"worker.js", "workerd", "assets/index.html"} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte("#!/bin/sh\necho no >&2; exit 4\n"), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"not built": {[]string{"--worker", t.TempDir()}, "make worker"},
		"broken":    {[]string{"--worker", broken}, "exit status 4"},
		"off":       {[]string{"--no-dashboard"}, ""},
	} {
		_, args := upWith(t, c.args...)
		out, end := up(t, args...)
		if got := dashboardLine(out); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: it says %q:\n%s", name, got, out)
		}
		if err := end(); err != nil || !strings.Contains(out.String(), "stopped; the data stay") {
			t.Errorf("%s: it ended with %v:\n%s", name, err, out)
		}
	}
}

// kill sends SIGKILL to the process that works in a directory.
func kill(t *testing.T, dir string) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, cwd := range found {
		if at, err := os.Readlink(cwd); err != nil || at != dir {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(cwd)))
		if err == nil {
			err = syscall.Kill(pid, syscall.SIGKILL)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("no process works in %s", dir)
}

func TestUpReportsWhatIsMissing(t *testing.T) {
	t.Parallel()
	programs := t.TempDir()
	if err := os.WriteFile(filepath.Join(programs, "consumer"), []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"make functions":    {"--programs", t.TempDir()},
		"no source":         {"--programs", programs, "--collect", "aws.nothing"},
		"none of":           {"--programs", programs, "--collect", "aws.ec2=hourly"},
		programs + "/inven": {"--programs", programs, "--collect", "aws.ec2"},
	} {
		args = append([]string{"up", "--data", t.TempDir(), "--sqs-port", "0", "--clickhouse-port", "0", "--clickhouse-http-port", "0"}, args...)
		if _, _, err := polo(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
