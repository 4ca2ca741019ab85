package main

import (
	"context"
	"fmt"
	"sync"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/queue"
)

// plan is the result of a dry run.
type plan struct {
	Letters  int            `json:"letters"`
	Events   int            `json:"events"`
	Reasons  map[string]int `json:"reasons"`
	Left     map[string]int `json:"left,omitempty"`
	Examples []string       `json:"examples,omitempty"`
	// HeldByOthers is roughly how many letters were not read, because others hold them.
	HeldByOthers int  `json:"held_by_others,omitempty"`
	Applied      bool `json:"applied"`

	// queue is the name of the queue that it would send to.
	queue string
}

// dry returns what a replay would do.
func (c *replayCmd) dry(ctx context.Context, o *opened, filter replay.Filter, planner *replay.Planner) (result, error) {
	match := filter.Matcher()
	var mu sync.Mutex
	out := plan{queue: o.mainName, Reasons: map[string]int{}, Left: map[string]int{}}
	before, err := o.dlq.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how many letters the dead-letter queue has: %w", err)
	}
	out.HeldByOthers = before.InFlight
	err = look(ctx, o, func(l replay.Letter) error {
		if !match(&l) {
			return nil
		}
		parcel, err := planner.Plan(&l)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			out.Left[err.Error()]++
		case c.Max > 0 && out.Letters >= c.Max:
			return replay.ErrEnough
		default:
			out.Letters++
			out.Events += len(parcel.Statements) + parcel.Unreadable
			out.Reasons[prospect(&l)]++
			if len(out.Examples) < 3 {
				out.Examples = append(out.Examples, l.ID())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// print implements result.
func (out *plan) print(s *cli.Streams) error {
	if out.Letters == 0 && len(out.Left) == 0 && out.HeldByOthers == 0 {
		_, err := fmt.Fprintln(s.Stdout, "no letter matches: nothing would be sent")
		return err
	}
	t := cli.NewTable(s, "letters", "what would happen to them")
	for _, reason := range byCount(out.Reasons) {
		t.Row(fmt.Sprint(out.Reasons[reason]), reason)
	}
	for _, why := range byCount(out.Left) {
		t.Row(fmt.Sprint(out.Left[why]), "left: "+why)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if out.HeldByOthers > 0 {
		if _, err := fmt.Fprintf(s.Stdout, "about %d more were not read: someone else holds them\n", out.HeldByOthers); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Stdout, "%d letters with %d events would be sent to %s and deleted here. Nothing was done: add --apply.\n", out.Letters, out.Events, out.queue)
	return err
}

// prospect says what is sent, and what probably happens to it.
func prospect(l *replay.Letter) string {
	reason := queue.Reason(l.Reason())
	switch {
	case l.Corrected():
		return "sent again: " + l.Reason() + ", corrected"
	case reason == queue.ReasonInvalidEvent || reason == queue.ReasonMalformedEvent || reason == queue.ReasonMalformedPack ||
		reason == queue.ReasonCorruptPack || reason == queue.ReasonPackTooLarge:
		return "sent again: " + l.Reason() + ", unchanged: it fails again unless the consumer was changed"
	}
	return "sent again: " + l.Reason()
}
