package replay

import (
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

// Journal is a file that survives a crash. It records what was about to be sent, what was sent, and
// what was deleted, one JSON object per line, and syncs each before the next step. Opening it takes
// an exclusive lock; reading it needs none. It is safe for concurrent use, and concurrent notes
// share one sync.
type Journal struct {
	Run string
	// Fresh reports that opening the journal created it.
	Fresh bool

	file *lockedFile
	jobs chan note
	done sync.WaitGroup

	mu         sync.Mutex
	state      map[string]Progress
	counts     [Deleted + 1]int
	statements map[Statement]bool
	echoes     echoes
	unreadable int
	started    time.Time
	ended      bool
	by         string
	hold       time.Duration
	typed      *string
	filter     *Filter
}

// Progress is how far a letter got.
type Progress uint8

const (
	// Intended letters were about to be sent, and may have been.
	Intended Progress = iota + 1
	// Sent letters are acknowledged by the queue.
	Sent
	// Deleted letters are deleted from the dead-letter queue.
	Deleted
)

// Header is the first line of a journal.
type Header struct {
	Run     string
	Started time.Time
	// DLQ is the dead-letter queue's name. Queue distinguishes it from others with that name, and
	// is empty if the journal's path already does.
	DLQ, Queue string
	// By is who holds the journal.
	By string
	// Hold is how long letters stay invisible after this process is killed.
	Hold time.Duration
	// Filter selects the letters of the run. Typed is the filter as typed: a relative time differs
	// between commands.
	Filter Filter
	Typed  string
}

type note struct {
	entries []entry
	err     chan error
}

// ErrOtherQueue means that a journal belongs to another dead-letter queue.
var ErrOtherQueue = errors.New("the journal belongs to another dead-letter queue")

// OpenJournal opens the journal at path, or creates it with this header. It continues an unfinished
// journal, which keeps its run, beginning and filter, and drops a last line that a crash cut. It
// returns ErrBusy if another process has the journal open.
func OpenJournal(path string, h Header) (*Journal, error) {
	f, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	j, whole, err := parseJournal(f, path, h)
	if err == nil {
		err = f.Truncate(whole) // the step of a cut line had not begun
	}
	if err == nil && whole == 0 {
		err = syncFolder(path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	j.file, j.jobs, j.Fresh = f, make(chan note, 64), whole == 0
	j.done.Go(j.write)
	first := entry{By: h.By, HoldMS: h.Hold.Milliseconds()}
	switch {
	case j.Fresh:
		first.Run, first.DLQ, first.Queue, first.At, first.Typed, first.Filter = h.Run, h.DLQ, h.Queue, &h.Started, &h.Typed, &h.Filter
	case j.ended:
		return j, nil // a finished journal is read-only
	}
	if err := j.note(first); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

func newJournal() *Journal {
	return &Journal{state: map[string]Progress{}, statements: map[Statement]bool{}, echoes: echoes{}}
}

// ReadJournal reads a journal, even while a run writes it. The result cannot be written. A journal
// without a complete line is fs.ErrNotExist.
func ReadJournal(path string) (*Journal, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	j, whole, err := parseJournal(f, path, Header{})
	if err == nil && whole == 0 {
		err = fmt.Errorf("reading the journal %s: it has no entries yet: %w", path, fs.ErrNotExist)
	}
	return j, err
}

func (j *Journal) apply(e entry) {
	if e.Run != "" {
		j.Run, j.typed, j.filter = e.Run, e.Typed, e.Filter
		if e.At != nil {
			j.started = *e.At
		}
	}
	if e.By != "" {
		j.by = e.By
	}
	j.hold = max(j.hold, time.Duration(e.HoldMS)*time.Millisecond)
	for progress, ids := range map[Progress][]string{Intended: e.Intended, Sent: e.Sent, Deleted: e.Deleted} { //mutant:journal-not-taken-up
		for _, id := range ids {
			j.set(id, max(j.state[id], progress))
		}
	}
	for _, id := range e.Stay {
		if j.state[id] == Intended {
			j.set(id, 0)
		}
	}
	for _, s := range e.Events {
		j.statements[s] = true
	}
	j.echoes.add(e.Events, e.Marks, e.Replays)
	j.unreadable += e.Unreadable
	j.ended = j.ended || e.Ended
}

func (j *Journal) set(id string, p Progress) {
	if old := j.state[id]; old > 0 {
		j.counts[old]--
	}
	if p == 0 {
		delete(j.state, id)
		return
	}
	j.state[id] = p
	j.counts[p]++
}

// Of returns how far a letter got; 0 if the journal does not have it.
func (j *Journal) Of(id string) Progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state[id]
}

// Count returns how many letters are at exactly that progress.
func (j *Journal) Count(p Progress) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.counts[p]
}

// Open returns the letters that were sent or intended, and are not known to be deleted.
func (j *Journal) Open() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var ids []string
	for id, p := range j.state {
		if p < Deleted {
			ids = append(ids, id)
		}
	}
	return ids
}

// Started returns when the run began.
func (j *Journal) Started() time.Time { return j.started }

// Hold returns the longest time that any process of the run held letters.
func (j *Journal) Hold() time.Duration { return j.hold }

// Filter returns the run's filter, and how it was typed; false if the journal has none.
func (j *Journal) Filter() (f Filter, typed string, ok bool) {
	if j.filter == nil || j.typed == nil {
		return Filter{}, "", false
	}
	return *j.filter, *j.typed, true
}

// Ended reports whether the run finished.
func (j *Journal) Ended() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ended
}

