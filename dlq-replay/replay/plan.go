package replay

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
)

// Parcel is what is sent for a letter.
type Parcel struct {
	// Messages go to the main queue: one, save for a record that became more
	// events than one message holds.
	Messages []queue.Outgoing
	// Events are the ids of what is in them.
	Events []uuid.UUID
}

// Planner turns letters into what is sent for them.
type Planner struct {
	// MaxReplays is how often a letter may have been replayed before.
	MaxReplays int
	// Normaliser makes events of a source's own records.
	Normaliser *cloudtrail.Normaliser
	// MaxMessage is what a message of the main queue holds, in bytes.
	MaxMessage int
}

// Why a letter is not replayed.
var (
	ErrCut      = errors.New("its body was cut to fit the dead-letter queue; the whole is at its origin")
	ErrTooOften = errors.New("it was replayed as often as allowed")
)

// Plan says what is sent for a letter, or why it cannot be.
func (p *Planner) Plan(l *Letter) (Parcel, error) {
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
		return Parcel{Messages: []queue.Outgoing{outgoing(string(f.Body), f.ReplayCount)}, Events: idsOf(l.Events)}, nil
	case queue.UnitEvent:
		return p.pack(f.ReplayCount, sourceOf(l), l.Lines, l.Events)
	case queue.UnitRecord:
		return p.record(f)
	}
	return Parcel{}, fmt.Errorf("its body is a %q, which this version does not know", f.Unit)
}

// record makes events of a source's record, which failed before: by now the
// collector may know better.
func (p *Planner) record(f *queue.Failure) (Parcel, error) {
	out, err := p.Normaliser.Normalise(f.Body, observed(f))
	if err != nil {
		return Parcel{}, fmt.Errorf("the record still fails: %w", err)
	}
	var lines [][]byte
	for i := range out.Events {
		if err := out.Events[i].Validate(); err != nil {
			return Parcel{}, fmt.Errorf("the record still fails: %w", err)
		}
		lines = append(lines, out.Events[i].AppendJSON(nil))
	}
	return p.pack(f.ReplayCount, out.Events[0].Source, lines, out.Events)
}

// observed is when the record was collected, so that a replay states no newer fact.
func observed(f *queue.Failure) time.Time {
	if !f.FirstSeen.IsZero() {
		return f.FirstSeen
	}
	return f.LastSeen
}

func (p *Planner) pack(replays int, source string, lines [][]byte, events []envelope.ResourceEvent) (Parcel, error) {
	packs, tooLarge, err := envelope.EncodePacks(source, lines, p.MaxMessage)
	switch {
	case err != nil:
		return Parcel{}, fmt.Errorf("it is not one event on one line: %w", err)
	case len(tooLarge) > 0:
		return Parcel{}, errors.New("an event of it is too large for a message")
	}
	out := Parcel{Events: idsOf(events)}
	for _, pack := range packs {
		out.Messages = append(out.Messages, outgoing(pack.Body, replays))
	}
	return out, nil
}

func outgoing(body string, replays int) queue.Outgoing {
	return queue.Outgoing{Body: body, Attributes: map[string]string{queue.AttrReplayCount: strconv.Itoa(replays + 1)}}
}

func idsOf(events []envelope.ResourceEvent) []uuid.UUID {
	ids := make([]uuid.UUID, len(events))
	for i := range events {
		ids[i] = events[i].EventID
	}
	return ids
}

func sourceOf(l *Letter) string {
	if s := l.Sources()[0]; s != "-" {
		return s
	}
	return "polo.dlq-replay"
}
