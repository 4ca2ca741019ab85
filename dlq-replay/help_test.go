package main

import (
	"os"
	"strings"
	"testing"

	"polo/internal/cli/clitest"
	"polo/internal/queue"
)

// Every example in the help parses.
func TestHelpExamplesParse(t *testing.T) {
	t.Parallel()
	if n := clitest.Examples(t, program(), func() any { return &grammar{} }); n < 20 {
		t.Errorf("only %d examples", n)
	}
}

// A shell gets completions for commands, flags and reasons.
func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"dlq-replay re":                       "replay",
		"dlq-replay replay --max":             "--max-replays",
		"dlq-replay list --reason refused":    "refused_event",
		"dlq-replay purge --reason malformed": "malformed_record",
		"dlq-replay completion f":             "fish",
	} {
		t.Setenv("COMP_LINE", line)
		var stdout strings.Builder
		if err := exec(t.Context(), nil, nil, &stdout, os.Stderr); err != nil {
			t.Fatal(err)
		}
		if got := strings.Fields(stdout.String()); len(got) == 0 || !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is completed by %q, want %q among it", line, got, want)
		}
	}
	t.Setenv("COMP_LINE", "")
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var stdout strings.Builder
		if err := exec(t.Context(), []string{"completion", shell}, nil, &stdout, os.Stderr); err != nil || !strings.Contains(stdout.String(), "complete -") {
			t.Errorf("%s: %v, %q", shell, err, stdout.String())
		}
	}
}

// The runbook has every reason.
func TestRunbookHasEveryReason(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range queue.Reasons() {
		if !strings.Contains(string(text), "`"+string(r)+"`") {
			t.Errorf("%s is not there", r)
		}
	}
}
