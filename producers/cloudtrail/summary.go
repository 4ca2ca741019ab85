package cloudtrail

import (
	"slices"
	"strings"
	"sync"

	"polo/internal/queue"
	"polo/producers/cloudtrail/resolve"
)

// Summary counts what a collection read and emitted.
type Summary struct {
	// Files counts the files read, Skipped names the others.
	Files   int
	Skipped []Skipped
	// Ignored are the files with control messages of CloudWatch Logs, which are not records.
	Ignored []Ignored
	// Read counts the records, rejected ones included.
	Read int64
	// Events counts the events of the records.
	Events int64
	// Rejected counts the rejected records, by reason.
	Rejected map[queue.Reason]int64
	// Resolutions counts the activities by How.
	Resolutions map[resolve.Resolution]int64
}

// Skipped is a file of a kind that holds no records.
type Skipped struct {
	Name string
	Why  string
}

// Ignored counts the valid parts of a file that are not records.
type Ignored struct {
	Name    string
	Records int64
}

// tally counts concurrently.
type tally struct {
	mu sync.Mutex
	s  Summary
}

func newTally() *tally {
	return &tally{s: Summary{Rejected: make(map[queue.Reason]int64), Resolutions: make(map[resolve.Resolution]int64)}}
}

func (t *tally) add(fn func(*Summary)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fn(&t.s)
}

func (t *tally) summary() Summary {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortFunc(t.s.Skipped, func(a, b Skipped) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(t.s.Ignored, func(a, b Ignored) int { return strings.Compare(a.Name, b.Name) })
	return t.s
}
