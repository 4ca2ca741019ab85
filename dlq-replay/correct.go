package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
)

// corrected is a letter before and after.
type corrected struct {
	letter        replay.Letter
	before, lines [][]byte
	err           error
}

// replace puts corrected letters into the queue, a batch at a time, and deletes
// each batch's old ones once that is acknowledged.
func replace(ctx context.Context, o *opened, r *replay.Reader, letters []corrected) error {
	for len(letters) > 0 {
		n := min(10, len(letters))
		var out []queue.Outgoing
		var ids []string
		for _, x := range letters[:n] {
			f := x.letter.Failure
			f.Err = replay.CorrectedMark + strings.TrimPrefix(f.Err, replay.CorrectedMark)
			f.Body = bytes.Join(x.lines, []byte{'\n'})
			switch {
			case f.Unit == queue.UnitRecord:
			case len(x.lines) == 1:
				f.Unit = queue.UnitEvent
			default:
				packs, tooLarge, err := envelope.EncodePacks(x.letter.Sources()[0], x.lines, o.main.Limits().MaxMessage)
				if err != nil || len(packs) != 1 || len(tooLarge) > 0 {
					return fmt.Errorf("letter %s: its events fit no message: %w", x.letter.ID(), err)
				}
				f.Body, f.Unit = []byte(packs[0].Body), queue.UnitPack
			}
			m, err := f.Message(o.dlq.Limits().MaxMessage)
			if err != nil {
				return fmt.Errorf("letter %s: %w", x.letter.ID(), err)
			}
			out, ids = append(out, m), append(ids, x.letter.ID())
		}
		if err := queue.SendAll(context.WithoutCancel(ctx), o.dlq, out, queue.Retry{}); err != nil {
			return fmt.Errorf("putting corrected letters into the dead-letter queue: %w", err)
		}
		if err := r.Delete(context.WithoutCancel(ctx), ids); err != nil {
			return err
		}
		letters = letters[n:]
	}
	return nil
}

// correct applies change to every event of a letter, or to its record, and holds
// the result to the rules. What is corrected is a later statement of the fact.
func correct(l replay.Letter, change func(*replay.Letter, []byte) ([]byte, error)) corrected {
	x := corrected{letter: l, before: l.Lines}
	check := restate
	switch {
	case l.Err != nil:
		x.err = fmt.Errorf("it is no failure's record: %w", l.Err)
		return x
	case l.Failure.CutFrom > 0:
		x.err = replay.ErrCut
		return x
	case l.Failure.Unit == queue.UnitRecord:
		x.before, check = [][]byte{l.Failure.Body}, rerecord
	case len(l.Lines) == 0:
		x.err = fmt.Errorf("it holds no event to correct, but a %s that cannot be read", l.Failure.Unit)
		return x
	}
	for i, line := range x.before {
		out, err := change(&l, line)
		if err == nil {
			out, err = check(line, out)
		}
		if err != nil {
			x.err = fmt.Errorf("event %d of %d: %w", i+1, len(x.before), err)
			return x
		}
		x.lines = append(x.lines, out)
	}
	return x
}

// restate writes an event anew and validates it. One that changed is observed now,
// unless the change says when.
func restate(before, after []byte) ([]byte, error) {
	if same([][]byte{before}, [][]byte{after}) {
		return before, nil
	}
	e, err := envelope.DecodeEvent(after)
	if err != nil {
		return nil, err
	}
	if old, err := envelope.DecodeEvent(before); err == nil && old.ObservedAt.Equal(e.ObservedAt) {
		e.ObservedAt = time.Now().UTC().Truncate(time.Millisecond)
	}
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return e.AppendJSON(nil), nil
}

// rerecord validates a source's own record, as the collector would.
func rerecord(before, after []byte) ([]byte, error) {
	if same([][]byte{before}, [][]byte{after}) {
		return before, nil
	}
	out, err := cloudtrail.NewNormaliser(cloudtrail.Config{}).Normalise(after, time.Now())
	if err != nil {
		return nil, err
	}
	for i := range out.Events {
		if err := out.Events[i].Validate(); err != nil {
			return nil, err
		}
	}
	return after, nil
}
