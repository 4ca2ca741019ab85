package main

import (
	"testing"

	"polo/internal/cli/clitest"
)

// Every example in the help parses.
func TestHelpExamplesParse(t *testing.T) {
	t.Parallel()
	if n := clitest.Examples(t, program(), func() any { return &grammar{} }); n < 20 {
		t.Errorf("only %d examples", n)
	}
}
