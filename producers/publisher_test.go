package producers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
)

// sink is a Sender that stores messages and acknowledges them, once gate (if any)
// allows, unless answer returns an error.
type sink struct {
	t      *testing.T
	limits queue.Limits
	into   func(t *testing.T, m queue.Outgoing)
	gate   chan struct{}
	answer func(call int, batch []queue.Outgoing) error

	mu    sync.Mutex
	calls int
}

func (s *sink) Limits() queue.Limits { return s.limits }

func (s *sink) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	s.mu.Lock()
	call := s.calls
	s.calls++
	s.mu.Unlock()
	var err error
	if s.gate != nil {
		select {
		case <-s.gate:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err == nil && s.answer != nil {
		err = s.answer(call, batch)
	}
	if err != nil {
		errs := make([]error, len(batch))
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	size := 0
	for _, m := range batch {
		if err := m.Check(s.limits.MaxMessage); err != nil {
			s.t.Errorf("sent a message that breaks a rule: %v", err)
		}
		size += m.Size()
		s.into(s.t, m)
	}
	if len(batch) > s.limits.MaxEntries || size > s.limits.MaxBytes {
		s.t.Errorf("sent a batch of %d messages, %d bytes", len(batch), size)
	}
	return nil
}

var awsLimits = queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}

// rig is a publisher over two sinks.
type rig struct {
	*producers.Publisher
	got         *arrived
	queue, dead *sink
}

func newRig(t *testing.T, change func(*producers.PublisherConfig, *rig)) *rig {
	t.Helper()
	r := &rig{got: newArrived()}
	r.queue = &sink{t: t, limits: awsLimits, into: func(t *testing.T, m queue.Outgoing) { r.got.pack(t, m.Body) }}
	r.dead = &sink{t: t, limits: awsLimits, into: func(t *testing.T, m queue.Outgoing) {
		r.got.failure(t, queue.Message{Body: m.Body, Attributes: m.Attributes})
	}}
	cfg := producers.PublisherConfig{Source: source, Queue: r.queue, DeadLetter: r.dead}
	if change != nil {
		change(&cfg, r)
	}
	p, err := producers.NewPublisher(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Publisher = p
	return r
}

func TestPublishes(t *testing.T) {
	t.Parallel()
	const emitters, each = 8, 700
	r := newRig(t, nil)
	all := events(emitters * each)
	var group sync.WaitGroup
	for i := range emitters {
		group.Go(func() {
			mine := all[i*each : (i+1)*each]
			for len(mine) > 0 {
				n := min(1+i, len(mine))
				if err := r.Emit(t.Context(), mine[:n]...); err != nil {
					t.Error(err)
				}
				mine = mine[n:]
			}
		})
	}
	group.Wait()
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.got.check(t, all, true)
	raw := 0
	for _, e := range all {
		raw += len(line(e))
	}
	s := r.Stats()
	if s.Published != int64(len(all)) || s.Failed != 0 || s.RawBytes != int64(raw) || s.EncodedBytes < 1000 {
		t.Errorf("stats %+v of %d events, %d bytes", s, len(all), raw)
	}
	if want := int64(emitters*each/2000 + 1); s.Messages != want || r.got.largest != 2000 {
		t.Errorf("%d messages, want %d; the largest has %d events", s.Messages, want, r.got.largest)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestPacksByBytes(t *testing.T) {
	t.Parallel()
	// Each pack holds 4 KiB of JSON. One event is larger than that, and one Emit
	// exceeds a pack both in events and in bytes.
	r := newRig(t, func(c *producers.PublisherConfig, _ *rig) {
		c.MaxRawBytes, c.MaxEvents, c.MaxBody = 4<<10, 6, 4<<10+200
	})
	all := events(20)
	all[7] = incompressible(7, 4500)
	if err := r.Emit(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := r.got.failures[line(all[7])]; f.Reason != queue.ReasonEventTooLarge {
		t.Errorf("an event larger than a body: failure %+v", f)
	}
	r.got.check(t, append(all[:7:7], all[8:]...), true)
	if s := r.Stats(); s.Published != 19 || s.Failed != 1 {
		t.Errorf("stats %+v", s)
	}
	if want := 4096 / len(line(all[0])); want >= 6 || r.got.largest != want {
		t.Errorf("the largest pack has %d events, want the %d that fit in bytes", r.got.largest, want)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestFailuresAffectNoOtherEvent(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	good := events(100)
	tooLarge := incompressible(1000, 300<<10)
	beyondDLQ := incompressible(1001, 2<<20)
	emit := append(good[:50:50], invalid(2000), tooLarge, beyondDLQ)
	emit = append(emit, good[50:]...)
	if err := r.Emit(t.Context(), emit...); err != nil {
		t.Fatal(err)
	}
	for i := range 25 {
		f := queue.Failure{Reason: queue.ReasonMalformedRecord, Unit: queue.UnitRecord, Body: fmt.Appendf(nil, "\x00record %d", i), Origin: "a.json.gz#1"}
		if err := r.Reject(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.got.check(t, good, true)
	if s := r.Stats(); s.Published != 100 || s.Failed != 28 || len(r.got.failures) != 28 {
		t.Errorf("stats %+v, %d different failures", s, len(r.got.failures))
	}
	bad := r.got.failures[line(invalid(2000))]
	if bad.Reason != queue.ReasonInvalidEvent || bad.Unit != queue.UnitEvent || bad.Origin != source || bad.Source != source || bad.FirstSeen.IsZero() ||
		!strings.Contains(bad.Err, "arn: not an ARN") {
		t.Errorf("an invalid event: failure %+v", bad)
	}
	if f := r.got.failures[line(tooLarge)]; f.Reason != queue.ReasonEventTooLarge || f.Unit != queue.UnitEvent || f.CutFrom != 0 {
		t.Errorf("an event too large: failure of reason %q, cut from %d", f.Reason, f.CutFrom)
	}
	whole, cut := line(beyondDLQ), 0
	for body, f := range r.got.failures {
		if f.CutFrom == len(whole) && strings.HasPrefix(whole, body) && len(body) > 700<<10 && strings.Contains(f.Err, "body cut from") {
			cut++
		}
	}
	if cut != 1 {
		t.Errorf("%d failures are the beginning of the event that even the dead-letter queue cannot hold", cut)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestTransientErrorsDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *producers.PublisherConfig, r *rig) {
			c.MaxEvents = 10
			r.queue.answer = func(call int, _ []queue.Outgoing) error {
				if call%3 != 2 {
					return queue.ErrTransient
				}
				return nil
			}
		})
		all := events(500)
		for _, e := range all {
			if err := r.Emit(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.got.check(t, all, true)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestPermanentErrorStops(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	tests := map[string]struct {
		change func(*producers.PublisherConfig, *rig)
		is     error
	}{
		"queue denies": {
			change: func(_ *producers.PublisherConfig, r *rig) {
				r.queue.answer = func(int, []queue.Outgoing) error { return denied }
			},
			is: denied,
		},
		"dead-letter queue denies": {
			change: func(_ *producers.PublisherConfig, r *rig) {
				r.dead.answer = func(int, []queue.Outgoing) error { return denied }
			},
			is: denied,
		},
		"retries run out": {
			change: func(c *producers.PublisherConfig, r *rig) {
				c.Retry.MaxElapsed = time.Second
				r.queue.answer = func(int, []queue.Outgoing) error { return queue.ErrTransient }
			},
			is: queue.ErrTransient,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The bubble also fails if a goroutine outlives Close.
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, tt.change)
				if err := r.Emit(t.Context(), append(events(3), invalid(9))...); err != nil {
					t.Fatal(err)
				}
				err := r.Flush(t.Context())
				var lost *producers.PublishError
				if !errors.As(err, &lost) || !errors.Is(err, tt.is) || lost.Events+lost.Failures == 0 {
					t.Fatalf("flushing: %v", err)
				}
				if err := r.Emit(t.Context(), event(1)); !errors.Is(err, tt.is) {
					t.Errorf("emitting afterwards: %v", err)
				}
				if err := r.Reject(t.Context(), queue.Failure{Reason: "r"}); !errors.Is(err, tt.is) {
					t.Errorf("rejecting afterwards: %v", err)
				}
				for range 2 {
					if err := r.Close(); !errors.Is(err, tt.is) {
						t.Errorf("closing: %v", err)
					}
				}
			})
		})
	}
}

func TestBackPressure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		r := newRig(t, func(c *producers.PublisherConfig, r *rig) {
			c.MaxEvents, c.Senders = 10, 2
			r.queue.gate = gate
		})
		// While nothing leaves, only a bounded number of events is accepted: two
		// senders with ten packs each, two packs waiting and one open.
		var taken []envelope.ResourceEvent
		var err error
		for i := 0; err == nil && i < 10_000; i++ {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err = r.Emit(ctx, event(i)); err == nil {
				taken = append(taken, event(i))
			}
			cancel()
		}
		if !errors.Is(err, context.DeadlineExceeded) || len(taken) > 10*(2*10+2+1) {
			t.Errorf("accepted %d events while the queue accepts none, then: %v", len(taken), err)
		}
		flushing, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var lost *producers.PublishError
		if err := r.Flush(flushing); !errors.As(err, &lost) || !errors.Is(err, context.DeadlineExceeded) || lost.Events != int64(len(taken)) {
			t.Errorf("flushing while the queue accepts none: %v", err)
		}
		// The wait ended, not the publisher.
		close(gate)
		if err := r.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		r.got.check(t, taken, true)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseReportsWhatIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(_ *producers.PublisherConfig, r *rig) { r.queue.gate = make(chan struct{}) })
		if err := r.Emit(t.Context(), append(events(7), invalid(8), invalid(9))...); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			var lost *producers.PublishError
			if err := r.Close(); !errors.As(err, &lost) || lost.Events != 7 || lost.Failures != 2 {
				t.Errorf("closing with 7 events and 2 failures unsent: %v", err)
			}
		}
	})
}

func TestPublisherConfig(t *testing.T) {
	t.Parallel()
	q := &sink{limits: awsLimits}
	for name, cfg := range map[string]producers.PublisherConfig{
		"no source":            {Queue: q, DeadLetter: q},
		"no queue":             {Source: source, DeadLetter: q},
		"no dead-letter queue": {Source: source, Queue: q},
		"undecodable packs":    {Source: source, Queue: q, DeadLetter: q, MaxEvents: 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p, err := producers.NewPublisher(cfg); err == nil {
				t.Errorf("made a publisher, closed with %v", p.Close())
			}
		})
	}
}
