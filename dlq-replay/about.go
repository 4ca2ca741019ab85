package main

import (
	"context"

	"polo/internal/cli"
)

type versionCmd struct{ cli.VersionCommand }

// Help returns examples.
func (versionCmd) Help() string {
	return `Examples:

  dlq-replay version
  dlq-replay version --json`
}

func (c *versionCmd) do(_ context.Context, e *env) (result, error) {
	return nil, c.Print(e.Streams, "dlq-replay", e.flags.JSON)
}

type completionCmd struct{ cli.CompletionCommand }

// Help lists what is completed.
func (completionCmd) Help() string { return cli.CompletionHelp("dlq-replay") }

func (c *completionCmd) do(_ context.Context, e *env) (result, error) {
	return nil, c.Print(e.Streams, "dlq-replay")
}
