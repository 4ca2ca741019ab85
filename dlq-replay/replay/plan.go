package replay

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// Parcel is what is sent for a letter.
type Parcel struct {
	// Messages go to the main queue: one, except for a record whose events exceed one message.
	Messages []queue.Outgoing
	// Statements are the statements in them, as far as they decode.
	Statements []Statement
	// Unreadable counts what does not decode: events of a pack, or a whole pack. Whether those
	// landed cannot be verified.
	Unreadable int
	// Marks identify what does not decode; see Letter.
	Marks []Mark
	// Replays is the replay count it is sent with.
	Replays int
}

// Planner plans what is sent for letters.
type Planner struct {
	// MaxReplays bounds how often a letter may have been replayed before.
	MaxReplays int
	// Records makes events from a source's record, which was observed at a time. The source is
	// empty for a letter from before sources were named.
	Records func(source string, record []byte, observed time.Time) ([]envelope.ResourceEvent, error)
	// MaxMessage is the size limit of a message of the main queue, in bytes.
	MaxMessage int
}

// Reasons why a letter is not replayed.
var (
	ErrCut      = errors.New("its body was cut to fit the dead-letter queue; its origin has the whole")
	ErrTooOften = errors.New("it was already replayed the maximum number of times")
	ErrSummary  = errors.New("it summarises many records of a file: fix their cause, collect the file again (polo ingest), then purge the letter")
	ErrPart     = errors.New("it is a part of a file or of an API answer, which makes events only as a whole: fix its cause, collect the origin again (polo ingest, polo collect), then purge the letter")
)

// Plan returns what is sent for a letter, or why it cannot be.
func (p *Planner) Plan(l *Letter) (Parcel, error) {
	out, err := p.plan(l)
	if err != nil {
		return Parcel{}, err
	}
	for i := range out.Messages {
		if err := p.fit(&out.Messages[i]); err != nil {
			return Parcel{}, fmt.Errorf("it fits no message of the main queue: %w", err)
		}
	}
	out.Marks, out.Replays = l.Marks, l.Failure.ReplayCount+1
	return out, nil
}

// fit omits the replay count from a message that has no room for it: sending without it is better
// than not at all.
func (p *Planner) fit(m *queue.Outgoing) error {
	err := m.Check(p.MaxMessage)
	if errors.Is(err, queue.ErrTooLarge) {
		bare := queue.Outgoing{Body: m.Body}
		if bare.Check(p.MaxMessage) == nil {
			*m, err = bare, nil
		}
	}
	return err
}

func (p *Planner) plan(l *Letter) (Parcel, error) {
	f := &l.Failure
	switch {
	case l.Err != nil:
		return Parcel{}, fmt.Errorf("%w: %w", errNotRecord, l.Err)
	case f.CutFrom > 0:
		return Parcel{}, ErrCut
	case f.ReplayCount >= p.MaxReplays:
		return Parcel{}, fmt.Errorf("%w: %d times", ErrTooOften, f.ReplayCount)
	}
	switch f.Unit {
	case queue.UnitPack:
		unreadable := len(l.Lines) - len(l.Statements)
		if len(l.Lines) == 0 {
			unreadable = 1
		}
		return Parcel{
			Messages: []queue.Outgoing{outgoing(string(f.Body), f.ReplayCount)}, Statements: l.Statements, Unreadable: unreadable,
		}, nil
	case queue.UnitEvent:
		return p.pack(f.ReplayCount, sourceOf(l), l.Lines, l.Statements)
	case queue.UnitPart:
		return Parcel{}, ErrPart
	case queue.UnitSummary:
		return Parcel{}, ErrSummary
	case queue.UnitRecord:
		return p.record(f)
	}
	return Parcel{}, fmt.Errorf("its body is a %q, which this version does not know", f.Unit)
}

// record makes events from a source's record that failed before, because the collector may handle
// it by now.
func (p *Planner) record(f *queue.Failure) (Parcel, error) {
	events, err := p.Records(f.Source, f.Body, observed(f))
	if err == nil && len(events) == 0 {
		err = errors.New("it makes no event")
	}
	if err != nil {
		return Parcel{}, fmt.Errorf("the record still fails: %w", err)
	}
	var lines [][]byte
	var statements []Statement
	for i := range events {
		e := &events[i]
		if err := e.Validate(); err != nil {
			return Parcel{}, fmt.Errorf("the record still fails: %w", err)
		}
		lines = append(lines, e.AppendJSON(nil))
		statements = append(statements, statementOf(e, lines[i]))
	}
	return p.pack(f.ReplayCount, events[0].Source, lines, statements)
}

// observed returns when the record was collected, so that a replay does not claim a newer
// observation.
func observed(f *queue.Failure) time.Time {
	if !f.FirstSeen.IsZero() {
		return f.FirstSeen
	}
	return f.LastSeen
}

func (p *Planner) pack(replays int, source string, lines [][]byte, statements []Statement) (Parcel, error) {
	packs, tooLarge, err := envelope.EncodePacks(source, lines, p.MaxMessage)
	switch {
	case err != nil:
		return Parcel{}, fmt.Errorf("it is not one event on one line: %w", err)
	case len(tooLarge) > 0:
		return Parcel{}, errors.New("an event of it is too large for a message")
	}
	out := Parcel{Statements: statements, Unreadable: len(lines) - len(statements)}
	for _, pack := range packs {
		out.Messages = append(out.Messages, outgoing(pack.Body, replays))
	}
	return out, nil
}

func outgoing(body string, replays int) queue.Outgoing {
	return queue.Outgoing{Body: body, Attributes: map[string]string{queue.AttrReplayCount: strconv.Itoa(replays + 1)}}
}

func sourceOf(l *Letter) string {
	if s := l.Sources()[0]; s != none {
		return s
	}
	return "polo.dlq-replay"
}
