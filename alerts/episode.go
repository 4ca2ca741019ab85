package alerts

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"polo/alerts/channel"
	"polo/envelope"
	"polo/internal/pattern"
)

// Source is the source of the events.
const Source = "polo.alerts"

// Subject is one thing that an alert found wrong, or a condition of the alert itself.
type Subject struct {
	Alert    string
	Title    string
	Severity string
	// Labels identify it, in the alert's order; Values are what was found.
	Labels, Values []channel.Pair
	// On is the state in which it is told: Firing, Error or NoData.
	On State
}

// conditionLabel is the label of a condition of an alert itself; no alert's own label may have the name.
const conditionLabel = "condition"

// Fingerprint identifies what the alert and its labels say, whatever the order of the labels.
func (s Subject) Fingerprint() string {
	labels := slices.SortedFunc(slices.Values(s.Labels), func(a, b channel.Pair) int { return cmp.Compare(a.Name, b.Name) })
	identity := []string{"fingerprint", s.Alert}
	for _, l := range labels {
		identity = append(identity, l.Name, l.Value)
	}
	return envelope.NewEventID(Source, time.UnixMilli(0), identity...).String()
}

// Label returns a label's value; empty if there is none.
func (s Subject) Label(name string) string {
	value, _ := s.label(name)
	return value
}

func (s Subject) label(name string) (value string, ok bool) {
	i := slices.IndexFunc(s.Labels, func(l channel.Pair) bool { return l.Name == name })
	if i < 0 {
		return "", false
	}
	return s.Labels[i].Value, true
}

// Status is where a subject stands, as the log of alerts says.
type Status struct {
	Subject
	Progress
	// ID is the subject's fingerprint. It is kept, not made again: the log's labels may be redacted.
	ID     string
	Reason string
	// Changed is the evaluation that last changed it.
	Changed time.Time
}

// Episode identifies the time from the first firing evaluation to the end; empty if it did not fire.
func (s Status) Episode() string {
	if s.Fired.IsZero() {
		return ""
	}
	return envelope.NewEventID(Source, s.Fired, "episode", s.ID).String()
}

// Transition is what a notification tells.
type Transition string

// The transitions that are told.
const (
	TellFiring   Transition = "firing"
	TellResolved Transition = "resolved"
)

// Delivery is the state of a notification.
type Delivery string

// The states of a notification.
const (
	Intended Delivery = "intended"
	Sent     Delivery = "sent"
	Failed   Delivery = "failed"
	// Silenced was withheld by a silence. While the episode lasts, it is sent when the silence has ended.
	Silenced Delivery = "silenced"
)

// Notification is one episode's transition on one channel.
type Notification struct {
	Alert, Fingerprint, Episode string
	// Time is that of the transition: the first firing evaluation, or the one that resolved.
	Time       time.Time
	Transition Transition
	Channel    string
	// Repetition is 0, or which reminder it is.
	Repetition int
	Delivery   Delivery
	// Message is the message that it is a part of, MessageKey what receivers deduplicate by.
	Message, MessageKey string
	// Attempts are the requests of the run that last tried. Marked reports that the last was marked as repeated; Uncertain, that one before, or one that
	// failed, may have arrived.
	Attempts          int
	Marked, Uncertain bool
	Err               string
	// Changed is when it was last stated.
	Changed time.Time
}

// ID identifies the notification: the same on every run.
func (n Notification) ID() string {
	return envelope.NewEventID(Source, n.Time, "notification", n.Episode, string(n.Transition), n.Channel, strconv.Itoa(n.Repetition)).String()
}

// Silence withholds what is sent of some alerts.
type Silence struct {
	ID string
	// Alert and the values of Labels are patterns: * stands for any text.
	Alert           string
	Labels          map[string]string
	Author, Reason  string
	Starts, Expires time.Time
	Revoked         bool
	// By is who revoked it.
	By string
}

// Holds reports whether it silences s at a time.
func (x Silence) Holds(s Subject, at time.Time) bool {
	if x.Revoked || at.Before(x.Starts) || !at.Before(x.Expires) || !pattern.Matches(x.Alert, s.Alert) {
		return false
	}
	for name, want := range x.Labels {
		if value, ok := s.label(name); !ok || !pattern.Matches(want, value) {
			return false
		}
	}
	return true
}
