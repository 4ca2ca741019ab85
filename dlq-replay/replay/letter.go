package replay

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/redact"
)

// Letter is one message of a dead-letter queue, understood as far as it goes.
type Letter struct {
	Message queue.Message
	Failure queue.Failure
	// Err says why the message is no failure's record; Failure is empty then.
	Err error
	// Lines are its events as they stood, Events those of them that decode: one
	// of an event, many of a pack, none of a record or of what does not decode.
	Lines  [][]byte
	Events []envelope.ResourceEvent
	// Statements are the Events with the versions that their Lines give them.
	Statements []Statement
	// Marks are of those Lines that do not decode, or of a whole pack that does not, each
	// once.
	Marks []Mark
	// Bad are the events of a pack that are no good, in order.
	Bad []BadEvent
}

// BadEvent is an event of a pack that the consumer does not insert.
type BadEvent struct {
	// Number is 1 for the pack's first event.
	Number int
	Err    error
}

// Open reads a message.
func Open(m queue.Message, d *envelope.Decoder) Letter {
	l := Letter{Message: m}
	l.Failure, l.Err = queue.ParseFailure(m)
	if errors.Is(l.Err, queue.ErrNotFailure) {
		l.bare(d)
	}
	if l.Err != nil {
		return l
	}
	switch l.Failure.Unit {
	case queue.UnitEvent:
		_ = l.line(l.Failure.Body) // the failure says what is wrong with it
	case queue.UnitPack:
		pack, err := d.Decode(l.Failure.Body)
		if err != nil {
			l.Marks = []Mark{markOf(l.Failure.Body)}
			return l
		}
		for i := range pack.Lines {
			if err := l.line(pack.Lines[i].Raw); err != nil {
				l.Bad = append(l.Bad, BadEvent{Number: i + 1, Err: err})
			}
		}
		l.Marks = slices.Compact(slices.Sorted(slices.Values(l.Marks)))
	}
	return l
}

// line takes in an event, and returns what is wrong with it.
func (l *Letter) line(raw []byte) error {
	l.Lines = append(l.Lines, raw)
	e, err := envelope.DecodeEvent(raw)
	if err != nil {
		l.Marks = append(l.Marks, markOf(raw))
		return err
	}
	l.Events = append(l.Events, e)
	l.Statements = append(l.Statements, statementOf(&e, raw))
	return e.Validate()
}

// WithoutSecrets is the letter as a person may see it: one that is older than redaction may
// hold secrets. Failure.Redacted tells where they were.
func (l *Letter) WithoutSecrets() Letter {
	out := *l
	out.Failure, out.Message.Body = l.Failure.WithoutSecrets(), redact.Text(l.Message.Body)
	out.Lines = make([][]byte, len(l.Lines))
	for i, line := range l.Lines {
		clean, places := redact.Bytes(line)
		out.Lines[i] = clean
		if l.Failure.Unit != queue.UnitPack {
			continue // its body told the places
		}
		for _, place := range places {
			out.Failure.Redacted = append(out.Failure.Redacted, "/events/"+strconv.Itoa(i)+place)
		}
	}
	out.Bad = make([]BadEvent, len(l.Bad))
	for i, b := range l.Bad {
		out.Bad[i] = BadEvent{Number: b.Number, Err: errors.New(redact.Text(b.Err.Error()))}
	}
	return out
}

// bare takes a whole pack that nothing is said of for one that the queue moved: it is
// as large as a message may be, and had no room for the record of its failure.
func (l *Letter) bare(d *envelope.Decoder) {
	if _, err := d.Decode([]byte(l.Message.Body)); err != nil {
		return
	}
	moved := l.Message
	moved.DeadLetterSource = "an unknown queue"
	l.Failure, l.Err = queue.ParseFailure(moved)
}

// ID is the message's id in the dead-letter queue.
func (l *Letter) ID() string { return l.Message.ID }

// Key is the same for letters that are copies of each other. A message that is no failure's
// record is none's.
func (l *Letter) Key() queue.Key {
	f := l.Failure
	if l.Err != nil {
		f = queue.Failure{Origin: l.Message.ID}
	}
	return f.Key()
}

// ReasonUnknown is the reason of a message that is no failure's record.
const ReasonUnknown = "unknown"

// Reason is the failure's, or ReasonUnknown.
func (l *Letter) Reason() string {
	if l.Err != nil {
		return ReasonUnknown
	}
	return string(l.Failure.Reason)
}

// At is when it failed: its last delivery where that is known, else when it was
// sent.
func (l *Letter) At() time.Time {
	if !l.Failure.LastSeen.IsZero() {
		return l.Failure.LastSeen
	}
	return l.Message.SentAt
}

// ByTime orders letters by when they failed, and then by id.
func ByTime(a, b Letter) int { return cmp.Or(a.At().Compare(b.At()), cmp.Compare(a.ID(), b.ID())) }

// Sources are those of its events, each once, in order of appearance, or else the one that the
// failure names; "-" stands for a letter that tells none.
func (l *Letter) Sources() []string {
	all := l.each(func(e *envelope.ResourceEvent) string { return e.Source })
	if all[0] == none && l.Failure.Source != "" {
		return []string{l.Failure.Source}
	}
	return all
}

// none stands for what no event of a letter tells.
const none = "-"

// Types are the events' types.
func (l *Letter) Types() []string {
	return l.each(func(e *envelope.ResourceEvent) string { return e.EventType })
}

// Accounts are the events' accounts.
func (l *Letter) Accounts() []string {
	return l.each(func(e *envelope.ResourceEvent) string { return e.AccountID })
}

func (l *Letter) each(of func(*envelope.ResourceEvent) string) []string {
	var out []string
	seen := map[string]bool{}
	for i := range l.Events {
		if v := of(&l.Events[i]); v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	if out == nil {
		return []string{none}
	}
	return out
}

// Body is what failed, as text for a person.
func (l *Letter) Body() string {
	if l.Err != nil {
		return l.Message.Body
	}
	return strings.ToValidUTF8(string(l.Failure.Body), "\uFFFD")
}

var errNotRecord = errors.New("it is no failure's record, and was not moved here by a queue")
