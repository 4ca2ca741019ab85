package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// DefaultHold is how long a read letter stays invisible, unless the Reader extends it. So it is how
// long others wait for the letters of a killed process.
const DefaultHold = 2 * time.Minute

// Reader receives letters from a dead-letter queue, each once, and returns those that nobody
// deleted. Reading does not harm a letter, because a dead-letter queue has no receive limit.
type Reader struct {
	q       queue.Receiver
	workers int
	hold    time.Duration
	// patience: see WithPatience.
	patience time.Duration

	mu     sync.Mutex
	held   map[string]string // id to receipt
	letGo  context.CancelFunc
	holder sync.WaitGroup
}

// NewReader returns a Reader that sends several requests at once.
func NewReader(q queue.Receiver, workers int, hold time.Duration, options ...ReaderOption) *Reader {
	r := &Reader{q: q, workers: max(workers, 1), hold: hold, patience: 5 * time.Second, held: map[string]string{}}
	for _, o := range options {
		o(r)
	}
	return r
}

// ReaderOption configures a Reader.
type ReaderOption func(*Reader)

// WithPatience sets how long to wait while the queue has too many letters in flight; 5 s by
// default.
func WithPatience(d time.Duration) ReaderOption { return func(r *Reader) { r.patience = d } }

// Read calls visit for every letter until the queue is empty, visit returns ErrEnough, or ctx ends.
// It calls visit from several goroutines at once. It returns the error that stopped it, except
// ErrEnough.
func (r *Reader) Read(ctx context.Context, visit func(Letter) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.keepHolding(ctx)
	var workers sync.WaitGroup
	for range r.workers {
		workers.Go(func() {
			if err := r.read(ctx, visit); err != nil {
				stop(err)
			}
		})
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, ErrEnough) {
		return err
	}
	return nil
}

// ErrEnough stops a Read without an error.
var ErrEnough = errors.New("enough")

// ErrFull means that a Read ended early: SQS allows 120,000 messages of a queue in flight, for all
// readers together, and nobody deleted or returned any for a while.
var ErrFull = errors.New("the dead-letter queue allows no more than 120,000 messages in flight")

// emptyAnswers is how many consecutive empty answers mean that the queue is empty: one answer
// covers only some of its servers.
const emptyAnswers = 3

func (r *Reader) read(ctx context.Context, visit func(Letter) error) error {
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		return err
	}
	wait := 50 * time.Millisecond
	for empty := 0; empty < emptyAnswers && ctx.Err() == nil; {
		// Cancelling a request could lose letters that it has already received. A request without a
		// wait ends soon enough.
		got, err := r.q.Receive(context.WithoutCancel(ctx), queue.MaxReceipts, 0)
		switch {
		case errors.Is(err, queue.ErrInFlight):
			if !r.roomComes(ctx) {
				return ErrFull
			}
			continue
		case err != nil && errors.Is(err, queue.ErrTransient) && wait < time.Minute:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
				wait *= 2
			}
			continue
		case err != nil:
			return fmt.Errorf("reading the dead-letter queue: %w", err)
		case len(got) == 0:
			empty++
			continue
		}
		empty, wait = 0, 50*time.Millisecond
		fresh := r.take(got)
		if fresh, err = r.holdFresh(ctx, fresh); err != nil {
			return fmt.Errorf("holding letters: %w", err)
		}
		for _, m := range fresh {
			if err := visit(Open(m, d)); err != nil {
				return err
			}
		}
	}
	return nil
}

// holdFresh extends letters and returns those that it could. One that was deleted and delivered
// again, or whose visibility has expired, cannot be held. It is redelivered if it still exists.
func (r *Reader) holdFresh(ctx context.Context, fresh []queue.Message) ([]queue.Message, error) {
	err := queue.ExtendAll(ctx, r.q, receipts(fresh), r.hold, queue.Retry{})
	if transient(err) != nil {
		return nil, err
	}
	lost := map[int]bool{}
	var some *queue.SendError
	if errors.As(err, &some) {
		for _, f := range some.Failed {
			lost[f.Index] = true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var kept []queue.Message
	for i, m := range fresh {
		if !lost[i] {
			kept = append(kept, m)
		} else if r.held[m.ID] == m.Receipt {
			delete(r.held, m.ID)
		}
	}
	return kept, nil
}

// transient returns err if a retry may succeed, and nil if it is only about expired receipts. Any
// other error is about the whole call, and is returned too.
func transient(err error) error {
	var some *queue.SendError
	if !errors.As(err, &some) {
		return err
	}
	for _, f := range some.Failed {
		if !expired(f) {
			return err
		}
	}
	return nil
}

// expired reports whether a receipt has expired.
func expired(f queue.Unacknowledged) bool {
	return f.Permanent && (errors.Is(f.Err, queue.ErrReceipt) || errors.Is(f.Err, queue.ErrRefused))
}

// roomComes waits for a letter to be deleted, or for ctx to end.
func (r *Reader) roomComes(ctx context.Context) bool {
	full := r.Held()
	for until := time.Now().Add(r.patience); time.Now().Before(until) && ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-time.After(r.patience / 50):
		}
		if r.Held() < full {
			return true
		}
	}
	return ctx.Err() != nil
}

