// Package alertstest is a stand-in for the queue and ClickHouse that runs of alerts publish to and read from, and for what is wrong.
package alertstest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"polo/alerts"
	"polo/alerts/channel"
	"polo/envelope"
	"polo/schema/queries"
)

// ErrDown is what a Log answers while it is down.
var ErrDown = errors.New("ClickHouse is down")

// Log is an alerts.Journal and an alerts.Store: what is published arrives after a delay, and is then read. Safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	sent []sent
	down bool
	// delay is how long an event takes to arrive.
	delay func() time.Duration
	// rows are what each alert finds.
	rows map[string]Rows
}

type sent struct {
	event   envelope.ResourceEvent
	arrives time.Time
}

// Rows are what an alert's query answers.
type Rows struct {
	Rows      [][]any
	Truncated bool
	Err       error
	// Empty says that there is nothing to judge.
	Empty bool
}

var (
	_ alerts.Store   = (*Log)(nil)
	_ alerts.Journal = (*Log)(nil)
)

// NewLog returns an empty log, whose events arrive at once.
func NewLog() *Log {
	return &Log{delay: func() time.Duration { return 0 }, rows: map[string]Rows{}}
}

// Delay sets how long what is published from now on takes to arrive.
func (l *Log) Delay(of func() time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = of
}

// Arrive lets everything arrive now.
func (l *Log) Arrive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.sent {
		l.sent[i].arrives = time.Time{}
	}
}

// Down takes ClickHouse down, or up again.
func (l *Log) Down(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
}

// Set sets what an alert finds.
func (l *Log) Set(alert string, rows Rows) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows[alert] = rows
}

// Publish implements alerts.Journal.
func (l *Log) Publish(ctx context.Context, events ...envelope.ResourceEvent) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil && len(events) > 0 {
		return err
	}
	for _, e := range events {
		if err := e.Validate(); err != nil {
			return err
		}
		l.sent = append(l.sent, sent{e, time.Now().Add(l.delay())})
	}
	return nil
}

// Events returns what has arrived: of each fact the latest statement, by time.
func (l *Log) Events(eventType string) ([]envelope.ResourceEvent, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, ErrDown
	}
	latest := map[uuid.UUID]envelope.ResourceEvent{}
	now := time.Now()
	for _, s := range l.sent {
		if s.arrives.After(now) || eventType != "" && s.event.EventType != eventType {
			continue
		}
		if known, ok := latest[s.event.EventID]; !ok || s.event.ObservedAt.After(known.ObservedAt) {
			latest[s.event.EventID] = s.event
		}
	}
	var out []envelope.ResourceEvent
	for _, e := range latest {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b envelope.ResourceEvent) int {
		return cmp.Or(a.TS.Compare(b.TS), cmp.Compare(a.ResourceID, b.ResourceID))
	})
	return out, nil
}

// Turns implements alerts.Store.
func (l *Log) Turns(context.Context) (alerts.Turns, error) {
	all, err := l.Events("")
	if err != nil {
		return alerts.Turns{}, err
	}
	ended := map[string]string{}
	for _, e := range all {
		if e.EventType == alerts.TypeEvaluated {
			ended[e.ResourceID] = e.State
		}
	}
	var out alerts.Turns
	for _, e := range all {
		switch {
		case e.EventType != alerts.TypeClaimed:
		case ended[e.ResourceID] == "finished" && e.TS.Before(time.Now().Add(alerts.MostAhead)):
			out = alerts.Turns{Evaluated: e.TS}
		case e.TS.After(time.Now().Add(alerts.MostAhead)), !e.TS.After(out.Evaluated):
		case ended[e.ResourceID] == "":
			out.Open = append(out.Open, alerts.Claim{
				Run: e.ResourceID, Scheduled: e.TS, At: moment(e.Properties.Get("claimed_at")), Lease: time.Duration(number(e.Properties.Get("lease_s"))) * time.Second,
			})
		}
	}
	return out, nil
}

