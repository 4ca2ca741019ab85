package main

import (
	"fmt"
	"strings"

	"polo/internal/cli"
)

// verified is the result of verify.
type verified struct {
	Runs   []string `json:"runs"`
	Ended  bool     `json:"ended"`
	Events int      `json:"events"`
	Landed int      `json:"landed"`
	// Unreadable counts what was sent but cannot be verified, because it is no event.
	Unreadable int       `json:"unreadable,omitempty"`
	Missing    []missing `json:"missing,omitempty"`
	// IDs are those of all events that were sent.
	IDs []string `json:"ids,omitempty"`
	// Waiting is roughly how many messages the main queue holds, if that was asked.
	Waiting int `json:"waiting,omitempty"`
}

// missing is an event that has not landed.
type missing struct {
	EventID string `json:"event_id"`
	// Letter, Reason and Error describe its new letter, if it is in the dead-letter queue again.
	Letter string `json:"letter,omitempty"`
	Reason string `json:"reason,omitempty"`
	Error  string `json:"error,omitempty"`
}

// shown bounds the missing events that a person is shown.
const shown = 20

// print implements result.
func (v *verified) print(s *cli.Streams) error {
	if _, err := fmt.Fprintf(s.Stdout, "run %s: %d events were sent, %d of them are in ClickHouse\n", strings.Join(v.Runs, ", "), v.Events, v.Landed); err != nil {
		return err
	}
	if v.Unreadable > 0 {
		if _, err := fmt.Fprintf(s.Stdout, "%d more that were sent cannot be verified, because they do not decode\n", v.Unreadable); err != nil {
			return err
		}
	}
	for i, m := range v.Missing {
		if i == shown {
			_, err := fmt.Fprintf(s.Stdout, "missing: and %d more (--json lists all)\n", len(v.Missing)-i)
			return err
		}
		line := "missing: " + m.EventID
		if m.Letter != "" {
			line += fmt.Sprintf(" failed again as %s, letter %s: %s", m.Reason, m.Letter, m.Error)
		}
		if _, err := fmt.Fprintln(s.Stdout, line); err != nil {
			return err
		}
	}
	return nil
}

// verdict returns nil if every event has landed.
func (v *verified) verdict() error {
	again := 0
	for _, m := range v.Missing {
		if m.Letter != "" {
			again++
		}
	}
	switch {
	case len(v.Missing) > 0 && again == 0 && v.Waiting > 0:
		return cli.Incomplete("%d events have not landed yet, and none failed again: about %d messages are in the queue (--wait 2m waits for them)", len(v.Missing), v.Waiting)
	case len(v.Missing) > 0:
		return cli.Incomplete("%d events have not landed; %d of them failed again", len(v.Missing), again)
	case !v.Ended:
		return cli.Incomplete("the run was interrupted: the same replay command continues it")
	case v.Unreadable > 0:
		return cli.Incomplete("not everything that was sent can be verified: dlq-replay list shows what failed again")
	}
	return nil
}
