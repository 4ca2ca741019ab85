package main

import "polo/internal/cli"

type versionCmd struct {
	cli.VersionCommand
	JSON bool `help:"Print JSON."`
}

// Help returns examples.
func (versionCmd) Help() string {
	return `Examples:

  polo version
  polo version --json`
}

// Run prints the version.
func (c *versionCmd) Run(e *env) error { return c.Print(e.Streams, "polo", c.JSON) }

type completionCmd struct{ cli.CompletionCommand }

// Help lists what is completed.
func (completionCmd) Help() string { return cli.CompletionHelp("polo") }

// Run prints the script.
func (c *completionCmd) Run(e *env) error { return c.Print(e.Streams, "polo") }