// Statuses implements alerts.Store.
func (l *Log) Statuses(_ context.Context, since time.Time) ([]alerts.Status, error) {
	all, err := l.Events(alerts.TypeTransitioned)
	if err != nil {
		return nil, err
	}
	latest := map[string]envelope.ResourceEvent{} // of each subject, and of each episode that ended
	for _, e := range all {
		delete(latest, e.ResourceID)
		switch {
		case alerts.State(e.State) != alerts.Resolved:
			latest[e.ResourceID] = e
		case !e.TS.Before(since):
			latest[e.Properties.Get("episode")] = e
		}
	}
	var out []alerts.Status
	for _, e := range latest {
		s := alerts.Status{
			ID: e.ResourceID, Reason: e.Properties.Get("reason"), Changed: e.TS,
			Subject: alerts.Subject{
				Alert: e.Properties.Get("alert"), Title: e.Properties.Get("title"), Severity: e.Properties.Get("severity"), On: alerts.State(e.Properties.Get("on")),
				Labels: pairs(e.Properties.Get("labels")), Values: pairs(e.Properties.Get("values")),
			},
			Progress: alerts.Progress{
				State: alerts.State(e.State), Since: moment(e.Properties.Get("since")), Count: number(e.Properties.Get("count")), Fired: moment(e.Properties.Get("fired_at")),
			},
		}
		if s.State != alerts.OK {
			out = append(out, s)
		}
	}
	return out, nil
}

// Notifications implements alerts.Store, for every episode that there is.
func (l *Log) Notifications(context.Context, time.Time) ([]alerts.Notification, error) {
	all, err := l.Events(alerts.TypeNotified)
	last := map[[3]string]alerts.Notification{}
	further := []alerts.Delivery{alerts.Intended, alerts.Failed, alerts.Silenced, alerts.Sent}
	for _, e := range all {
		p := e.Properties.Get
		n := alerts.Notification{
			Alert: p("alert"), Fingerprint: p("fingerprint"), Episode: p("episode"), Time: e.TS, Transition: alerts.Transition(p("transition")), Channel: p("channel"),
			Repetition: number(p("repetition")), Delivery: alerts.Delivery(e.State), Message: p("message"), MessageKey: p("message_key"), Attempts: number(p("attempts")),
			Marked: p("marked_repeated") == "true", Uncertain: p("uncertain") == "true", Err: p("error"), Changed: e.ObservedAt,
		}
		of := [3]string{n.Episode, n.Channel, string(n.Transition)}
		known, ok := last[of]
		if !ok || cmp.Or(cmp.Compare(n.Repetition, known.Repetition), cmp.Compare(slices.Index(further, n.Delivery), slices.Index(further, known.Delivery))) > 0 {
			last[of] = n
		}
	}
	return slices.Collect(maps.Values(last)), err
}

// Silences implements alerts.Store.
func (l *Log) Silences(_ context.Context, at time.Time) ([]alerts.Silence, error) {
	all, err := l.Events(alerts.TypeSilenced)
	var out []alerts.Silence
	for _, e := range all {
		p := e.Properties.Get
		x := alerts.Silence{
			ID: e.ResourceID, Alert: p("pattern"), Author: p("author"), Reason: p("reason"), Starts: moment(p("starts")), Expires: moment(p("expires")), Revoked: e.State == "revoked",
		}
		for _, l := range pairs(p("labels")) {
			if x.Labels == nil {
				x.Labels = map[string]string{}
			}
			x.Labels[l.Name] = l.Value
		}
		if !x.Revoked && !at.Before(x.Starts) && at.Before(x.Expires) {
			out = append(out, x)
		}
	}
	return out, err
}

// Arrived implements alerts.Store.
func (l *Log) Arrived(_ context.Context, run string, _ time.Time) (int, error) {
	all, err := l.Events("")
	n := 0
	for _, e := range all {
		if e.Properties.Get("run") == run && e.State != string(alerts.Intended) && (e.EventType == alerts.TypeTransitioned || e.EventType == alerts.TypeNotified) {
			n++
		}
	}
	return n, err
}

// Answer implements alerts.Store.
func (l *Log) Answer(_ context.Context, q queries.Bound) (queries.Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return queries.Answer{}, ErrDown
	}
	r := l.rows[q.Query.Name]
	return queries.Answer{Query: q.Query, Rows: r.Rows, Truncated: r.Truncated}, r.Err
}

// HasData implements alerts.Store: sql is an alert's id.
func (l *Log) HasData(_ context.Context, sql string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false, ErrDown
	}
	return !l.rows[sql].Empty, nil
}

func pairs(object string) []channel.Pair {
	var m map[string]string
	_ = json.Unmarshal([]byte(object), &m) // empty is none
	var out []channel.Pair
	for name, value := range m {
		out = append(out, channel.Pair{Name: name, Value: value})
	}
	slices.SortFunc(out, func(a, b channel.Pair) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func moment(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text) // empty is none
	return t
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // empty is 0
	return n
}
