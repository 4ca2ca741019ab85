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
	l := lister{match: filter.Matcher(), seen: map[queue.Key]bool{}, groups: map[group]*group{}, causes: map[cause]*cause{}}
	err = look(ctx, o, func(letter replay.Letter) error {
		l.add(&letter)
		return nil
	})
	full := errors.Is(err, replay.ErrFull)
	if err != nil && !full {
		return nil, err
	}
	out := l.listing()
	out.Full, out.Unread = full, max(0, before.Visible+before.InFlight+before.Delayed-out.Letters)
	return out, nil
}

// lister counts letters.
type lister struct {
	match func(*replay.Letter) bool

	mu     sync.Mutex
	out    listing
	seen   map[queue.Key]bool
	groups map[group]*group
	causes map[cause]*cause
}

func (s *lister) add(l *replay.Letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.Letters++
	key := l.Key()
	if s.seen[key] { //mutant:copies-counted
		s.out.Copies++
		return
	}
	s.seen[key] = true
	if !s.match(l) {
		return
	}
	s.out.Matched++
	of := group{Reason: l.Reason(), Source: cli.Several(l.Sources()), Type: cli.Several(l.Types()), Account: cli.Several(l.Accounts())}
	g := s.groups[of]
	if g == nil {
		first := of
		first.Oldest, first.Newest, first.Example = l.At(), l.At(), l.ID()
		g = &first
		s.groups[of] = g
	}
	g.Letters++
	if l.At().Before(g.Oldest) {
		g.Oldest, g.Example = l.At(), l.ID()
	}
	if l.At().After(g.Newest) {
		g.Newest = l.At()
	}
	why := causeOf(l)
	if s.causes[why] == nil {
		first := why
		first.Example = l.ID()
		s.causes[why] = &first
	}
	s.causes[why].Letters++
}

// listing returns the counts, the greatest first.
func (s *lister) listing() *listing {
	out := &s.out
	for _, g := range s.groups {
		out.Groups = append(out.Groups, *g)
	}
	slices.SortFunc(out.Groups, func(a, b group) int {
		return cmp.Or(b.Letters-a.Letters, cmp.Compare(a.Reason+a.Source+a.Type+a.Account, b.Reason+b.Source+b.Type+b.Account))
	})
	for _, c := range s.causes {
		out.Causes = append(out.Causes, *c)
	}
	slices.SortFunc(out.Causes, func(a, b cause) int {
		return cmp.Or(b.Letters-a.Letters, cmp.Compare(a.Reason+a.Error, b.Reason+b.Error))
	})
	return out
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
