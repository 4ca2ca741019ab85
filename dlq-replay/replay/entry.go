package replay

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// entry is one line of a journal.
type entry struct {
	Run   string     `json:"run,omitempty"` // the first line: a run began
	DLQ   string     `json:"dlq,omitempty"`
	Queue string     `json:"queue,omitempty"`
	At    *time.Time `json:"at,omitempty"`
	Typed *string    `json:"typed,omitempty"`
	// Filter is the run's filter, with times relative to its beginning.
	Filter *Filter `json:"filter,omitempty"`

	By     string `json:"by,omitempty"` // a process continued the run
	HoldMS int64  `json:"hold_ms,omitempty"`

	Intended []string    `json:"intended,omitempty"`
	Stay     []string    `json:"stay,omitempty"` // intended, and refused permanently
	Sent     []string    `json:"sent,omitempty"`
	Events   []Statement `json:"events,omitempty"` // of what was sent
	// Marks identify sent content that cannot be decoded; Unreadable counts it.
	Marks      []Mark `json:"marks,omitempty"`
	Unreadable int    `json:"unreadable,omitempty"`
	// Replays is the replay count it was sent with.
	Replays int      `json:"replays,omitempty"`
	Deleted []string `json:"deleted,omitempty"`
	Ended   bool     `json:"ended,omitempty"`
}

// parseJournal parses whole lines, and returns their length in bytes. A crash cut what follows, or
// it is still being written.
func parseJournal(r io.Reader, path string, h Header) (j *Journal, whole int64, err error) {
	j = newJournal()
	lines := bufio.NewReaderSize(r, 1<<20)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			return j, whole, nil
		case err != nil:
			return nil, 0, fmt.Errorf("reading the journal %s: %w", path, err)
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil || number == 1 && e.Run == "" {
			return nil, 0, fmt.Errorf("reading the journal %s: line %d is not a journal entry", path, number)
		}
		if e.Run != "" && (h.DLQ != "" && e.DLQ != h.DLQ || h.Queue != "" && e.Queue != "" && e.Queue != h.Queue) {
			return nil, 0, fmt.Errorf("%w: %s", ErrOtherQueue, cmp.Or(e.Queue, e.DLQ))
		}
		whole += int64(len(line))
		j.apply(e)
	}
}
