package main

import (
	"context"
	"fmt"

	"polo/dlq-replay/replay"
)

type showCmd struct {
	ID string `arg:"" help:"The letter's id, as shown by list and peek."`
}

// Help is shown by --help.
func (showCmd) Help() string {
	return `Prints why a letter is here, where it came from, and what it holds: its events as JSON, or the bytes as they came.

Examples:

  dlq-replay show 1c0f8b8e-52c1-4a6f-9a3e-0b8b3d2f7a11
  dlq-replay show 1c0f8b8e-52c1-4a6f-9a3e-0b8b3d2f7a11 --json`
}

func (c *showCmd) do(ctx context.Context, e *env) (result, error) {
	o, err := e.flags.open(ctx)
	if err != nil {
		return nil, err
	}
	found, err := find(ctx, o, replay.Filter{IDs: []string{c.ID}}, 1)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no letter %s is in the dead-letter queue: it was sent, deleted or corrected (a corrected letter has a new id: dlq-replay peek --corrected), or someone else holds it", c.ID)
	}
	v := view(&found[0], true)
	return &v, nil
}
