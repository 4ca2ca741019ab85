package replay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"polo/internal/queue"
)

// Run is one replay: it sends every matching letter and then deletes it.
type Run struct {
	Reader *Reader
	Queue  queue.Sender
	// DLQ reports how many letters others hold. If Patient is set, the run waits until those are
	// visible again, above all those that a killed run held.
	DLQ     queue.Inspector
	Patient time.Duration
	// Settle sends nothing, and deletes the letters that the journal records as sent.
	Settle bool
	// Doubted are letters that an abandoned run may have sent.
	Doubted map[string]bool
	// Journal records what is done. If it is nil, Begin creates it when the first letter is about
	// to be sent: a run with nothing to send leaves no trace.
	Journal *Journal
	Begin   func() (*Journal, error)
	Planner *Planner
	Match   func(*Letter) bool
	// Max bounds how many letters are sent; 0: all.
	Max int
	// Rate bounds the letters per second; 0: unlimited. It starts at a tenth of that, and reaches
	// it after SlowStart.
	Rate float64
	// SlowStart also applies without a Rate: it then starts at 50 a second.
	SlowStart time.Duration
	// Senders is the number of batches in flight at once.
	Senders int
	// Progress is called from time to time with how many letters are done.
	Progress func(sent int64)

	sent, inDoubt, known, again atomic.Int64
	taken                       atomic.Int64
	inHand                      atomic.Int64 // letters that senders have not finished
	mu                          sync.Mutex
	left                        map[string]int
	seen                        map[string]bool // letters of the journal that were seen
	own                         map[string]bool // letters that this process sent
	beginning                   sync.Mutex
}

// Result is the outcome of a run.
type Result struct {
	// Sent counts letters sent in this run. InDoubt counts those of them that an earlier,
	// interrupted run may also have sent: the consumer counts such an event once.
	Sent    int64 `json:"sent"`
	InDoubt int64 `json:"in_doubt"`
	// Known counts letters that an earlier run had sent but not deleted: this one only deleted
	// them.
	Known int64 `json:"known"`
	// FailedAgain counts letters that this run had sent and that failed again: they stay.
	FailedAgain int64 `json:"failed_again,omitempty"`
	// HeldByOthers is roughly how many letters were not read, because others held them.
	HeldByOthers int `json:"held_by_others,omitempty"`
	// Open counts letters that were sent or intended, and may still exist: the run is not finished.
	Open int `json:"open,omitempty"`
	// Left counts letters that matched and stay, by reason.
	Left map[string]int `json:"left,omitempty"`
}

// journal is the run's journal, nil before anything is sent.
func (r *Run) journal() *Journal {
	r.beginning.Lock()
	defer r.beginning.Unlock()
	return r.Journal
}

// begun returns the run's journal, and creates it if needed.
func (r *Run) begun() (*Journal, error) {
	r.beginning.Lock()
	defer r.beginning.Unlock()
	if r.Journal == nil {
		var err error
		if r.Journal, err = r.Begin(); err != nil {
			return nil, err
		}
	}
	return r.Journal, nil
}

// Do runs it. After an error, or when ctx ends, everything that was read but not sent is visible
// again, and the journal allows the run to continue. Do does not end the journal: the caller does,
// once the run is published.
func (r *Run) Do(ctx context.Context) (Result, error) {
	r.left, r.seen, r.own = map[string]int{}, map[string]bool{}, map[string]bool{}
	before, err := r.stats(ctx)
	if err != nil {
		return Result{}, err
	}
	jobs := make(chan job, queue.MaxReceipts)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	limit := r.limiter()
	var senders sync.WaitGroup
	for range max(r.Senders, 1) {
		senders.Go(func() {
			if err := r.send(ctx, jobs, limit); err != nil {
				stop(err)
			}
		})
	}
	through, err := r.read(ctx, jobs)
	close(jobs)
	senders.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	result := Result{
		Sent: r.sent.Load(), InDoubt: r.inDoubt.Load(), Known: r.known.Load(), FailedAgain: r.again.Load(), Left: r.left, Open: r.open(through),
	}
	if err == nil && !through {
		// Counts lag behind, so others must have held nothing in the count before, too.
		after, statsErr := r.stats(ctx)
		result.HeldByOthers, err = max(0, min(before.InFlight, after.InFlight-r.Reader.Held())), statsErr
	}
	return result, errors.Join(err, r.Reader.GiveBack(ctx))
}

