// Command polo is Polo on one machine: it ingests files, runs the embedded stack, and queries what
// landed. docs/CLI.md documents its commands and exit codes.
package main

import (
	"polo/internal/cli"
	"polo/local/chdb"
)

func main() {
	// The embedded engine is this binary, started again as a child.
	chdb.RunChild()
	cli.Main("polo", exec)
}
