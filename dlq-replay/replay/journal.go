package replay

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// Journal is a file that outlives a crash: what was about to be sent, what was
// sent, and what was deleted, a JSON object a line, on the disk before the next
// step is taken. Safe for concurrent use; what several note at once costs one
// sync.
type Journal struct {
	Run string

	file *os.File
	jobs chan note
	done sync.WaitGroup

	mu         sync.Mutex
	state      map[string]Progress
	statements map[Statement]bool
	unreadable int
	started    time.Time
	ended      bool
}

// Progress is how far a letter got.
type Progress uint8

const (
	// Intended letters were about to be sent, and may have been.
	Intended Progress = iota + 1
	// Sent letters are acknowledged by the queue.
	Sent
	// Deleted letters are out of the dead-letter queue.
	Deleted
)

// entry is one line.
type entry struct {
	Run        string      `json:"run,omitempty"` // the first line: a run began
	DLQ        string      `json:"dlq,omitempty"`
	At         *time.Time  `json:"at,omitempty"`
	Intended   []string    `json:"intended,omitempty"`
	Sent       []string    `json:"sent,omitempty"`
	Events     []Statement `json:"events,omitempty"` // of what was sent
	Unreadable int         `json:"unreadable,omitempty"`
	Deleted    []string    `json:"deleted,omitempty"`
	Ended      bool        `json:"ended,omitempty"`
}

type note struct {
	entry entry
	err   chan error
}

// ErrOtherQueue tells that a journal is of another dead-letter queue.
var ErrOtherQueue = errors.New("the journal is of another dead-letter queue")

// OpenJournal opens the journal at path, or makes it for a run over the queue
// dlq. An unfinished one is taken up. A last line that a crash cut is dropped.
func OpenJournal(path, dlq, run string, now time.Time) (*Journal, error) {
	j, err := readJournal(path, dlq)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		j = newJournal()
		j.Run, j.started = run, now
	case err != nil:
		return nil, err
	}
	fresh := errors.Is(err, fs.ErrNotExist)
	if j.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	j.jobs = make(chan note, 64)
	j.done.Go(j.write)
	if fresh {
		err = j.note(entry{Run: run, DLQ: dlq, At: &now})
	}
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

func newJournal() *Journal {
	return &Journal{state: map[string]Progress{}, statements: map[Statement]bool{}}
}

// ReadJournal reads a journal to look at; nothing can be noted in it.
func ReadJournal(path string) (*Journal, error) { return readJournal(path, "") }

func readJournal(path, dlq string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // every write to it is synced
	j := newJournal()
	lines := bufio.NewReaderSize(f, 1<<20)
	for whole, number := int64(0), 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if len(line) == 0 {
				break
			}
			// A crash cut the last line: what it spoke of had not happened yet.
			if err := f.Truncate(whole); err != nil {
				return nil, fmt.Errorf("mending the journal: %w", err)
			}
			break
		}
		whole += int64(len(line))
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("reading the journal %s: line %d is not one of a journal's", path, number)
		}
		if e.Run != "" && dlq != "" && e.DLQ != dlq {
			return nil, fmt.Errorf("%w: %s", ErrOtherQueue, e.DLQ)
		}
		j.apply(e)
	}
	if j.Run == "" {
		return nil, fmt.Errorf("reading the journal %s: it is empty or no journal", path)
	}
	return j, nil
}

func (j *Journal) apply(e entry) {
	if e.Run != "" {
		j.Run = e.Run
		if e.At != nil {
			j.started = *e.At
		}
	}
	for progress, ids := range map[Progress][]string{Intended: e.Intended, Sent: e.Sent, Deleted: e.Deleted} {
		for _, id := range ids {
			j.state[id] = max(j.state[id], progress)
		}
	}
	for _, s := range e.Events {
		j.statements[s] = true
	}
	j.unreadable += e.Unreadable
	j.ended = e.Ended
}

// Of is how far a letter got; 0 for one the journal does not know.
func (j *Journal) Of(id string) Progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state[id]
}

// Count is how many letters got exactly so far.
func (j *Journal) Count(p Progress) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, got := range j.state {
		if got == p {
			n++
		}
	}
	return n
}

// Started is when the run began.
func (j *Journal) Started() time.Time { return j.started }

// Ended tells whether the run went to its end.
func (j *Journal) Ended() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ended
}

// Statements are every one that was sent, each once, in order of time.
func (j *Journal) Statements() []Statement {
	j.mu.Lock()
	defer j.mu.Unlock()
	return InOrder(j.statements)
}

// InOrder lists statements in order of time, as Missing wants them.
func InOrder(statements map[Statement]bool) []Statement {
	return slices.SortedFunc(maps.Keys(statements), func(a, b Statement) int {
		return cmp.Or(a.TS.Compare(b.TS), bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Version, b.Version))
	})
}

// Unreadable is how much was sent of which nobody can ask whether it landed.
func (j *Journal) Unreadable() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.unreadable
}

// Intend notes letters that are about to be sent. Like every note, it is on the disk
// when this returns.
func (j *Journal) Intend(ids []string) error { return j.note(entry{Intended: ids}) }

// Sent notes letters that the queue acknowledged, and what was in them.
func (j *Journal) Sent(ids []string, statements []Statement, unreadable int) error {
	return j.note(entry{Sent: ids, Events: statements, Unreadable: unreadable})
}

// Deleted notes letters that are gone from the dead-letter queue.
func (j *Journal) Deleted(ids []string) error { return j.note(entry{Deleted: ids}) }

// End notes that the run went to its end.
func (j *Journal) End() error { return j.note(entry{Ended: true}) }

func (j *Journal) note(e entry) error {
	n := note{entry: e, err: make(chan error, 1)}
	j.jobs <- n
	if err := <-n.err; err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.apply(e)
	return nil
}

// write writes what waits, syncs once, and tells everyone.
func (j *Journal) write() {
	for first := range j.jobs {
		batch := []note{first}
		for more := true; more; {
			select {
			case n, ok := <-j.jobs:
				if more = ok; ok {
					batch = append(batch, n)
				}
			default:
				more = false
			}
		}
		var text []byte
		var err error
		for _, n := range batch {
			var line []byte
			if line, err = json.Marshal(n.entry); err != nil {
				break
			}
			text = append(append(text, line...), '\n')
		}
		if err == nil {
			_, err = j.file.Write(text)
		}
		if err == nil {
			err = j.file.Sync()
		}
		if err != nil {
			err = fmt.Errorf("writing the journal: %w", err)
		}
		for _, n := range batch {
			n.err <- err
		}
	}
}

// Close ends the journal's use.
func (j *Journal) Close() error {
	if j.file == nil {
		return nil
	}
	close(j.jobs)
	j.done.Wait()
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("closing the journal: %w", err)
	}
	return nil
}