// stats returns how many letters exist and are held. If the queue cannot tell just now, it returns
// zeros.
func (r *Run) stats(ctx context.Context) (queue.Stats, error) {
	stats, err := r.DLQ.Stats(ctx)
	if err != nil && !errors.Is(err, queue.ErrTransient) {
		return queue.Stats{}, fmt.Errorf("asking how many letters others hold: %w", err)
	}
	return stats, nil
}

// open counts the journal's letters that are not known to be deleted. If the queue was read to its
// end, letters not seen were deleted, and a kill came before the record.
func (r *Run) open(through bool) int {
	j := r.journal()
	if j == nil {
		return 0
	}
	n := 0
	for _, id := range j.Open() {
		switch {
		case through && !r.seen[id], r.Settle && j.Of(id) == Intended:
		default:
			n++
		}
	}
	return n
}

// unsettled reports whether an earlier process of the run left letters that this one has yet to
// see.
func (r *Run) unsettled() bool {
	j := r.journal()
	return j != nil && r.Patient > 0 && j.Count(Sent)+j.Count(Intended) > 0
}

// confirmations is how many consecutive counts must say that nobody else holds a letter before a
// missing one counts as deleted: the counts lag behind.
const confirmations = 2

// read reads until no letter is left that can be read now or soon: a letter that a sender could not
// delete is redelivered. It reports whether that is certain.
func (r *Run) read(ctx context.Context, jobs chan<- job) (through bool, err error) {
	until := time.Now().Add(r.Patient)
	confirmed, pending := 0, 0
	for {
		err := r.Reader.Read(ctx, func(l Letter) error { return r.visit(ctx, l, jobs) })
		enough := r.Max > 0 && r.taken.Load() >= int64(r.Max) && !r.unsettled()
		if err != nil || enough {
			return false, err
		}
		for r.inHand.Load() > 0 {
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return false, err
			}
		}
		if n := r.pending(); n != pending {
			// It is redelivered, at the latest when nobody holds it.
			pending = n
			until = time.Now().Add(max(r.Patient, r.Reader.hold+10*time.Second)) //mutant:held-letters-not-awaited
		}
		if time.Now().After(until) {
			return false, nil
		}
		stats, err := r.DLQ.Stats(ctx)
		if err != nil && !errors.Is(err, queue.ErrTransient) {
			return false, fmt.Errorf("asking how many letters others hold: %w", err)
		}
		if err == nil && stats.Visible == 0 && stats.InFlight <= r.Reader.Held() {
			if confirmed++; confirmed == confirmations || pending == 0 {
				return true, nil
			}
		} else {
			confirmed = 0
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return false, err
		}
	}
}

// pending returns how many letters were sent or intended and are not known to be deleted, without
// those in flight.
func (r *Run) pending() int {
	j := r.journal()
	switch {
	case j == nil:
		return 0
	case r.Settle:
		return j.Count(Sent)
	}
	return j.Count(Sent) + j.Count(Intended)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// visit passes a letter on, unless it does not match or cannot be sent.
func (r *Run) visit(ctx context.Context, l Letter, jobs chan<- job) error {
	var progress Progress
	if j := r.journal(); j != nil {
		progress = j.Of(l.ID())
	}
	if progress > 0 {
		r.see(l.ID())
	}
	switch {
	case progress >= Sent:
		if progress == Sent && !r.shipped(l.ID()) { // otherwise the queue redelivered a deleted letter
			r.known.Add(1)
		}
		return r.delete(ctx, []string{l.ID()})
	case r.Settle, progress == 0 && !r.Match(&l):
		return nil
	}
	if j := r.journal(); j != nil && progress == 0 && j.FailedAgain(&l) {
		r.again.Add(1)
		return nil
	}
	parcel, err := r.Planner.Plan(&l)
	if err != nil {
		r.stays(err)
		if progress == Intended {
			return r.journal().Stay([]string{l.ID()})
		}
		return nil
	}
	if n := r.taken.Add(1); r.Max > 0 && n > int64(r.Max) {
		if r.unsettled() {
			return nil
		}
		return ErrEnough
	}
	if progress == Intended || r.Doubted[l.ID()] {
		r.inDoubt.Add(1)
	}
	r.see(l.ID())
	r.inHand.Add(1)
	select { //mutant:letter-deleted-before-sent
	case jobs <- job{id: l.ID(), parcel: parcel, messages: len(parcel.Messages)}:
		return nil
	case <-ctx.Done():
		r.inHand.Add(-1)
		return ctx.Err()
	}
}

func (r *Run) see(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[id] = true
}

// shipped reports whether this process sent a letter.
func (r *Run) shipped(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.own[id]
}

func (r *Run) stays(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left[err.Error()]++
}
