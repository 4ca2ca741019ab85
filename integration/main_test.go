package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"polo/local/chdb"
	"polo/local/stack"
)

// polo is the binary under test, built once.
var polo string

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "polo-integration-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder for the binary:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	polo = filepath.Join(dir, "polo")
	build := exec.Command("go", "build", "-o", polo, "polo/cmd/polo")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building polo: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// summary is the output of `polo ingest --json`.
type summary struct {
	Read, Published, Messages, Inserted, Duplicates, Failed, DLQ int64
	Seconds                                                      float64
	Reasons                                                      map[string]int
	Resolved                                                     map[string]int `json:"arn_resolution"`
	Skipped, Undated                                             int
	SkippedFiles                                                 []string `json:"skipped_files"`
	LeftOut                                                      []struct {
		Kind, Example, Do string
		Count             int
	} `json:"left_out"`
}

// command returns the binary's command, which uses this checkout's engine library.
func command(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	library, err := chdb.FindLibrary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, polo, args...)
	cmd.Env = append(os.Environ(), "POLO_LIBCHDB="+library)
	return cmd
}

// ingest runs `polo ingest` to its end.
func ingest(t *testing.T, data, input string, more ...string) summary {
	t.Helper()
	s, _ := ingestTo(t, 0, data, input, more...)
	return s
}

// ingestTo is ingest with an expected exit code.
func ingestTo(t *testing.T, code int, data, input string, more ...string) (s summary, says string) {
	t.Helper()
	cmd := command(t.Context(), t, append([]string{"ingest", "--data", data, "--input", input, "--json"}, more...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		t.Fatalf("polo ingest --input %s: %v, want exit code %d\n%s%s", filepath.Base(input), err, code, stdout.String(), stderr.String())
	}
	if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
		t.Fatalf("reading the summary: %v\n%s", err, stdout.String())
	}
	return s, stderr.String()
}

// realData returns a path in the folder of real files that POLO_REAL_DATA names. If
// that is unset the test is skipped; if the path is missing it fails.
func realData(t *testing.T, path string) string {
	t.Helper()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real files to test on")
	}
	dir := filepath.Join(root, filepath.FromSlash(path))
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("POLO_REAL_DATA is set, but: %v", err)
	}
	return dir
}

// withStack starts the stack on data, calls fn and stops it.
func withStack(t *testing.T, data string, fn func(*stack.Stack)) {
	t.Helper()
	s, err := stack.Start(t.Context(), stack.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	fn(s)
}

// isKilled reports whether err means that a signal killed a process.
func isKilled(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == -1
}
