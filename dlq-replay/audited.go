package main

import (
	"time"

	"polo/internal/cli"
)

// audited is one act.
type audited struct {
	At      time.Time `json:"at"`
	Act     string    `json:"act"`
	State   string    `json:"state"`
	Actor   string    `json:"actor"`
	Letters string    `json:"letters"`
	Filter  string    `json:"filter"`
	Expr    string    `json:"expr,omitempty"`
	Run     string    `json:"run"`
	Queue   string    `json:"queue"`
}

// trail is a list of acts in order.
type trail []audited

// print implements result.
func (acts trail) print(s *cli.Streams) error {
	t := cli.NewTable(s, "at", "act", "state", "who", "letters", "filter", "corrected by", "run")
	t.Numbers(4)
	for _, a := range acts {
		t.Row(a.At.UTC().Format(time.DateTime), a.Act, a.State, a.Actor, a.Letters, a.Filter, a.Expr, a.Run)
	}
	return t.Flush()
}
