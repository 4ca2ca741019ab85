package producers

import (
	"context"
	"errors"
	"sync"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/redact"
)

// Publisher is the Emitter that collectors publish through. It encodes events on the
// caller's goroutine, batches them into packs, and compresses and sends those on its
// own goroutines.
//
// The first error that retries cannot fix stops it for good: Emit, Reject, Flush and
// Close then return a *PublishError.
type Publisher struct {
	cfg     PublisherConfig
	parcels parcels
	scratch sync.Pool // of *lines

	// ctx ends when the publisher stops; its cause is the reason.
	ctx     context.Context
	stop    context.CancelCauseFunc
	senders sync.WaitGroup
	jobs    chan *parcel

	// lock is held while it contains a value. It is a channel, so that waiting for it
	// can end with a context: its holder may wait for room in jobs.
	lock chan struct{}
	// events and failures are the open parcels, under lock.
	events, failures *parcel

	// outstanding are parcels handed over and not yet acknowledged, under mu.
	mu          sync.Mutex
	outstanding map[*parcel]chan struct{}

	fill   *fill
	counts counts
	// reasons counts failures by reason, under mu.
	reasons map[queue.Reason]int64
}

var _ CheckedEmitter = (*Publisher)(nil)

// NewPublisher starts a publisher. The caller must Close it.
func NewPublisher(cfg PublisherConfig) (*Publisher, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Publisher{
		cfg:         cfg,
		fill:        newFill(cfg.MaxBody),
		jobs:        make(chan *parcel, cfg.Senders),
		lock:        make(chan struct{}, 1),
		outstanding: make(map[*parcel]chan struct{}),
		reasons:     make(map[queue.Reason]int64),
	}
	p.ctx, p.stop = context.WithCancelCause(context.Background())
	p.events, p.failures = p.parcels.get(), p.parcels.get()
	for range cfg.Senders {
		p.senders.Go(p.send)
	}
	return p, nil
}

