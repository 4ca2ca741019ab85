package producers

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// Up to these bounds each failure of a file is its own letter: about as many as a person
// looks through, and as much as memory should hold until the file is read. Beyond either,
// one letter stands for all.
const (
	maxRejects     = 100
	maxRejectBytes = 4 << 20
)

// Place is a place in a file.
type Place struct {
	File string
	// Number counts the records or rows of the file from 1; 0 means the file as a whole.
	Number int64
	// Offset distinguishes places with the same number.
	Offset int64
}

func (p Place) String() string {
	if p.Number == 0 {
		return p.File
	}
	return fmt.Sprintf("%s#%d", p.File, p.Number)
}

func (p Place) compare(o Place) int {
	return cmp.Or(cmp.Compare(p.Number, o.Number), cmp.Compare(p.Offset, o.Offset))
}

// FileRejects collects the failures of files. If a file has few, each goes to the
// dead-letter queue as it is. If it has many, one letter says how many, why and where, and
// holds the first of them; the file has the rest. The letters depend only on the file, not
// on the order of Add calls, so that a second collection sends the same ones. Safe for
// concurrent use.
type FileRejects struct {
	send func(context.Context, queue.Failure) error
	// apart makes each failure a letter, however many there are.
	apart bool

	mu    sync.Mutex
	files map[string]*fileRejects
}

// NewFileRejects returns one that sends to reject, such as an Emitter's Reject.
func NewFileRejects(reject func(context.Context, queue.Failure) error) *FileRejects {
	return &FileRejects{send: reject, files: map[string]*fileRejects{}}
}

// NewAnswerRejects returns one for an API's responses. No file holds what a summary would
// leave out, so each failure is a letter.
func NewAnswerRejects(reject func(context.Context, queue.Failure) error) *FileRejects {
	r := NewFileRejects(reject)
	r.apart = true
	return r
}

// Add adds a failure. Its Origin defaults to its place. Add keeps no reference to f's body.
func (r *FileRejects) Add(at Place, f queue.Failure) {
	if f.Origin == "" {
		f.Origin = at.String()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	of := r.files[at.File]
	if of == nil {
		of = &fileRejects{reasons: map[queue.Reason]int64{}, accounts: map[string]bool{}}
		r.files[at.File] = of
	}
	of.add(at, f, r.apart)
}

// Emit passes events to emit, such as an Emitter's Emit, except invalid ones, which it adds
// as failures.
func (r *FileRejects) Emit(ctx context.Context, emit func(context.Context, ...envelope.ResourceEvent) error, at Place, events ...envelope.ResourceEvent) error {
	if r.apart {
		return emit(ctx, events...) // emit may fill in what they lack
	}
	valid := events
	for i := range events {
		err := events[i].Validate()
		if err == nil {
			if len(valid) < len(events) {
				valid = append(valid, events[i])
			}
			continue
		}
		if len(valid) == len(events) {
			valid = slices.Clone(events[:i])
		}
		seen := events[i].ObservedAt
		r.Add(at, queue.Failure{
			Reason: queue.ReasonInvalidEvent, Err: err.Error(), Unit: queue.UnitEvent, Body: events[i].AppendJSON(nil), FirstSeen: seen, LastSeen: seen,
		})
		at.Offset++
	}
	if len(valid) == 0 {
		return nil
	}
	return emit(ctx, valid...)
}

// Done sends what was added for a file that has been read.
func (r *FileRejects) Done(ctx context.Context, file string) error {
	r.mu.Lock()
	of := r.files[file]
	delete(r.files, file)
	r.mu.Unlock()
	if of == nil {
		return nil
	}
	for _, f := range of.letters(file) {
		if err := r.send(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// Close sends what was added for files for which Done was not called since.
func (r *FileRejects) Close(ctx context.Context) error {
	r.mu.Lock()
	files := slices.Sorted(maps.Keys(r.files))
	r.mu.Unlock()
	for _, file := range files {
		if err := r.Done(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// fileRejects holds the failures of one file.
type fileRejects struct {
	bytes   int64
	reasons map[queue.Reason]int64
	// accounts are those of the failures, "" if unknown.
	accounts map[string]bool
	numbers  numberSet
	seen     time.Time
	// kept are the first failures by place, within the bounds, all of them before limit.
	kept      []placed
	keptBytes int
	limited   bool
	limit     Place
}

type placed struct {
	at   Place
	size int // of its content
	f    queue.Failure
}

func (r *fileRejects) add(at Place, f queue.Failure, apart bool) {
	// Content leaves out observed_at, whose length in JSON varies.
	size := len(f.Content())
	r.bytes += int64(size)
	f.Count(r.reasons)
	r.accounts[f.AccountID] = true
	r.numbers.add(at.Number)
	if r.seen.IsZero() {
		r.seen = f.FirstSeen
	}
	if r.limited && at.compare(r.limit) >= 0 { //mutant:rejects-by-chance
		return
	}
	// Most arrive in order.
	f.Body = bytes.Clone(f.Body)
	i, p := len(r.kept), placed{at, size, f}
	for i > 0 && p.compare(r.kept[i-1]) < 0 {
		i--
	}
	r.kept = slices.Insert(r.kept, i, p)
	r.keptBytes += size
	for !apart && (len(r.kept) > maxRejects || r.keptBytes > maxRejectBytes) { //mutant:letter-for-each-bad-record
		last := r.kept[len(r.kept)-1]
		r.limited, r.limit = true, last.at
		// Drop all failures of that place, or chance would decide which of them stays.
		for n := len(r.kept) - 1; n >= 0 && r.kept[n].at.compare(last.at) == 0; n-- {
			r.keptBytes -= r.kept[n].size
			r.kept[n] = placed{}
			r.kept = r.kept[:n]
		}
	}
}

func (p placed) compare(o placed) int {
	if c := p.at.compare(o.at); c != 0 {
		return c
	}
	if c := strings.Compare(string(p.f.Reason)+p.f.Err, string(o.f.Reason)+o.f.Err); c != 0 {
		return c
	}
	return bytes.Compare(p.f.Body, o.f.Body)
}

// letters returns what goes to the dead-letter queue.
func (r *fileRejects) letters(file string) []queue.Failure {
	if !r.limited {
		out := make([]queue.Failure, len(r.kept))
		for i := range r.kept {
			out[i] = r.kept[i].f
		}
		return out
	}
	stands := make(map[queue.Reason]int, len(r.reasons))
	for reason, n := range r.reasons {
		stands[reason] = int(n)
	}
	account := ""
	for of := range r.accounts {
		if len(r.accounts) == 1 {
			account = of
		}
	}
	return []queue.Failure{{
		Reason: queue.ReasonManyBadRecords, Err: r.text(), Unit: queue.UnitSummary, Body: r.body(file), Origin: file, AccountID: account,
		FirstSeen: r.seen, LastSeen: r.seen, Represents: stands,
	}}
}
