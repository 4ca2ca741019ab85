package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"polo/dlq-replay/replay"
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

// cause is letters whose errors say the same, but for what is of one letter alone.
type cause struct {
	Reason  string `json:"reason"`
	Error   string `json:"error"`
	Letters int    `json:"letters"`
	Example string `json:"example"`
}

// ofOneLetter is what differs between errors of one cause: places and ids.
var ofOneLetter = regexp.MustCompile(`(event \d+ of \d+: )|( ?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}:?)|(, at byte \d+)`)

func causeOf(l *replay.Letter) cause {
	text := replay.Unmarked(l.Failure.Err)
	if l.Err != nil {
		text = l.Err.Error()
	}
	return cause{Reason: l.Reason(), Error: cleanCause(text)}
}

func cleanCause(text string) string {
	text = strings.TrimSpace(ofOneLetter.ReplaceAllString(text, ""))
	return strings.Replace(text, "invalid event ", "", 1)
}

// listing is what list prints as JSON.
type listing struct {
	Letters int     `json:"letters"`
	Matched int     `json:"matched"`
	Groups  []group `json:"groups"`
	Causes  []cause `json:"causes"`
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
	groups := map[group]*group{}
	causes := map[cause]*cause{}
	err = look(ctx, o, func(l replay.Letter) error {
		mu.Lock()
		defer mu.Unlock()
		out.Letters++
		if !match(&l) {
			return nil
		}
		out.Matched++
		key := group{Reason: l.Reason(), Source: several(l.Sources()), Type: several(l.Types()), Account: several(l.Accounts())}
		g := groups[key]
		if g == nil {
			g = &group{Reason: key.Reason, Source: key.Source, Type: key.Type, Account: key.Account, Oldest: l.At(), Newest: l.At(), Example: l.ID()}
			groups[key] = g
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
