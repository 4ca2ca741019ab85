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

// Letter is a parsed message of a dead-letter queue.
type Letter struct {
	Message queue.Message
	Failure queue.Failure
	// Err is why the message is no failure record; Failure is empty then.
	Err error
	// Lines are its original events, Events those that decode: one for an event, many for a pack,
	// none for a record or for what does not decode.
	Lines  [][]byte
	Events []envelope.ResourceEvent
	// Statements are the Events with their versions.
	Statements []Statement
	// Marks identify Lines that do not decode, or a whole pack that does not, each once.
	Marks []Mark
	// Bad are the bad events of a pack, in order.
	Bad []BadEvent
}

// BadEvent is an event of a pack that the consumer does not insert.
type BadEvent struct {
	// Number is 1 for the pack's first event.
	Number int
	Err    error
}

// Open parses a message.
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
		_ = l.line(l.Failure.Body) // the failure already says what is wrong
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

// line adds an event, and returns what is wrong with it.
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

// WithoutSecrets returns the letter without secrets, to show a person: letters from before
// redaction may contain some. Failure.Redacted lists where they were.
func (l *Letter) WithoutSecrets() Letter {
	out := *l
	out.Failure, out.Message.Body = l.Failure.WithoutSecrets(), redact.Text(l.Message.Body)
	out.Lines = make([][]byte, len(l.Lines))
	for i, line := range l.Lines {
		clean, places := redact.Bytes(line)
		out.Lines[i] = clean
		if l.Failure.Unit != queue.UnitPack {
			continue // its body already listed the places
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

// bare treats a whole pack without a record as moved by the queue: it is as large as a message may
// be, and left no room for the record.
func (l *Letter) bare(d *envelope.Decoder) {
	if _, err := d.Decode([]byte(l.Message.Body)); err != nil {
		return
	}
	moved := l.Message
	moved.DeadLetterSource = "an unknown queue"
	l.Failure, l.Err = queue.ParseFailure(moved)
}

// ID returns the message's id in the dead-letter queue.
func (l *Letter) ID() string { return l.Message.ID }

// Key is equal for copies of one letter. A message that is no failure record has no copies.
func (l *Letter) Key() queue.Key {
	f := l.Failure
	if l.Err != nil {
		f = queue.Failure{Origin: l.Message.ID}
	}
	return f.Key()
}

// ReasonUnknown is the reason of a message that is no failure record.
const ReasonUnknown = "unknown"

// Reason returns the failure's reason, or ReasonUnknown.
func (l *Letter) Reason() string {
	if l.Err != nil {
		return ReasonUnknown
	}
	return string(l.Failure.Reason)
}

// At returns when the letter failed: its last delivery if known, else when it was sent.
func (l *Letter) At() time.Time {
	if !l.Failure.LastSeen.IsZero() {
		return l.Failure.LastSeen
	}
	return l.Message.SentAt
}

// ByTime compares letters by the time they failed, then by id.
func ByTime(a, b Letter) int { return cmp.Or(a.At().Compare(b.At()), cmp.Compare(a.ID(), b.ID())) }

// Sources returns the sources of its events, each once, in order of appearance. Without events it
// returns the failure's source, or "-" if there is none.
func (l *Letter) Sources() []string {
	all := l.each(func(e *envelope.ResourceEvent) string { return e.Source })
	if all[0] == none && l.Failure.Source != "" {
		return []string{l.Failure.Source}
	}
	return all
}

// none represents a value that no event of a letter has.
const none = "-"

// Types returns the events' types.
func (l *Letter) Types() []string {
	return l.each(func(e *envelope.ResourceEvent) string { return e.EventType })
}

// Accounts returns the events' accounts; without events, the failure's own.
func (l *Letter) Accounts() []string {
	all := l.each(func(e *envelope.ResourceEvent) string { return e.AccountID })
	if all[0] == none && l.Failure.AccountID != "" {
		return []string{l.Failure.AccountID}
	}
	return all
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

// Body returns what failed, as text for a person.
func (l *Letter) Body() string {
	if l.Err != nil {
		return l.Message.Body
	}
	return strings.ToValidUTF8(string(l.Failure.Body), "\uFFFD")
}

var errNotRecord = errors.New("it is no failure record, and no queue moved it here")
