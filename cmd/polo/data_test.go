package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polo/internal/cli"
	"polo/local/stack"
	"polo/producers/tree/treetest"
)

func TestEmptyDataDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"ingest", "--input", "x", "--data", ""},
		{"up", "--data", " "},
		{"sql", "--data=", "SELECT 1"},
		{"schema", "up", "--data", ""},
		{"schema", "status", "--data", ""},
	} {
		_, _, err := polo(t, args...)
		var code cli.Error
		if !errors.As(err, &code) || code.Code != cli.ExitUsage || !strings.Contains(err.Error(), "--data is empty") {
			t.Errorf("%q: %v, want one of usage", args, err)
		}
	}
}

// A typing error in --data creates nothing, and is reported.
func TestQueriesMakeNoDataDirectory(t *testing.T) {
	t.Parallel()
	there := t.TempDir()
	for _, dir := range []string{there, filepath.Join(there, "typo")} {
		for _, args := range [][]string{{"sql", "--data", dir, "SELECT 1"}, {"schema", "status", "--data", dir}} {
			_, _, err := polo(t, args...)
			var code cli.Error
			if err == nil || errors.As(err, &code) || !strings.Contains(err.Error(), dir+" holds no Polo data") || !strings.Contains(err.Error(), "polo ingest --input") {
				t.Errorf("%q: %v, want that there are no data, and what to do", args, err)
			}
		}
	}
	if left, err := os.ReadDir(there); err != nil || len(left) > 0 {
		t.Errorf("they made %v, %v", left, err)
	}
}

func TestGuideCanBeFollowed(t *testing.T) {
	t.Parallel()
	for data, want := range map[dataDir]string{
		".polo": ` sql "SELECT`, "/tmp/my data": ` sql --data '/tmp/my data' "SELECT`,
	} {
		text := guide(stack.Endpoints{Region: "us-east-1"}, data)
		for _, want := range []string{"aws --endpoint-url ", "AWS_REGION=us-east-1 ", "AWS_DEFAULT_REGION=us-east-1 ", want} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the guide lacks %q:\n%s", data, want, text)
			}
		}
	}
}

// write creates a folder with files of one record each.
func write(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		text := strings.ReplaceAll(record, "%ID%", name) + "\n"
		if strings.HasPrefix(name, "broken") {
			text += "{\"eventID\": 7}\n"
		}
		treetest.Write(t, dir, map[string]string{name + ".json": text})
	}
	return dir
}

func TestIngestNamesWhatFailed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	input := write(t, "broken1", "broken2", "broken3", "broken4", "good")
	out, _, err := polo(t, "ingest", "--input", input, "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out, ": malformed_record: eventTime"); n != maxExamples {
		t.Errorf("%d examples, want %d:\n%s", n, maxExamples, out)
	}
	for _, want := range []string{".json#2: malformed_record: eventTime", "  polo up --data " + data, "  dlq-replay --data " + data + " list"} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary lacks %q:\n%s", want, out)
		}
	}
	out, _, err = polo(t, "ingest", "--input", input, "--data", data, "--json")
	if err != nil {
		t.Fatal(err)
	}
	var s ingestSummary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatal(err)
	}
	if s.Failures == nil || len(s.Failures.Examples) != maxExamples || len(s.Failures.Look) != 2 {
		t.Fatalf("failures %+v in %s", s.Failures, out)
	}
	if x := s.Failures.Examples[0]; !strings.HasSuffix(x.Origin, ".json#2") || x.Reason != "malformed_record" || x.Error == "" {
		t.Errorf("the first failure: %+v", x)
	}
	out, _, err = polo(t, "ingest", "--input", write(t, "good"), "--data", data, "--json")
	if err != nil || strings.Contains(out, `"failures"`) {
		t.Errorf("without a failure: %v, %s", err, out)
	}
}

