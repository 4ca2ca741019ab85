package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
)

// restate encodes and validates an event. A changed event is a later statement of the same fact: it
// keeps the fact's keys, and is observed now, unless the change sets a time later than the old
// statement's.
func restate(before, after []byte) ([]byte, error) {
	if same([][]byte{before}, [][]byte{after}) {
		return before, nil
	}
	e, err := envelope.DecodeEvent(after)
	if err != nil {
		return nil, err
	}
	old := keysOf(before)
	if err := old.kept(&e); err != nil {
		return nil, err
	}
	if !e.ObservedAt.After(old.observed) {
		e.ObservedAt = time.Now().UTC().Truncate(time.Millisecond)
		if !e.ObservedAt.After(old.observed) { // the collector's clock is ahead
			e.ObservedAt = old.observed.Truncate(time.Millisecond).Add(time.Millisecond)
		}
	}
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return e.AppendJSON(nil), nil
}

// keys are the fields that identify a fact, as far as the event's are valid; zero values stand for
// invalid ones.
type keys struct {
	id       uuid.UUID
	ts       time.Time
	family   string
	observed time.Time
}

// keysOf decodes each key on its own, because another field of the event may be broken.
func keysOf(line []byte) keys {
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &fields) != nil {
		return keys{}
	}
	one := func(name string) envelope.ResourceEvent {
		value, ok := fields[name]
		if !ok {
			return envelope.ResourceEvent{}
		}
		text, err := json.Marshal(map[string]json.RawMessage{name: value})
		if err != nil {
			return envelope.ResourceEvent{}
		}
		e, err := envelope.DecodeEvent(text)
		var broken *envelope.ValidationError
		if err != nil || errors.As(e.Validate(), &broken) && faulty(broken, name) {
			return envelope.ResourceEvent{}
		}
		return e
	}
	k := keys{id: one("event_id").EventID, ts: one("ts").TS, observed: one("observed_at").ObservedAt}
	k.family, _, _ = strings.Cut(one("event_type").EventType, ".")
	return k
}

func faulty(err *envelope.ValidationError, field string) bool {
	for _, f := range err.Faults {
		if f.Field == field {
			return true
		}
	}
	return false
}

// kept returns an error for the keys that an event does not keep: with another key it would count
// in addition to the old statement, and not replace it.
func (k keys) kept(e *envelope.ResourceEvent) error {
	family, _, _ := strings.Cut(e.EventType, ".")
	moved := func(field string) error {
		return fmt.Errorf("%s: a correction cannot change it, or the event would count twice", field)
	}
	var errs []error
	if k.id != uuid.Nil && k.id != e.EventID {
		errs = append(errs, moved("event_id"))
	}
	if !k.ts.IsZero() && !k.ts.Equal(e.TS) {
		errs = append(errs, moved("ts"))
	}
	if k.family != "" && k.family != family {
		errs = append(errs, moved("event_type before the dot"))
	}
	return errors.Join(errs...)
}
