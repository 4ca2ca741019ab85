package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"polo/internal/queue"
)

// Every example that help shows is a command line that parses.
func TestHelpsExamplesParse(t *testing.T) {
	t.Parallel()
	texts := []string{description}
	parser, err := program().Parser(&grammar{})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Children {
		if command.Help == "" || !strings.Contains(command.Detail, "Examples:") {
			t.Errorf("%s has no help with examples", command.Name)
		}
		texts = append(texts, command.Detail)
	}
	n := 0
	for _, text := range texts {
		for line := range strings.Lines(text) {
			example, ok := strings.CutPrefix(line, "  dlq-replay ")
			if !ok {
				continue
			}
			n++
			args := words(example)
			anew, err := program().Parser(&grammar{}, kong.Exit(func(int) {}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := anew.Parse(args); err != nil {
				t.Errorf("dlq-replay %q: %v", args, err)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d examples", n)
	}
}

// words splits a line as a shell does, as far as the examples need it: quotes, and
// what stands after a pipe, a redirection or three spaces is no argument.
func words(line string) []string {
	var out []string
	var word strings.Builder
	var quote rune
	spaces := 0
	end := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	for _, c := range strings.TrimSpace(line) {
		if c == ' ' && quote == 0 {
			end()
			if spaces++; spaces == 3 {
				break
			}
			continue
		}
		spaces = 0
		switch {
		case quote == 0 && (c == '|' || c == '>'):
			end()
			return out
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		default:
			word.WriteRune(c)
		}
	}
	end()
	return out
}

// A shell that asks gets commands, flags, reasons.
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

// Whoever is on call finds every reason in the runbook.
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
