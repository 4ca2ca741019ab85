package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"polo/dlq-replay/replay"
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

// group is the letters that failed alike.
type group struct {
	Reason  string    `json:"reason"`
	Source  string    `json:"source"`
	Type    string    `json:"type"`
	Account string    `json:"account"`
	Letters int       `json:"letters"`
	Oldest  time.Time `json:"oldest"`
	Newest  time.Time `json:"newest"`
	// Example is the id of one of them.
	Example string `json:"example"`
}

// listing is what list prints as JSON.
type listing struct {
	Letters int `json:"letters"`
	Matched int `json:"matched"`
	// Copies counts those of Letters that are there beside an equal one, which groups and
	// causes count once.
	Copies int     `json:"copies,omitempty"`
	Groups []group `json:"groups"`
	Causes []cause `json:"causes"`
	// Unread is about how many letters the queue holds that were not read: those
	// that somebody else looks at.
	Unread int `json:"unread"`
	// Full tells that not all could be read: the queue lets 120,000 be held at once.
	Full bool `json:"full,omitempty"`
}

// Run lists.
func (c *listCmd) Run(ctx context.Context, e *env) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	before, err := o.dlq.Stats(ctx)
	if err != nil {
		return fmt.Errorf("asking how much the dead-letter queue holds: %w", err)
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
		if seen[key] {
			out.Copies++
			return nil
		}
		seen[key] = true
		if !match(&l) {
			return nil
		}
		out.Matched++
		of := group{Reason: l.Reason(), Source: several(l.Sources()), Type: several(l.Types()), Account: several(l.Accounts())}
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
		return err
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
	if e.cli.JSON {
		return printJSON(e, out)
	}
	t := newTable(e.stdout, "letters", "reason", "source", "type", "account", "oldest", "newest", "example")
	for _, g := range out.Groups {
		t.row(fmt.Sprint(g.Letters), g.Reason, g.Source, g.Type, g.Account, age(g.Oldest), age(g.Newest), g.Example)
	}
	if err := t.flush(); err != nil {
		return err
	}
	if err := printCauses(e, out.Causes); err != nil {
		return err
	}
	if out.Matched == 0 && out.Letters > 0 {
		if _, err := fmt.Fprintln(e.stdout, "no letter matches: dlq-replay list without a filter shows which reasons, sources, types and accounts there are"); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(e.stdout, "%d of %d letters\n", out.Matched, out.Letters)
	if err == nil && out.Copies > 0 {
		_, err = fmt.Fprintf(e.stdout, "%d of them are copies of others, and are counted once above: a replay or a purge takes them along\n", out.Copies)
	}
	switch {
	case err != nil:
	case out.Full:
		_, err = fmt.Fprintf(e.stdout, "about %d more were not read: the queue lets 120,000 letters be held at once\n", out.Unread)
	case out.Unread > 0:
		_, err = fmt.Fprintf(e.stdout, "about %d more were not read: somebody else holds them\n", out.Unread)
	}
	return err
}

// mostCauses is how many a person is shown.
const mostCauses = 10

func printCauses(e *env, causes []cause) error {
	t := newTable(e.stdout, "letters", "reason", "why", "example")
	for i, c := range causes {
		if i == mostCauses {
			t.row("...", "", fmt.Sprintf("%d more (--json lists all)", len(causes)-i), "")
			break
		}
		t.row(fmt.Sprint(c.Letters), c.Reason, clip(c.Error, 90), c.Example)
	}
	return t.flush()
}

// look reads every letter and gives it back.
func look(ctx context.Context, o *opened, visit func(replay.Letter) error) error {
	r := o.reader()
	err := r.Read(ctx, visit)
	if back := r.GiveBack(ctx); err == nil {
		err = back
	}
	return err
}

// several is one value, or the first and how many more.
func several(values []string) string {
	if len(values) > 1 {
		return fmt.Sprintf("%s +%d", values[0], len(values)-1)
	}
	return values[0]
}

// age is how long ago, for a person.
func age(t time.Time) string {
	if t.IsZero() {
		return "?"
	}
	switch d := time.Since(t); {
	case d < time.Minute:
		return fmt.Sprintf("%ds ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", int(d.Hours()))
	}
	return t.Format(time.DateTime)
}
