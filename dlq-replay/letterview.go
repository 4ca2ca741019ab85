package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
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
	// Lines are the original events of a pack or an event.
	Lines []json.RawMessage `json:"lines,omitempty"`
	// Bad are the bad events of a pack.
	Bad []badEvent `json:"bad,omitempty"`

	// at is when it failed; why is its error without what is particular to this letter.
	at  time.Time
	why string
}

// badEvent is an event of a pack that the consumer does not insert.
type badEvent struct {
	Event int    `json:"event"`
	Error string `json:"error"`
}

func view(letter *replay.Letter, whole bool) letterView {
	l := letter.WithoutSecrets() //mutant:show-tells-secrets
	f := &l.Failure
	v := letterView{
		ID: l.ID(), Reason: l.Reason(), Error: f.Err, Unit: string(f.Unit), Origin: f.Origin, MessageID: f.MessageID,
		ReceiveCount: f.ReceiveCount, ReplayCount: f.ReplayCount, FirstSeen: f.FirstSeen, LastSeen: f.LastSeen,
		SentAt: l.Message.SentAt, CutFrom: f.CutFrom, Redacted: f.Redacted, Sources: l.Sources(), Types: l.Types(), Accounts: l.Accounts(), Events: len(l.Lines),
		at: l.At(), why: causeOf(letter).Error,
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

// print implements result: it prints the whole letter.
func (v *letterView) print(s *cli.Streams) error {
	t := cli.NewTable(s, "", v.ID)
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
		{"secrets redacted at", strings.Join(v.Redacted, ", ")},
		{"sources", cli.Several(v.Sources)},
		{"types", cli.Several(v.Types)},
		{"accounts", cli.Several(v.Accounts)},
	} {
		if r[1] != "" {
			t.Row(r[0], r[1])
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := v.printBad(s); err != nil {
		return err
	}
	for i, line := range v.Lines {
		if i == mostShown {
			return more(s, len(v.Lines)-i, "events")
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, line, "", "  "); err != nil {
			return fmt.Errorf("showing an event: %w", err)
		}
		if _, err := fmt.Fprintln(s.Stdout, pretty.String()); err != nil {
			return err
		}
	}
	if v.Body == "" {
		return nil
	}
	_, err := fmt.Fprintln(s.Stdout, v.Body)
	return err
}

// mostShown bounds the events of a pack, and its bad events, that a person is shown.
const mostShown = 20

// printBad prints which events of a pack are bad.
func (v *letterView) printBad(s *cli.Streams) error {
	for i, b := range v.Bad {
		if i == mostShown {
			return more(s, len(v.Bad)-i, "bad events")
		}
		if _, err := fmt.Fprintf(s.Stdout, "event %d: %s\n", b.Event, b.Error); err != nil {
			return err
		}
	}
	return nil
}

func more(s *cli.Streams, n int, what string) error {
	_, err := fmt.Fprintf(s.Stdout, "and %d more %s (--json shows all)\n", n, what)
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
