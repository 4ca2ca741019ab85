package main

import (
	"fmt"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
)

// replayed is the result of an applied run.
type replayed struct {
	replay.Result
	Run     string  `json:"run"`
	Resumed bool    `json:"resumed"`
	Journal string  `json:"journal"`
	Seconds float64 `json:"seconds"`
	Applied bool    `json:"applied"`

	// again is the command that verifies it.
	again string
}

// print implements result.
func (r *replayed) print(s *cli.Streams) error {
	if _, err := fmt.Fprintf(s.Stdout, "%d letters sent and deleted in %.1f s (run %s)\n", r.Sent, r.Seconds, r.Run); err != nil {
		return err
	}
	for _, line := range []struct {
		n    int64
		text string
	}{
		{r.Known, "were sent before the interruption, and only deleted now"},
		{r.InDoubt, "of the sent may also have been sent before the interruption: the consumer counts each event once"},
		{r.FailedAgain, "that this run had sent failed again, and stay"},
		{int64(r.HeldByOthers), "or so were skipped: others hold them"},
	} {
		if line.n > 0 {
			if _, err := fmt.Fprintf(s.Stdout, "%d %s\n", line.n, line.text); err != nil {
				return err
			}
		}
	}
	for _, why := range byCount(r.Left) {
		if _, err := fmt.Fprintf(s.Stdout, "%d left: %s\n", r.Left[why], why); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Stdout, "Has it landed? %s\n", r.again)
	return err
}
