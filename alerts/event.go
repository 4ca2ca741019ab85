package alerts

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"polo/alerts/channel"
	"polo/envelope"
)

// Types of the events.
const (
	TypeClaimed      = "alert.claimed"
	TypeEvaluated    = "alert.evaluated"
	TypeTransitioned = "alert.transitioned"
	TypeNotified     = "alert.notified"
	TypeSilenced     = "alert.silenced"
)

// Properties that the log of alerts, schema/views/alert_*.sql, reads.
const (
	propAlert    = "alert"
	propLabels   = "labels"
	propRun      = "run"
	propSeverity = "severity"
	propTitle    = "title"
)

// event is a fact of its type, time and subject.
func event(eventType string, ts, observed time.Time, subject, state string) envelope.ResourceEvent {
	ts = ts.UTC().Truncate(time.Millisecond)
	return envelope.ResourceEvent{
		EventID: envelope.NewEventID(Source, ts, eventType, subject), EventType: eventType, Source: Source,
		TS: ts, ObservedAt: observed.UTC().Truncate(time.Millisecond), ResourceID: subject, State: state,
	}
}

// pairs returns the properties that have a value.
func pairs(m map[string]string) envelope.Pairs {
	for name, value := range m {
		if value == "" {
			delete(m, name)
		}
	}
	return envelope.PairsOf(m)
}

// claimed is the event by which a run claims its turn.
func (c Claim) claimed(observed time.Time) envelope.ResourceEvent {
	e := event(TypeClaimed, c.Scheduled, observed, c.Run, "claimed")
	e.Properties = pairs(map[string]string{propRun: c.Run, "claimed_at": stamp(c.At), "lease_s": strconv.Itoa(int(c.Lease.Seconds()))})
	return e
}

// Outcome is how a run ended.
type Outcome struct {
	// Yielded reports that another run had the turn: nothing was evaluated.
	Yielded bool
	// Alerts are those evaluated, Errors those of them that could not be, Open the episodes under way.
	Alerts, Errors, Open int
	// Sent, Failed and Silenced count notifications.
	Sent, Failed, Silenced int
	// Repeated reports that everything sent was marked as repeated, because the last run has no end.
	Repeated bool
	// Events are the run's events without its claim and its end.
	Events int
}

func (c Claim) ended(o Outcome, observed time.Time) envelope.ResourceEvent {
	state := "finished"
	if o.Yielded {
		state = "yielded"
	}
	e := event(TypeEvaluated, c.Scheduled, observed, c.Run, state)
	e.Properties = pairs(map[string]string{
		propRun: c.Run, "alerts": strconv.Itoa(o.Alerts), "errors": strconv.Itoa(o.Errors), "open": strconv.Itoa(o.Open), "sent": strconv.Itoa(o.Sent), "failed": strconv.Itoa(o.Failed), "silenced": strconv.Itoa(o.Silenced),
		"repeated": strconv.FormatBool(o.Repeated), "events": strconv.Itoa(o.Events),
	})
	return e
}

// transitioned is the event of a change of a subject's progress. The two runs that ever evaluate at one time state one fact.
func (s Status) transitioned(run string, from State, observed time.Time) envelope.ResourceEvent {
	e := event(TypeTransitioned, s.Changed, observed, s.ID, string(s.State))
	e.ResourceName, e.ARN, e.AccountID = s.Alert, knownARN(s.Label("arn")), s.Label("account_id")
	e.Properties = pairs(map[string]string{
		propRun: run, propAlert: s.Alert, propTitle: s.Title, propSeverity: s.Severity, "from": string(from), "on": string(s.On), "since": stamp(s.Since), "count": strconv.Itoa(s.Count),
		"fired_at": stamp(s.Fired), "episode": s.Episode(), "reason": s.Reason, propLabels: object(s.Labels), "values": object(s.Values),
	})
	return e
}

// notified states a notification. A later statement of the same notification replaces the earlier.
func (n Notification) notified(run string) envelope.ResourceEvent {
	e := event(TypeNotified, n.Time, n.Changed, n.ID(), string(n.Delivery))
	e.ResourceName = n.Alert
	e.Properties = pairs(map[string]string{
		propRun: run, propAlert: n.Alert, "fingerprint": n.Fingerprint, "episode": n.Episode, "transition": string(n.Transition), "channel": n.Channel, "time": stamp(n.Time),
		"repetition": strconv.Itoa(n.Repetition), "message": n.Message, "message_key": n.MessageKey, "attempts": strconv.Itoa(n.Attempts),
		"marked_repeated": strconv.FormatBool(n.Marked), "uncertain": strconv.FormatBool(n.Uncertain), "error": n.Err,
	})
	return e
}

// Event states the silence at a time: once when it is made, and again when it is revoked.
func (x Silence) Event(observed time.Time) (envelope.ResourceEvent, error) {
	labels, err := json.Marshal(x.Labels)
	if err != nil {
		return envelope.ResourceEvent{}, fmt.Errorf("encoding the labels: %w", err)
	}
	state := "active"
	if x.Revoked {
		state = "revoked"
	}
	e := event(TypeSilenced, x.Starts, observed, x.ID, state)
	e.Actor = x.Author
	if x.Revoked {
		e.Actor = x.By
	}
	e.Properties = pairs(map[string]string{
		"pattern": x.Alert, propLabels: string(labels), "author": x.Author, "reason": x.Reason, "starts": stamp(x.Starts), "expires": stamp(x.Expires),
	})
	if err := e.Validate(); err != nil {
		return envelope.ResourceEvent{}, fmt.Errorf("making the silence: %w", err)
	}
	return e, nil
}

// knownARN returns a key that the envelope can parse; anything else is no key.
func knownARN(text string) string {
	if _, err := envelope.ParseARN(text); err != nil {
		return ""
	}
	return text
}

// object writes pairs as a JSON object.
func object(all []channel.Pair) string {
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	for i, p := range all {
		name, _ := json.Marshal(p.Name) // texts always encode
		value, _ := json.Marshal(p.Value)
		b.WriteByte("{,"[min(i, 1)])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.String()
}

// stamp writes a time; nothing for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
