package cloudtrail

import (
	"slices"
	"strings"
	"sync"

	"polo/internal/queue"
	"polo/producers/cloudtrail/resolve"
)

// Summary is what a collection did.
type Summary struct {
	// Files counts the files that were read, Skipped names the others.
	Files   int
	Skipped []Skipped
	// Ignored are the files with control messages of CloudWatch Logs, which are no records.
	Ignored []Ignored
	// Read counts the records, those that were rejected among them.
	Read int64
	// Events counts what the records became.
	Events int64
	// Rejected counts by reason what went to the dead-letter queue.
	Rejected map[queue.Reason]int64
	// Resolutions counts by How the activities whose record was read.
	Resolutions map[resolve.Resolution]int64
}

// Skipped is a file that holds no records by its nature.
type Skipped struct {
	Name string
	Why  string
}

// Ignored counts what is no record in a file, and nothing is wrong with it.
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
