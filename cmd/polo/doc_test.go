package main

import (
	"flag"
	"testing"

	"polo/internal/cli"
	"polo/internal/cli/clitest"
	"polo/producers"
)

var update = flag.Bool("update", false, "rewrite the commands' documentation")

const cliDoc = "../../docs/CLI.md"

// The documentation contains the help of the commands.
func TestCLIDoc(t *testing.T) {
	clitest.Doc(t, cliDoc, program(), &grammar{}, exec, *update)
	clitest.Fields(t, cliDoc, ingestSummary{}, producers.Summary{}, diagnosis{}, cli.Version{}, queryAnswer{})
}