// Statements returns every statement that was sent, once, in order of time.
func (j *Journal) Statements() []Statement {
	j.mu.Lock()
	defer j.mu.Unlock()
	return InOrder(j.statements)
}

// InOrder sorts statements by time, as Missing requires.
func InOrder(statements map[Statement]bool) []Statement {
	return slices.SortedFunc(maps.Keys(statements), func(a, b Statement) int {
		return cmp.Or(a.TS.Compare(b.TS), bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Version, b.Version))
	})
}

// Unreadable counts events sent that cannot be verified, because they do not decode.
func (j *Journal) Unreadable() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.unreadable
}

// FailedAgain reports whether a letter contains what this run sent, with the replay count it was
// sent with.
func (j *Journal) FailedAgain(l *Letter) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.echoes.has(l)
}

// Expect makes FailedAgain recognise what is about to be sent, because it may fail again before it
// is recorded as sent.
func (j *Journal) Expect(parcels ...Parcel) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range parcels {
		j.echoes.add(parcels[i].Statements, parcels[i].Marks, parcels[i].Replays)
	}
}

// Intend records letters that are about to be sent. Like every record, it is on disk when Intend
// returns.
func (j *Journal) Intend(ids []string) error { return j.note(entry{Intended: ids}) }

// Stay records intended letters that were not sent, and will not be.
func (j *Journal) Stay(ids []string) error { return j.note(entry{Stay: ids}) }

// Sent records letters that the queue acknowledged, with what was sent for each.
func (j *Journal) Sent(ids []string, parcels []Parcel) error {
	byReplays := map[int]*entry{}
	for i, id := range ids {
		p := &parcels[i]
		e := byReplays[p.Replays]
		if e == nil {
			e = &entry{Replays: p.Replays}
			byReplays[p.Replays] = e
		}
		e.Sent, e.Events = append(e.Sent, id), append(e.Events, p.Statements...)
		e.Marks, e.Unreadable = append(e.Marks, p.Marks...), e.Unreadable+p.Unreadable
	}
	var entries []entry
	for _, e := range byReplays {
		entries = append(entries, *e)
	}
	return j.note(entries...)
}

// Deleted records letters that were deleted from the dead-letter queue.
func (j *Journal) Deleted(ids []string) error { return j.note(entry{Deleted: ids}) }

// End records that the run finished.
func (j *Journal) End() error { return j.note(entry{Ended: true}) }

func (j *Journal) note(entries ...entry) error {
	n := note{entries: entries, err: make(chan error, 1)}
	j.jobs <- n
	if err := <-n.err; err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range entries {
		j.apply(e)
	}
	return nil
}

// write writes pending entries, syncs once, and wakes everyone who waits.
func (j *Journal) write() {
	// After one failure nothing is written: the file may end in half a line, and a failed sync says
	// nothing about the next.
	var failed error
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
		if failed == nil {
			if err := j.writeAll(batch); err != nil {
				failed = fmt.Errorf("writing the journal: %w", err)
			}
		}
		for _, n := range batch {
			n.err <- failed
		}
	}
}

func (j *Journal) writeAll(batch []note) error {
	var text []byte
	for _, n := range batch {
		for _, e := range n.entries {
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			text = append(append(text, line...), '\n')
		}
	}
	if _, err := j.file.Write(text); err != nil {
		return err
	}
	return j.file.Sync()
}

// Close closes the journal.
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