// Emit implements Emitter. An invalid event goes to the dead-letter queue; the others
// are not affected.
func (p *Publisher) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	l := p.lines()
	defer p.scratch.Put(l)
	var invalid []queue.Failure
	for i := range events {
		e := &events[i]
		if err := e.Validate(); err != nil {
			invalid = append(invalid, p.eventFailure(queue.ReasonInvalidEvent, err.Error(), e.AppendJSON(nil)))
			continue
		}
		l.add(e)
	}
	if err := p.emit(ctx, l); err != nil {
		return err
	}
	for _, f := range invalid {
		if err := p.Reject(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// EmitChecked implements CheckedEmitter.
func (p *Publisher) EmitChecked(ctx context.Context, events ...envelope.ResourceEvent) error {
	l := p.lines()
	defer p.scratch.Put(l)
	for i := range events {
		l.append(&events[i])
	}
	return p.emit(ctx, l)
}

// lines returns an empty buffer, which the caller puts back.
func (p *Publisher) lines() *lines {
	l, ok := p.scratch.Get().(*lines)
	if !ok {
		l = &lines{}
	}
	l.reset()
	return l
}

// emit appends l to the open pack. If l does not fit, it hands the pack over first.
func (p *Publisher) emit(ctx context.Context, l *lines) error {
	if len(l.ends) == 0 {
		return nil
	}
	if err := p.acquire(ctx); err != nil {
		return err
	}
	defer p.release()
	first, start := 0, 0
	for first < len(l.ends) {
		n := p.room(l.ends[first:], start)
		if n == 0 {
			if err := p.handOver(ctx, &p.events); err != nil {
				return err
			}
			continue
		}
		end := l.ends[first+n-1]
		for i := first; i < first+n; i++ {
			p.events.ends = append(p.events.ends, len(p.events.buf)+l.ends[i]-start)
		}
		p.events.buf = append(p.events.buf, l.buf[start:end]...)
		p.counts.takenEvents.Add(int64(n))
		first, start = first+n, end
	}
	if p.events.events() >= p.cfg.MaxEvents {
		p.tryHandOver(&p.events)
	}
	return nil
}

// room returns how many of the lines still fit the open pack. ends are the lines' ends,
// start is the first one's start. An empty pack accepts one line of any size.
func (p *Publisher) room(ends []int, start int) int {
	free := min(p.cfg.MaxRawBytes, p.fill.raw()) - len(p.events.buf)
	most := min(p.cfg.MaxEvents-p.events.events(), len(ends))
	n := 0
	for n < most && ends[n]-start <= free {
		n++
	}
	if n == 0 && p.events.events() == 0 {
		return 1
	}
	return n
}

// Reject implements Emitter.
func (p *Publisher) Reject(ctx context.Context, f queue.Failure) error {
	out, err := p.record(f)
	if err != nil {
		return p.fail(err)
	}
	if err := p.acquire(ctx); err != nil {
		return err
	}
	defer p.release()
	limits := p.cfg.DeadLetter.Limits()
	size := out.Size()
	if len(p.failures.failures) >= limits.MaxEntries || p.failures.failureBytes+size > limits.MaxBytes {
		if err := p.handOver(ctx, &p.failures); err != nil {
			return err
		}
	}
	p.failures.failures = append(p.failures.failures, out)
	p.failures.failureBytes += size
	p.counts.takenFailures.Add(1)
	if len(p.failures.failures) >= limits.MaxEntries {
		p.tryHandOver(&p.failures)
	}
	return nil
}

// Flush sends the open parcels and waits until everything accepted before the call is
// acknowledged by the queue or the dead-letter queue. When it returns nil, the
// collector's work until then is safe.
func (p *Publisher) Flush(ctx context.Context) error {
	if err := p.acquire(ctx); err != nil {
		return err
	}
	err := p.handOver(ctx, &p.events)
	if err == nil {
		err = p.handOver(ctx, &p.failures)
	}
	p.release()
	if err != nil {
		return err
	}
	for _, done := range p.pending() {
		select {
		case <-done:
		case <-p.ctx.Done():
			return p.stopped()
		case <-ctx.Done():
			return p.unpublished(ctx.Err())
		}
	}
	return nil
}

// Close stops the publisher, waits for its goroutines, and returns a *PublishError if
// it had failed or anything accepted was not acknowledged: call Flush first. A second
// call returns the same.
func (p *Publisher) Close() error {
	p.stop(errClosed)
	p.senders.Wait()
	if p.counts.waiting() || !errors.Is(context.Cause(p.ctx), errClosed) {
		return p.stopped()
	}
	return nil
}

// acquire takes the lock. It fails if the publisher has stopped or ctx ends.
func (p *Publisher) acquire(ctx context.Context) error {
	select {
	case p.lock <- struct{}{}:
	default:
		select {
		case p.lock <- struct{}{}:
		case <-p.ctx.Done():
			return p.stopped()
		case <-ctx.Done():
			return p.unpublished(ctx.Err())
		}
	}
	if p.ctx.Err() != nil {
		p.release()
		return p.stopped()
	}
	return nil
}

func (p *Publisher) release() { <-p.lock }

// handOver passes *open to the senders and opens a new parcel. It waits for room. On an
// error *open is unchanged. The lock is held.
func (p *Publisher) handOver(ctx context.Context, open **parcel) error {
	if (*open).empty() {
		return nil
	}
	p.track(*open)
	select {
	case p.jobs <- *open:
		*open = p.parcels.get()
		return nil
	case <-p.ctx.Done():
		p.untrack(*open)
		return p.stopped()
	case <-ctx.Done():
		p.untrack(*open)
		return p.unpublished(ctx.Err())
	}
}

// tryHandOver is handOver without waiting. If there is no room *open is unchanged, and
// the next caller waits.
func (p *Publisher) tryHandOver(open **parcel) {
	p.track(*open)
	select {
	case p.jobs <- *open:
		*open = p.parcels.get()
	default:
		p.untrack(*open)
	}
}

// track must be called before the parcel can be acknowledged.
func (p *Publisher) track(job *parcel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outstanding[job] = job.done
}

func (p *Publisher) untrack(job *parcel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.outstanding, job)
}

func (p *Publisher) pending() []chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]chan struct{}, 0, len(p.outstanding))
	for _, done := range p.outstanding {
		all = append(all, done)
	}
	return all
}

// lines are encoded events that are not yet in a pack.
type lines struct {
	buf  []byte
	ends []int
}

// maxScratch is the largest buffer that is kept for the next Emit, in bytes.
const maxScratch = 1 << 20

func (l *lines) reset() {
	if cap(l.buf) > maxScratch {
		l.buf = nil
	}
	l.buf, l.ends = l.buf[:0], l.ends[:0]
}

// add encodes an event and redacts it. Every source uses it, except those that redact
// their records themselves.
func (l *lines) add(e *envelope.ResourceEvent) {
	start := len(l.buf)
	l.append(e)
	if line := l.buf[start:]; redact.Suspect(line) { //mutant:publisher-keeps-secrets
		clean, _ := redact.Bytes(line)
		l.buf = append(l.buf[:start], clean...)
		l.ends[len(l.ends)-1] = len(l.buf)
	}
}

func (l *lines) append(e *envelope.ResourceEvent) {
	l.buf = e.AppendJSON(l.buf)
	l.ends = append(l.ends, len(l.buf))
}
