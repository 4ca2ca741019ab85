package producers

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// shipment is what one sender is sending: the messages of some parcels.
type shipment struct {
	parcels  []*parcel
	packs    []queue.Outgoing
	bytes    int // of packs
	events   int // in packs
	raw      int // bytes of JSON in packs
	failures []queue.Outgoing
}

// send is the loop of a sender's goroutine.
func (p *Publisher) send() {
	limits := p.cfg.Queue.Limits()
	for {
		var s shipment
		select {
		case <-p.ctx.Done():
			return
		case job := <-p.jobs:
			if err := p.pack(&s, job); err != nil {
				_ = p.fail(err) // the publisher's next call returns it
				return
			}
		}
		// Take along what else is waiting, as far as one call holds it.
		for more := true; more && len(s.packs) < limits.MaxEntries && s.bytes < limits.MaxBytes/2; {
			select {
			case job := <-p.jobs:
				if err := p.pack(&s, job); err != nil {
					_ = p.fail(err) // the publisher's next call returns it
					return
				}
			default:
				more = false
			}
		}
		if err := p.ship(&s); err != nil {
			_ = p.fail(err) // the publisher's next call returns it
			return
		}
	}
}

// pack encodes job as messages and adds them to s.
func (p *Publisher) pack(s *shipment, job *parcel) error {
	s.parcels = append(s.parcels, job)
	s.failures = append(s.failures, job.failures...)
	if job.events() == 0 {
		return nil
	}
	lines := job.lines()
	packs, tooLarge, err := envelope.EncodePacks(p.cfg.Source, lines, p.cfg.MaxBody)
	if err != nil {
		return fmt.Errorf("encoding packs: %w", err)
	}
	s.raw += len(job.buf)
	body := 0
	for _, pack := range packs {
		s.packs = append(s.packs, queue.Outgoing{Body: pack.Body, TraceHeader: p.cfg.TraceHeader})
		body += len(pack.Body)
		s.events += pack.Count
	}
	s.bytes += body
	if len(tooLarge) == 0 {
		p.fill.packed(len(job.buf), body)
	}
	for _, i := range tooLarge {
		text := fmt.Sprintf("%d bytes of JSON fit no message of %d bytes, compressed or not", len(lines[i]), p.cfg.MaxBody)
		out, err := p.record(p.eventFailure(queue.ReasonEventTooLarge, text, lines[i]))
		if err != nil {
			return err
		}
		s.failures = append(s.failures, out)
		s.raw -= len(lines[i])
		// It was accepted as an event and is acknowledged as a failure.
		p.counts.takenEvents.Add(-1)
		p.counts.takenFailures.Add(1)
	}
	return nil
}

// ship sends s and marks its parcels done.
func (p *Publisher) ship(s *shipment) error {
	if len(s.packs) > 0 {
		if err := queue.SendAll(p.ctx, p.cfg.Queue, s.packs, p.cfg.Retry); err != nil {
			return fmt.Errorf("publishing packs: %w", err)
		}
		p.counts.events.Add(int64(s.events))
		p.counts.messages.Add(int64(len(s.packs)))
		p.counts.raw.Add(int64(s.raw))
		p.counts.encoded.Add(int64(s.bytes))
	}
	if len(s.failures) > 0 {
		if err := queue.SendAll(p.ctx, p.cfg.DeadLetter, s.failures, p.cfg.Retry); err != nil {
			return fmt.Errorf("publishing failures: %w", err)
		}
		p.counts.failures.Add(int64(len(s.failures)))
	}
	for _, job := range s.parcels {
		p.untrack(job)
		close(job.done)
		p.parcels.put(job, 2*p.cfg.MaxRawBytes)
	}
	return nil
}

// eventFailure returns the failure of one of the publisher's own events.
func (p *Publisher) eventFailure(reason queue.Reason, text string, line []byte) queue.Failure {
	now := time.Now()
	return queue.Failure{
		Reason: reason, Err: text, Unit: queue.UnitEvent, Body: line,
		Origin: p.cfg.Source, FirstSeen: now, LastSeen: now,
	}
}

// record returns f's letter. It cuts a body that fits no message and logs that:
// stopping the run would lose the other events.
func (p *Publisher) record(f queue.Failure) (queue.Outgoing, error) {
	f.Source = cmp.Or(f.Source, p.cfg.Source)
	out, cut, err := f.CutMessage(p.cfg.DeadLetter.Limits().MaxMessage)
	if err != nil {
		return queue.Outgoing{}, fmt.Errorf("recording a failure: %w", err)
	}
	p.mu.Lock()
	f.Count(p.reasons)
	p.mu.Unlock()
	if cut {
		p.cfg.Logger.Warn("letter's body cut to fit the dead-letter queue",
			slog.String("reason", string(f.Reason)), slog.String("origin", f.Origin), slog.Int("bytes", len(f.Body)))
	}
	return out, nil
}