// Two ingests at once on one directory both insert everything, whichever ends first.
func TestIngestSideBySide(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	inputs := []string{write(t, "a"), write(t, "b", "c", "d", "e", "f"), write(t, "g", "h")}
	done := make(chan error, len(inputs))
	for _, input := range inputs {
		go func() {
			_, _, err := polo(t, "ingest", "--input", input, "--data", data)
			done <- err
		}()
	}
	for range inputs {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	out, _, err := polo(t, "sql", "--data", data, "--format", "tsv", "SELECT count(), uniqExact(arn) FROM resource_events")
	if err != nil || out != "16\t8\n" {
		t.Errorf("%q, %v; want 16 events of 8 buckets", out, err)
	}
}

func TestCommandsBesideAnother(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	run := func(command string, drains bool) *stack.Session {
		s, err := stack.Open(t.Context(), stack.Options{Dir: data, Command: command, Drains: drains})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ingest := run("polo ingest", true)
	if out, _, err := polo(t, "sql", "--data", data, "--format", "tsv", "SELECT 1"); err != nil || out != "1\n" {
		t.Errorf("sql beside an ingest: %q, %v", out, err)
	}
	_, _, err := polo(t, "up", "--data", data, "--sqs-port", "0", "--clickhouse-port", "0", "--clickhouse-http-port", "0")
	for _, want := range []string{fmt.Sprintf("process %d (polo ingest)", os.Getpid()), data, "run polo up again", "polo sql --data"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("up beside an ingest: %v lacks %q", err, want)
		}
	}
	if err := ingest.Close(); err != nil {
		t.Error(err)
	}
	// A query drains nothing: an ingest waits for it to end.
	query := run("polo sql", false)
	ended := make(chan error, 1)
	go func() {
		time.Sleep(300 * time.Millisecond)
		ended <- query.Close()
	}()
	if _, _, err := polo(t, "ingest", "--input", write(t, "a"), "--data", data); err != nil {
		t.Errorf("ingest beside a query: %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// With --tls, as for ClickHouse Cloud, only TLS is used: a password is never sent unencrypted.
func TestSchemaSpeaksTLS(t *testing.T) {
	t.Parallel()
	const handshake = 0x16
	for name, c := range map[string]struct {
		args []string
		tls  bool
	}{
		"cloud":         {[]string{"--target", "cloud"}, true},
		"a single, TLS": {[]string{"--tls"}, true},
		"a single":      {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			first := make(chan byte, 1)
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				defer func() { _ = conn.Close() }()
				var b [1]byte
				if _, err := conn.Read(b[:]); err == nil {
					first <- b[0]
				}
				_ = l.Close() // no other connection is answered
			}()
			if _, _, err := polo(t, append([]string{"schema", "status", "--addr", l.Addr().String()}, c.args...)...); err == nil {
				t.Error("a server that hangs up is asked without an error")
			}
			if b := <-first; (b == handshake) != c.tls {
				t.Errorf("the first byte is %#x, by TLS: %v", b, c.tls)
			}
		})
	}
}

// An ingest with unreadable files fails: it inserts the rest, and names those files.
func TestIngestOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	input, data := write(t, "good"), t.TempDir()
	if err := os.Symlink(filepath.Join(input, "nowhere"), filepath.Join(input, "gone.json")); err != nil {
		t.Fatal(err)
	}
	out, _, err := polo(t, "ingest", "--input", input, "--data", data, "--json")
	var code cli.Error
	if !errors.As(err, &code) || code.Code != cli.ExitIncomplete || !strings.Contains(err.Error(), "gone.json (cannot be read: no such file or directory)") {
		t.Errorf("error %v", err)
	}
	var s ingestSummary
	if err := json.Unmarshal([]byte(out), &s); err != nil || s.Inserted != 2 || s.Skipped != 1 {
		t.Errorf("summary %+v, %v", s, err)
	}
	if err := os.Remove(filepath.Join(input, "gone.json")); err != nil {
		t.Fatal(err)
	}
	// A note and a pipe are no faults.
	treetest.Write(t, input, map[string]string{"notes.txt": "to do\n"})
	if err := syscall.Mkfifo(filepath.Join(input, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := polo(t, "ingest", "--input", input, "--data", data); err != nil {
		t.Errorf("without it: %v", err)
	}
}

// Every command takes the data directory from the environment; the command line overrides it.
func TestDataOfTheEnvironment(t *testing.T) {
	data, other := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "other")
	t.Setenv("POLO_DATA", data)
	if _, _, err := polo(t, "ingest", write(t, "a"), write(t, "b", "c")); err != nil {
		t.Fatal(err)
	}
	s, err := stack.Open(t.Context(), stack.Options{Dir: data, Command: "polo sql"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if out, _, err := polo(t, "sql", "--format", "tsv", "SELECT count() FROM resource_events"); err != nil || out != "6\n" {
		t.Errorf("%q, %v: want the events of both inputs", out, err)
	}
	if out, _, err := polo(t, "schema", "status"); err != nil || !strings.Contains(out, "view resources_current") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, args := range [][]string{{"sql", "--data", other, "SELECT 1"}, {"schema", "status", "--data", other}} {
		if _, _, err := polo(t, args...); err == nil || !strings.Contains(err.Error(), other+" holds no Polo data") || !strings.Contains(err.Error(), "--data "+other) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if out, _, err := polo(t, "doctor"); err != nil || !strings.Contains(out, data) {
		t.Errorf("doctor: %v\n%s", err, out)
	}
	t.Setenv("POLO_DATA", other)
	for _, args := range [][]string{{"sql", "SELECT 1"}, {"schema", "status"}} {
		if _, _, err := polo(t, args...); err == nil || !strings.Contains(err.Error(), other+" holds no Polo data") {
			t.Errorf("%v in another environment: %v", args, err)
		}
	}
	// Commands suggested to a person name the directory, because another terminal may have another
	// environment.
	if text := guide(stack.Endpoints{}, ".polo"); !strings.Contains(text, "sql --data .polo ") {
		t.Errorf("the guide leaves it out:\n%s", text)
	}
}
