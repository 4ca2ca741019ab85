package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"polo/dlq-replay/replay"
	"polo/internal/queue"
)

// letterView is one letter as JSON.
type letterView struct {
	ID           string    `json:"id"`
	Reason       string    `json:"reason"`
	Error        string    `json:"error"`
	Unit         string    `json:"unit,omitempty"`
	Origin       string    `json:"origin,omitempty"`
	MessageID    string    `json:"message_id,omitempty"`
	ReceiveCount int       `json:"receive_count,omitempty"`
	ReplayCount  int       `json:"replay_count,omitempty"`
	FirstSeen    time.Time `json:"first_seen,omitzero"`
	LastSeen     time.Time `json:"last_seen,omitzero"`
	SentAt       time.Time `json:"sent_at,omitzero"`
	CutFrom      int       `json:"cut_from,omitempty"`
	// Redacted are the places in the original bytes where secrets were.
	Redacted []string `json:"redacted,omitempty"`
	Sources  []string `json:"sources"`
	Types    []string `json:"types"`
	Accounts []string `json:"accounts"`
	Events   int      `json:"events"`
	Body     string   `json:"body,omitempty"`
	// Lines are the events of a pack or an event, as they stood.
	Lines []json.RawMessage `json:"lines,omitempty"`
	// Bad are the events of a pack that are at fault.
	Bad []badEvent `json:"bad,omitempty"`
}

// badEvent is an event of a pack that the consumer does not insert.
type badEvent struct {
	Event int    `json:"event"`
	Error string `json:"error"`
}

func view(letter *replay.Letter, whole bool) letterView {
	l := letter.WithoutSecrets()
	f := &l.Failure
	v := letterView{
		ID: l.ID(), Reason: l.Reason(), Error: f.Err, Unit: string(f.Unit), Origin: f.Origin, MessageID: f.MessageID,
		ReceiveCount: f.ReceiveCount, ReplayCount: f.ReplayCount, FirstSeen: f.FirstSeen, LastSeen: f.LastSeen,
		SentAt: l.Message.SentAt, CutFrom: f.CutFrom, Redacted: f.Redacted, Sources: l.Sources(), Types: l.Types(), Accounts: l.Accounts(), Events: len(l.Lines),
	}
	if l.Err != nil {
		v.Error = l.Err.Error()
	}
	if !whole {
		return v
	}
	for _, b := range l.Bad {
		v.Bad = append(v.Bad, badEvent{Event: b.Number, Error: b.Err.Error()})
	}
	for _, line := range l.Lines {
		if json.Valid(line) {
			v.Lines = append(v.Lines, line)
		}
	}
	if len(v.Lines) == 0 || len(v.Lines) != len(l.Lines) {
		v.Body = l.Body()
	}
	return v
}

type showCmd struct {
	ID string `arg:"" help:"The letter's id, as list and peek tell it."`
}

// Help is shown by --help.
func (showCmd) Help() string {
	return `Prints why a letter is here, where it came from, and what it holds: its events as JSON, or the bytes as they came.

Examples:

  dlq-replay show 1c0f8b8e-52c1-4a6f-9a3e-0b8b3d2f7a11
  dlq-replay show 1c0f8b8e-52c1-4a6f-9a3e-0b8b3d2f7a11 --json`
}

// Run shows one letter.
func (c *showCmd) Run(ctx context.Context, e *env) error {
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	found, err := find(ctx, o, replay.Filter{IDs: []string{c.ID}}, 1)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("no letter %s is in the dead-letter queue: it was sent, deleted or corrected (a corrected letter has a new id: dlq-replay peek --corrected), or somebody else holds it", c.ID)
	}
	v := view(&found[0], true)
	if e.cli.JSON {
		return printJSON(e, v)
	}
	t := newTable(e.stdout, "", c.ID)
	for _, r := range [][2]string{
		{"reason", v.Reason},
		{"error", v.Error},
		{"holds", v.Unit},
		{"origin", v.Origin},
		{"message", v.MessageID},
		{"deliveries", count(v.ReceiveCount)},
		{"replays", count(v.ReplayCount)},
		{"first seen", when(v.FirstSeen)},
		{"last seen", when(v.LastSeen)},
		{"secrets taken out at", strings.Join(v.Redacted, ", ")},
		{"sources", several(v.Sources)},
		{"types", several(v.Types)},
		{"accounts", several(v.Accounts)},
	} {
		if r[1] != "" {
			t.row(r[0], r[1])
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	if err := v.printBad(e); err != nil {
		return err
	}
	for i, line := range v.Lines {
		if i == mostShown {
			return more(e, len(v.Lines)-i, "events")
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, line, "", "  "); err != nil {
			return fmt.Errorf("showing an event: %w", err)
		}
		if _, err := fmt.Fprintln(e.stdout, pretty.String()); err != nil {
			return err
		}
	}
	if v.Body != "" {
		_, err = fmt.Fprintln(e.stdout, v.Body)
	}
	return err
}

// mostShown is how many events of a pack a person is shown, and how many that are bad.
const mostShown = 20

// printBad tells which events of a pack are at fault.
func (v *letterView) printBad(e *env) error {
	for i, b := range v.Bad {
		if i == mostShown {
			return more(e, len(v.Bad)-i, "bad events")
		}
		if _, err := fmt.Fprintf(e.stdout, "event %d: %s\n", b.Event, b.Error); err != nil {
			return err
		}
	}
	return nil
}

func more(e *env, n int, what string) error {
	_, err := fmt.Fprintf(e.stdout, "and %d more %s (--json shows all)\n", n, what)
	return err
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime) + " (" + age(t) + ")"
}

// find reads letters that match, at most max of them (0: all), and gives all back. Of
// letters that are copies of each other it finds one, unless they are asked for by id.
func find(ctx context.Context, o *opened, f replay.Filter, most int) ([]replay.Letter, error) {
	match := f.Matcher()
	var mu sync.Mutex
	var found []replay.Letter
	seen := map[queue.Key]bool{}
	err := look(ctx, o, func(l replay.Letter) error {
		if !match(&l) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if most > 0 && len(found) == most {
			return replay.ErrEnough
		}
		if key := l.Key(); len(f.IDs) == 0 {
			if seen[key] {
				return nil
			}
			seen[key] = true
		}
		found = append(found, l)
		if len(found) == most {
			return replay.ErrEnough
		}
		return nil
	})
	return found, err
}

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

// Run lists letters.
func (c *peekCmd) Run(ctx context.Context, e *env) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	found, err := find(ctx, o, filter, c.Max)
	if err != nil {
		return err
	}
	slices.SortFunc(found, replay.ByTime)
	if e.cli.JSON {
		views := make([]letterView, len(found))
		for i := range found {
			views[i] = view(&found[i], false)
		}
		return printJSON(e, views)
	}
	t := newTable(e.stdout, "id", "reason", "failed", "source", "type", "events", "replays", "error")
	for i := range found {
		v := view(&found[i], false)
		t.row(v.ID, v.Reason, age(found[i].At()), several(v.Sources), several(v.Types), fmt.Sprint(v.Events), fmt.Sprint(v.ReplayCount), clip(causeOf(&found[i]).Error, 90))
	}
	return t.flush()
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
