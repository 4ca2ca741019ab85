package main

import "polo/internal/cli"

type versionCmd struct {
	cli.VersionCommand
	JSON bool `help:"Print JSON."`
}

// Help gives examples.
func (versionCmd) Help() string {
	return `Examples:

  polo version
  polo version --json`
}

// Run prints it.
func (c *versionCmd) Run(e *env) error { return c.Print(e.Streams, "polo", c.JSON) }

type completionCmd struct{ cli.CompletionCommand }

// Help tells what is completed.
func (completionCmd) Help() string { return cli.CompletionHelp("polo") }

// Run prints it.
func (c *completionCmd) Run(e *env) error { return c.Print(e.Streams, "polo") }
