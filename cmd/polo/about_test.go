package main

import (
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--version"}} {
		if out, _, err := polo(t, args...); err != nil || !strings.HasPrefix(out, "polo ") || !strings.Contains(out, " go1.") {
			t.Errorf("%v: %q, %v", args, out, err)
		}
	}
	if out, _, err := polo(t, "version", "--json"); err != nil || !strings.Contains(out, `"go": "go1.`) {
		t.Errorf("as JSON: %q, %v", out, err)
	}
}

// A shell gets completions for commands, flags and sources.
func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"polo do":                       "doctor",
		"polo ingest --par":             "--partial",
		"polo collect aws.ec":           "aws.ec2",
		"polo sql --format c":           "csv",
		"polo up --collect aws.cloudtr": "aws.cloudtrail",
		"polo completion f":             "fish",
	} {
		t.Setenv("COMP_LINE", line)
		if out, _, err := polo(t); err != nil || !strings.Contains(out, want) {
			t.Errorf("%q is completed by %q (%v), want %q among it", line, out, err, want)
		}
	}
	t.Setenv("COMP_LINE", "")
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if out, _, err := polo(t, "completion", shell); err != nil || !strings.Contains(out, "complete -") || !strings.Contains(out, "polo") {
			t.Errorf("%s: %v, %q", shell, err, out)
		}
	}
}
