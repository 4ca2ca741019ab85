package main

import (
	"fmt"
	"time"

	"polo/internal/cli"
)

// group is the letters that failed for the same reason.
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

// listing is the result of list.
type listing struct {
	Letters int `json:"letters"`
	Matched int `json:"matched"`
	// Copies counts those of Letters that equal another one; groups and causes count them once.
	Copies int     `json:"copies,omitempty"`
	Groups []group `json:"groups"`
	Causes []cause `json:"causes"`
	// Unread is roughly how many letters of the queue were not read, because someone else holds
	// them.
	Unread int `json:"unread"`
	// Full reports that not all could be read: SQS allows at most 120,000 messages in flight.
	Full bool `json:"full,omitempty"`
}

// print implements result.
func (out *listing) print(s *cli.Streams) error {
	t := cli.NewTable(s, "letters", "reason", "source", "type", "account", "oldest", "newest", "example")
	t.Numbers(0)
	for _, g := range out.Groups {
		t.Row(fmt.Sprint(g.Letters), g.Reason, g.Source, g.Type, g.Account, age(g.Oldest), age(g.Newest), g.Example)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := printCauses(s, out.Causes); err != nil {
		return err
	}
	if out.Matched == 0 && out.Letters > 0 {
		if _, err := fmt.Fprintln(s.Stdout, "no letter matches: dlq-replay list without a filter shows which reasons, sources, types and accounts there are"); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Stdout, "%d of %d letters\n", out.Matched, out.Letters)
	if err == nil && out.Copies > 0 {
		_, err = fmt.Fprintf(s.Stdout, "%d of them are copies of others, and are counted once above; a replay or a purge includes them\n", out.Copies)
	}
	switch {
	case err != nil:
	case out.Full:
		_, err = fmt.Fprintf(s.Stdout, "about %d more were not read: the queue allows 120,000 messages in flight\n", out.Unread)
	case out.Unread > 0:
		_, err = fmt.Fprintf(s.Stdout, "about %d more were not read: someone else holds them\n", out.Unread)
	}
	return err
}

// mostCauses bounds the causes that a person is shown.
const mostCauses = 10

func printCauses(s *cli.Streams, causes []cause) error {
	t := cli.NewTable(s, "letters", "reason", "why", "example")
	t.Numbers(0)
	t.Keep(3)
	for i, c := range causes {
		if i == mostCauses {
			t.Row("...", "", fmt.Sprintf("%d more (--json lists all)", len(causes)-i), "")
			break
		}
		t.Row(fmt.Sprint(c.Letters), c.Reason, c.Error, c.Example)
	}
	return t.Flush()
}

// age returns how long ago a time was, for a person.
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
