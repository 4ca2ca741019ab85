package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"polo/internal/queue"
)

// Run is one replay: every letter that matches is sent and then deleted.
type Run struct {
	Reader *Reader
	Queue  queue.Sender
	// DLQ tells how much others hold. Where Patient is set, the run waits until
	// that has come back: what a killed run held, above all.
	DLQ     queue.Inspector
	Patient time.Duration
	// Settle sends nothing: what the journal knows as sent is deleted.
	Settle bool
	// Doubted are letters that an abandoned run may have sent.
	Doubted map[string]bool
	// Journal notes what is done. Where it is nil, Begin makes it when the first letter
	// is about to be sent: a run that finds nothing to send leaves no trace.
	Journal *Journal
	Begin   func() (*Journal, error)
	Planner *Planner
	Match   func(*Letter) bool
	// Max bounds how many letters are sent; 0: all.
	Max int
	// Rate is letters a second at most, 0 as fast as it goes. It begins at a tenth
	// of that, and reaches it after SlowStart.
	Rate float64
	// SlowStart also holds without a Rate: it begins with 50 a second then.
	SlowStart time.Duration
	// Senders is how many batches are under way at once.
	Senders int
	// Progress is told from time to time how many are done.
	Progress func(sent int64)

	sent, inDoubt, known, again atomic.Int64
	taken                       atomic.Int64
	inHand                      atomic.Int64 // letters handed to the senders that are not done with
	mu                          sync.Mutex
	left                        map[string]int
	seen                        map[string]bool // letters of the journal that are there
	own                         map[string]bool // letters that this process sent
	beginning                   sync.Mutex
}

// Result is what a run did.
type Result struct {
	// Sent counts letters sent in this run; InDoubt those of them that an earlier,
	// interrupted run may have sent, too: the consumer takes such an event once.
	Sent    int64 `json:"sent"`
	InDoubt int64 `json:"in_doubt"`
	// Known counts letters that an earlier run had sent and not deleted: they were
	// only deleted.
	Known int64 `json:"known"`
	// FailedAgain counts letters that this run had sent, and that failed again: they stay.
	FailedAgain int64 `json:"failed_again,omitempty"`
	// PassedOver is about how many letters others held, so that they were not read.
	PassedOver int `json:"passed_over,omitempty"`
	// Open counts letters that were sent or about to be, and may be there still: the
	// run is not over.
	Open int `json:"open,omitempty"`
	// Left counts letters that matched and stay, by why.
	Left map[string]int `json:"left,omitempty"`
}

// journal is the run's, nil before anything is sent.
func (r *Run) journal() *Journal {
	r.beginning.Lock()
	defer r.beginning.Unlock()
	return r.Journal
}

// begun is the run's journal, made if it is not there yet.
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

// job is a letter with what is sent for it.
type job struct {
	id       string
	parcel   Parcel
	messages int
}

// Do runs it. After an error, or when ctx ends, everything that was read and not
// sent is visible again, and the journal knows how to go on. The journal is not
// ended: whoever runs it does that once the run is told of.
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
		// Counts lag behind: what others hold must have been held before, too.
		after, statsErr := r.stats(ctx)
		result.PassedOver, err = max(0, min(before.InFlight, after.InFlight-r.Reader.Held())), statsErr
	}
	return result, errors.Join(err, r.Reader.GiveBack(ctx))
}

// stats asks how much is there and held; a queue that cannot tell just now tells of
// nothing.
func (r *Run) stats(ctx context.Context) (queue.Stats, error) {
	stats, err := r.DLQ.Stats(ctx)
	if err != nil && !errors.Is(err, queue.ErrTransient) {
		return queue.Stats{}, fmt.Errorf("asking how much others hold: %w", err)
	}
	return stats, nil
}

// open counts the journal's letters that are not known to be gone. Where the queue was
// read through, those that were not seen are: a kill came between a deletion and its note.
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

// unsettled tells whether an earlier process of the run left letters that this one has
// yet to see.
func (r *Run) unsettled() bool {
	j := r.journal()
	return j != nil && r.Patient > 0 && j.Count(Sent)+j.Count(Intended) > 0
}

// confirmations is how often in a row the queue must say that nobody else holds a
// letter before one that is missed counts as gone: its counts lag behind.
const confirmations = 2

