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

// restate writes an event anew and validates it. One that changed is a later word on the
// same fact: it keeps what the fact is known by, and is observed now, unless the change
// says a later time than the old word's.
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
		if !e.ObservedAt.After(old.observed) { // a collector's clock is ahead
			e.ObservedAt = old.observed.Truncate(time.Millisecond).Add(time.Millisecond)
		}
	}
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return e.AppendJSON(nil), nil
}

// keys are what an event is known by, as far as it says so by the rules; the zero values
// stand for what does not.
type keys struct {
	id       uuid.UUID
	ts       time.Time
	family   string
	observed time.Time
}

// keysOf reads each key by itself: something else of the event may be broken.
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

// kept tells what of the keys an event does not keep: moved, it would count beside its
// older self and not in its place.
func (k keys) kept(e *envelope.ResourceEvent) error {
	family, _, _ := strings.Cut(e.EventType, ".")
	moved := func(field string) error {
		return fmt.Errorf("%s: a correction keeps it, or the event would count twice", field)
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
