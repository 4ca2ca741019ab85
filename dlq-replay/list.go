package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/queue"
)

type listCmd struct{ filters }

// Help is shown by --help.
func (listCmd) Help() string {
	return `Reads every letter, and gives each back at once. A dead-letter queue counts no receives against its letters.

Examples:

  dlq-replay list
  dlq-replay list --since 24h --account 123456789012
  dlq-replay list --json | jq '.groups[] | select(.reason == "refused_event")'`
}

func (c *listCmd) do(ctx context.Context, e *env) (result, error) {
	filter, o, err := c.open(ctx, e)
	if err != nil {
		return nil, err
	}
	before, err := o.dlq.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how many letters the dead-letter queue has: %w", err)
	}
	match := filter.Matcher()
	var mu sync.Mutex
	out := listing{}
	seen := map[queue.Key]bool{}
	groups := map[group]*group{}
	causes := map[cause]*cause{}
	err = look(ctx, o, func(l replay.Letter) error {
		mu.Lock()
		defer mu.Unlock()
		out.Letters++
		key := l.Key()
		if seen[key] { //mutant:copies-counted
			out.Copies++
			return nil
		}
		seen[key] = true
		if !match(&l) {
			return nil
		}
		out.Matched++
		of := group{Reason: l.Reason(), Source: cli.Several(l.Sources()), Type: cli.Several(l.Types()), Account: cli.Several(l.Accounts())}
		g := groups[of]
		if g == nil {
			g = &group{Reason: of.Reason, Source: of.Source, Type: of.Type, Account: of.Account, Oldest: l.At(), Newest: l.At(), Example: l.ID()}
			groups[of] = g
		}
		why := causeOf(&l)
		if causes[why] == nil {
			first := why
			first.Example = l.ID()
			causes[why] = &first
		}
		causes[why].Letters++
		g.Letters++
		if l.At().Before(g.Oldest) {
			g.Oldest, g.Example = l.At(), l.ID()
		}
		if l.At().After(g.Newest) {
			g.Newest = l.At()
		}
		return nil
	})
	if out.Full = errors.Is(err, replay.ErrFull); err != nil && !out.Full {
		return nil, err
	}
	for _, g := range groups {
		out.Groups = append(out.Groups, *g)
	}
	slices.SortFunc(out.Groups, func(a, b group) int {
		return cmp.Or(b.Letters-a.Letters, cmp.Compare(a.Reason+a.Source+a.Type+a.Account, b.Reason+b.Source+b.Type+b.Account))
	})
	for _, c := range causes {
		out.Causes = append(out.Causes, *c)
	}
	slices.SortFunc(out.Causes, func(a, b cause) int {
		return cmp.Or(b.Letters-a.Letters, cmp.Compare(a.Reason+a.Error, b.Reason+b.Error))
	})
	out.Unread = max(0, before.Visible+before.InFlight+before.Delayed-out.Letters)
	return &out, nil
}

// look reads every letter and returns it to the queue.
func look(ctx context.Context, o *opened, visit func(replay.Letter) error) error {
	r := o.reader()
	err := r.Read(ctx, visit)
	if back := r.GiveBack(ctx); err == nil {
		err = back
	}
	return err
}