// read reads until nothing is left that could be read, or be so soon: a letter that a
// sender could not delete comes again. It tells whether it is sure of that.
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
			// It comes again, at the latest when nobody holds it.
			pending = n
			until = time.Now().Add(max(r.Patient, r.Reader.hold+10*time.Second))
		}
		if time.Now().After(until) {
			return false, nil
		}
		stats, err := r.DLQ.Stats(ctx)
		if err != nil && !errors.Is(err, queue.ErrTransient) {
			return false, fmt.Errorf("asking how much others hold: %w", err)
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

// pending is how many letters, none of them in hand, were sent or about to be and are not
// known to be deleted.
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

// visit hands a letter on, unless it is not meant or cannot be sent.
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
		if progress == Sent && !r.shipped(l.ID()) { // otherwise the queue delivers what it had deleted
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
	select {
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

// shipped tells whether this process sent a letter.
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

// send takes letters off jobs, as many as one request holds. What is in hand when
// ctx ends is finished.
func (r *Run) send(ctx context.Context, jobs <-chan job, limit *limiter) error {
	most := r.Queue.Limits().MaxEntries
	for first := range jobs {
		if err := limit.wait(ctx); err != nil {
			return err
		}
		batch := []job{first}
		messages := first.messages
		for more := true; more && messages < most && len(batch) < limit.burst; {
			select {
			case j, ok := <-jobs:
				if more = ok; ok {
					batch, messages = append(batch, j), messages+j.messages
				}
			default:
				more = false
			}
		}
		for range len(batch) - 1 {
			if err := limit.wait(ctx); err != nil {
				return err
			}
		}
		if err := r.ship(context.WithoutCancel(ctx), batch); err != nil {
			return err
		}
		r.inHand.Add(-int64(len(batch)))
	}
	return nil
}

// ship sends a batch: noted, sent, noted, deleted, noted. A letter is deleted only
// when every message of it is acknowledged. One that the queue refuses for what it is
// stays, and stops nothing.
func (r *Run) ship(ctx context.Context, batch []job) error {
	var ids []string
	var parcels []Parcel
	var out []queue.Outgoing
	var of []int // the job of each message
	for k, j := range batch {
		ids, parcels = append(ids, j.id), append(parcels, j.parcel)
		for _, m := range j.parcel.Messages {
			out, of = append(out, m), append(of, k)
		}
	}
	journal, err := r.begun()
	if err != nil {
		return err
	}
	journal.Expect(parcels...)
	if err := journal.Intend(ids); err != nil {
		return err
	}
	sendErr := queue.SendAll(ctx, r.Queue, out, queue.Retry{})
	failed := map[int]error{}
	var some *queue.SendError
	switch {
	case errors.As(sendErr, &some):
		sendErr = nil
		for _, f := range some.Failed {
			failed[of[f.Index]] = f.Err
			if !OfContent(f) {
				sendErr = some
			}
		}
	case sendErr != nil:
		return fmt.Errorf("sending letters: %w", sendErr)
	}
	var sent, refused []string
	var shipped []Parcel
	for k, j := range batch {
		switch {
		case failed[k] == nil:
			sent, shipped = append(sent, j.id), append(shipped, j.parcel)
		case sendErr == nil:
			refused = append(refused, j.id)
			r.stays(failed[k])
		}
	}
	if len(sent) > 0 {
		if err := journal.Sent(sent, shipped); err != nil {
			return err
		}
		r.mu.Lock()
		for _, id := range sent {
			r.own[id] = true
		}
		r.mu.Unlock()
		n := r.sent.Add(int64(len(sent)))
		if r.Progress != nil {
			r.Progress(n)
		}
		if err := r.delete(ctx, sent); err != nil {
			return err
		}
	}
	if len(refused) > 0 {
		if err := journal.Stay(refused); err != nil {
			return err
		}
	}
	if sendErr != nil {
		return fmt.Errorf("sending letters: %w", sendErr)
	}
	return nil
}

// OfContent tells whether a message was refused for what it holds.
func OfContent(f queue.Unacknowledged) bool {
	return f.Permanent && (errors.Is(f.Err, queue.ErrTooLarge) || errors.Is(f.Err, queue.ErrNotText) || errors.Is(f.Err, queue.ErrRefused))
}

// delete deletes letters that were sent. One that could not be held for long enough
// comes again, and is deleted then.
func (r *Run) delete(ctx context.Context, ids []string) error {
	err := r.Reader.Delete(ctx, ids)
	var some *UndeletedError
	if errors.As(err, &some) {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(some.IDs, id) })
		err = some.Err
	}
	if len(ids) > 0 {
		err = errors.Join(err, r.journal().Deleted(ids))
	}
	return err
}