// keepHolding extends the visibility of held letters until GiveBack, for example while someone uses
// an editor. A letter that cannot be extended is read again, by this process or another.
func (r *Reader) keepHolding(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.letGo != nil {
		return
	}
	ctx, r.letGo = context.WithCancel(context.WithoutCancel(ctx))
	r.holder.Go(func() { r.holdOn(ctx) })
}

func (r *Reader) holdOn(ctx context.Context) {
	tick := time.NewTicker(r.hold / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.mu.Lock()
			held := slices.Collect(maps.Values(r.held))
			r.mu.Unlock()
			_ = r.extend(ctx, held, r.hold)
		}
	}
}

// Held returns how many letters are held.
func (r *Reader) Held() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.held)
}

// take records messages as held, and returns those that were not held before.
func (r *Reader) take(messages []queue.Message) []queue.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var fresh []queue.Message
	for _, m := range messages {
		if _, again := r.held[m.ID]; !again {
			fresh = append(fresh, m)
		}
		r.held[m.ID] = m.Receipt
	}
	return fresh
}

func receipts(messages []queue.Message) []string {
	out := make([]string, len(messages))
	for i := range messages {
		out[i] = messages[i].Receipt
	}
	return out
}

// UndeletedError lists the letters that were not deleted.
type UndeletedError struct {
	IDs []string
	// Err is nil if their receipts had expired: they are redelivered.
	Err error
}

func (e *UndeletedError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("deleting letters: %d could not be held for long enough, and come again", len(e.IDs))
	}
	return "deleting letters: " + e.Err.Error()
}

func (e *UndeletedError) Unwrap() error { return e.Err }

// Delete deletes letters from the queue permanently. Its error is an *UndeletedError.
func (r *Reader) Delete(ctx context.Context, ids []string) error {
	r.mu.Lock()
	var gone, owners, left []string
	for _, id := range ids {
		if receipt, ok := r.held[id]; ok {
			gone, owners = append(gone, receipt), append(owners, id)
		} else {
			left = append(left, id)
		}
	}
	r.mu.Unlock()
	err := queue.DeleteAll(ctx, r.q, gone, queue.Retry{})
	undeleted := map[string]bool{}
	var some *queue.SendError
	if errors.As(err, &some) {
		for _, f := range some.Failed {
			undeleted[owners[f.Index]] = expired(f)
			left = append(left, owners[f.Index])
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range owners {
		if lost, failed := undeleted[id]; lost || !failed {
			delete(r.held, id)
		}
	}
	if err = transient(err); err != nil || len(left) > 0 {
		return &UndeletedError{IDs: left, Err: err}
	}
	return nil
}

// GiveBack makes every held letter visible again at once. It works even after ctx has ended.
func (r *Reader) GiveBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	r.mu.Lock()
	letGo := r.letGo
	r.letGo = nil
	r.mu.Unlock()
	if letGo != nil {
		letGo()
		r.holder.Wait() // it could extend letters that are given back
	}
	r.mu.Lock()
	var back []string
	for _, receipt := range r.held {
		back = append(back, receipt)
	}
	r.held = map[string]string{}
	r.mu.Unlock()
	// Letters that no longer exist need not be returned.
	if err := r.extend(ctx, back, 0); err != nil {
		return fmt.Errorf("giving letters back (they come back by themselves within %s): %w", r.hold, err)
	}
	return nil
}

// extend sets the visibility of many letters, several requests at a time. It ignores expired
// receipts.
func (r *Reader) extend(ctx context.Context, receipts []string, d time.Duration) error {
	var all sync.WaitGroup
	errs := make([]error, r.workers)
	for w := range r.workers {
		all.Go(func() {
			part := receipts[len(receipts)*w/r.workers : len(receipts)*(w+1)/r.workers]
			errs[w] = transient(queue.ExtendAll(ctx, r.q, part, d, queue.Retry{}))
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
