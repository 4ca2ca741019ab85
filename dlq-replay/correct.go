package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/redact"
)

// changer returns a changed event, or record, of a letter.
type changer func(l *replay.Letter, line []byte) ([]byte, error)

// corrected is a letter before and after its correction.
type corrected struct {
	letter        replay.Letter // without its secrets
	before, lines [][]byte
	redacted      bool           // secrets were removed
	message       queue.Outgoing // the corrected letter
	err           error
}

// changed reports whether the corrected letter differs from the old one.
func (x *corrected) changed() bool { return x.redacted || !same(x.before, x.lines) }

// places returns where secrets are removed now, and where some were removed before.
func (x *corrected) places() []string {
	if !x.redacted {
		return nil
	}
	return x.letter.Failure.Redacted
}

// replaced is the outcome of sending corrected letters.
type replaced struct {
	// refused are the letters that the queue refused, by reason: they are unchanged.
	refused map[string][]string
	// undeleted counts the old letters that still exist beside their corrections.
	undeleted int
}

// replace sends corrected letters to the dead-letter queue in batches, and deletes each batch's old
// letters once the batch is acknowledged.
func replace(ctx context.Context, o *opened, r *replay.Reader, letters []corrected) (replaced, error) {
	done := replaced{refused: map[string][]string{}}
	for len(letters) > 0 && ctx.Err() == nil {
		n := min(10, len(letters))
		out := make([]queue.Outgoing, n)
		for i, x := range letters[:n] {
			out[i] = x.message
		}
		err := queue.SendAll(context.WithoutCancel(ctx), o.dlq, out, queue.Retry{})
		failed, err := refusals(err)
		var ids []string
		for i, x := range letters[:n] {
			switch why := failed[i]; {
			case why == nil:
				ids = append(ids, x.letter.ID())
			case err == nil:
				done.refused[why.Error()] = append(done.refused[why.Error()], x.letter.ID())
			}
		}
		deleteErr := r.Delete(context.WithoutCancel(ctx), ids)
		var some *replay.UndeletedError
		if errors.As(deleteErr, &some) {
			done.undeleted += len(some.IDs)
			deleteErr = some.Err
		}
		if err != nil {
			err = fmt.Errorf("sending corrected letters to the dead-letter queue: %w", err)
		}
		if err := errors.Join(err, deleteErr); err != nil {
			return done, err
		}
		letters = letters[n:]
	}
	return done, ctx.Err()
}

// refusals splits the error of a send: the reasons why messages were refused for their content, and
// any other error.
func refusals(err error) (map[int]error, error) {
	var some *queue.SendError
	if !errors.As(err, &some) {
		return nil, err
	}
	failed := map[int]error{}
	err = nil
	for _, f := range some.Failed {
		failed[f.Index] = f.Err
		if !replay.OfContent(f) {
			err = some
		}
	}
	return failed, err
}

// pack builds the corrected letter's message for a queue.
func (x *corrected) pack(by string, limits queue.Limits) error {
	f := x.letter.Failure
	f.Err = replay.Correction{Letter: x.letter.ID(), By: by}.Mark(f.Err)
	f.Body = bytes.Join(x.lines, []byte{'\n'})
	switch {
	case f.Unit == queue.UnitRecord:
	case len(x.lines) == 1:
		f.Unit = queue.UnitEvent
	default:
		packs, tooLarge, err := envelope.EncodePacks(x.letter.Sources()[0], x.lines, limits.MaxMessage)
		if err != nil {
			return fmt.Errorf("packing its events: %w", err)
		}
		if len(packs) != 1 || len(tooLarge) > 0 {
			return fmt.Errorf("packing its events: %w", queue.ErrTooLarge)
		}
		f.Body, f.Unit = []byte(packs[0].Body), queue.UnitPack
	}
	var err error
	if x.message, err = f.Message(limits.MaxMessage); err != nil {
		return fmt.Errorf("it fits no letter: %w", err)
	}
	return nil
}

// correct applies change to every event of a letter, or to its record, and validates the result. A
// corrected event is a later statement of the fact. Neither change nor the person who reviews the
// result sees the secrets of an older letter.
func correct(letter replay.Letter, change changer, records normalise) corrected {
	l := letter.WithoutSecrets() //mutant:edit-tells-secrets
	x := corrected{letter: l, before: l.Lines, redacted: len(l.Failure.Redacted) > len(letter.Failure.Redacted)}
	check := restate
	switch {
	case l.Err != nil:
		x.err = fmt.Errorf("it is no failure record: %w", l.Err)
		return x
	case l.Failure.CutFrom > 0:
		x.err = replay.ErrCut
		return x
	case l.Failure.Unit == queue.UnitPart:
		x.err = replay.ErrPart
		return x
	case l.Failure.Unit == queue.UnitSummary:
		x.err = replay.ErrSummary
		return x
	case l.Failure.Unit == queue.UnitRecord:
		x.before, check = [][]byte{l.Failure.Body}, rerecord(l.Failure.Source, records)
	case len(l.Lines) == 0:
		x.err = fmt.Errorf("it has no event to correct, only a %s that does not decode", l.Failure.Unit)
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
		out, places := redact.Bytes(out)
		if len(places) > 0 {
			x.letter.Failure.Redacted, x.redacted = append(x.letter.Failure.Redacted, places...), true
		}
		x.lines = append(x.lines, out)
	}
	return x
}

// rerecord validates a source's record as the collector would.
func rerecord(from string, records normalise) func(before, after []byte) ([]byte, error) {
	return func(before, after []byte) ([]byte, error) {
		if same([][]byte{before}, [][]byte{after}) {
			return before, nil
		}
		events, err := records(from, after, time.Now())
		if err != nil {
			return nil, err
		}
		for i := range events {
			if err := events[i].Validate(); err != nil {
				return nil, err
			}
		}
		return after, nil
	}
}
