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

// Journal is a file that outlives a crash: what was about to be sent, what was
// sent, and what was deleted, a JSON object a line, on the disk before the next
// step is taken. Whoever opens it holds it alone; to look at it needs no hold. Safe
// for concurrent use; what several note at once costs one sync.
type Journal struct {
	Run string
	// Fresh tells that it was made by being opened.
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
	// Deleted letters are out of the dead-letter queue.
	Deleted
)

// Header is what a journal's beginning says.
type Header struct {
	Run     string
	Started time.Time
	// DLQ is the dead-letter queue's name; Queue tells it from others of that name,
	// and is empty where a journal belongs to one place anyway.
	DLQ, Queue string
	// By is who holds it.
	By string
	// Hold is how long letters stay invisible after this process is killed.
	Hold time.Duration
	// Filter says which letters the run is about, Typed the same as it was typed: times
	// that are told as how long ago differ from one command to the next.
	Filter Filter
	Typed  string
}

type note struct {
	entries []entry
	err     chan error
}

// ErrOtherQueue tells that a journal is of another dead-letter queue.
var ErrOtherQueue = errors.New("the journal is of another dead-letter queue")

// OpenJournal opens the journal at path, or makes it with this header. An unfinished
// one is taken up: it keeps its run, beginning and filter. A last line that a crash cut is
// dropped. One that another process has open is ErrBusy.
func OpenJournal(path string, h Header) (*Journal, error) {
	f, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	j, whole, err := parseJournal(f, path, h)
	if err == nil {
		err = f.Truncate(whole) // what a crash cut had not happened yet
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
		return j, nil // nothing is to be added to it
	}
	if err := j.note(first); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

func newJournal() *Journal {
	return &Journal{state: map[string]Progress{}, statements: map[Statement]bool{}, echoes: echoes{}}
}

// ReadJournal reads a journal to look at, also while a run writes it; nothing can be
// noted in it. One in which nothing was noted yet is as good as none: fs.ErrNotExist.
func ReadJournal(path string) (*Journal, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	j, whole, err := parseJournal(f, path, Header{})
	if err == nil && whole == 0 {
		err = fmt.Errorf("reading the journal %s: nothing is noted yet: %w", path, fs.ErrNotExist)
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
	for progress, ids := range map[Progress][]string{Intended: e.Intended, Sent: e.Sent, Deleted: e.Deleted} {
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
	return j.counts[p]
}

// Open are the letters that were sent or about to be, and are not known to be deleted.
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

// Started is when the run began.
func (j *Journal) Started() time.Time { return j.started }

// Hold is the longest that any process of the run held letters for.
func (j *Journal) Hold() time.Duration { return j.hold }

// Filter is the run's, and how it was typed; false where the journal does not say.
func (j *Journal) Filter() (f Filter, typed string, ok bool) {
	if j.filter == nil || j.typed == nil {
		return Filter{}, "", false
	}
	return *j.filter, *j.typed, true
}

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

// FailedAgain tells whether a letter holds what this run sent, with the replay count
// that it was sent with.
func (j *Journal) FailedAgain(l *Letter) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.echoes.has(l)
}

// Expect makes FailedAgain know what is about to be sent: it may come back before it
// is noted as sent.
func (j *Journal) Expect(parcels ...Parcel) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range parcels {
		j.echoes.add(parcels[i].Statements, parcels[i].Marks, parcels[i].Replays)
	}
}

// Intend notes letters that are about to be sent. Like every note, it is on the disk
// when this returns.
func (j *Journal) Intend(ids []string) error { return j.note(entry{Intended: ids}) }

// Stay notes letters that were about to be sent, were not, and will not be.
func (j *Journal) Stay(ids []string) error { return j.note(entry{Stay: ids}) }

// Sent notes letters that the queue acknowledged, with what was sent for each.
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

// Deleted notes letters that are gone from the dead-letter queue.
func (j *Journal) Deleted(ids []string) error { return j.note(entry{Deleted: ids}) }

// End notes that the run went to its end.
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

// write writes what waits, syncs once, and tells everyone.
func (j *Journal) write() {
	// After one failure nothing is written: half a line may stand at the end, and a sync
	// that failed says nothing of the next.
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
