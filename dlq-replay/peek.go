package main

import (
	"context"
	"fmt"
	"slices"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
)

type peekCmd struct {
	filters
	Max int `default:"20" help:"How many letters at most (${default})." placeholder:"N"`
}

// Help is shown by --help.
func (peekCmd) Help() string {
	return `Prints a line for each letter that matches, the first --max of them.

Examples:

  dlq-replay peek --reason invalid_event --max 5
  dlq-replay peek --match "cost_amount" --source aws.cur --json`
}

func (c *peekCmd) do(ctx context.Context, e *env) (result, error) {
	filter, o, err := c.open(ctx, e)
	if err != nil {
		return nil, err
	}
	found, err := find(ctx, o, filter, c.Max)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, replay.ByTime)
	out := make(peeked, len(found))
	for i := range found {
		out[i] = view(&found[i], false)
	}
	return out, nil
}

// peeked are the letters that peek found.
type peeked []letterView

// print implements result with a line for each letter.
func (p peeked) print(s *cli.Streams) error {
	t := cli.NewTable(s, "id", "reason", "failed", "error", "source", "type", "account", "events", "replays")
	t.Numbers(7, 8)
	t.Keep(0)
	for _, v := range p {
		t.Row(v.ID, v.Reason, age(v.at), v.why, cli.Several(v.Sources), cli.Several(v.Types), cli.Several(v.Accounts), fmt.Sprint(v.Events), fmt.Sprint(v.ReplayCount))
	}
	return t.Flush()
}
