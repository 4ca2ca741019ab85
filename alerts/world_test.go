package alerts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"polo/alerts"
	"polo/alerts/alertstest"
	"polo/alerts/channel"
	"polo/alerts/route"
	"polo/envelope"
	catalogue "polo/schema/alerts"
	"polo/schema/queries"
)

// world is a log, an inbox and what runs on them, in a bubble of synctest: its hours take no time.
type world struct {
	log   *alertstest.Log
	inbox *alertstest.Inbox
	cfg   alerts.Config
	runs  int
	// seen are the messages that told returned already.
	seen int
}

// leak is an alert about accounts, told by account.
func leak(change ...func(*catalogue.Alert)) catalogue.Alert {
	a := catalogue.Alert{
		ID: "leak", Title: "Something leaks", Severity: "high", For: 1, Repeat: 24 * time.Hour, GroupBy: []string{"account_id"},
		Labels: []queries.Column{{Name: "account_id", Type: "String"}, {Name: "name", Type: "String"}},
		Values: []queries.Column{{Name: "litres", Type: "UInt64"}}, SQL: "SELECT 1",
	}
	for _, f := range change {
		f(&a)
	}
	return a
}

func newWorld(t *testing.T, all ...catalogue.Alert) *world {
	t.Helper()
	w := &world{log: alertstest.NewLog(), inbox: &alertstest.Inbox{}}
	w.cfg = alerts.Config{
		Store: w.log, Journal: w.log, Alerts: all, Routes: &route.Config{Default: []string{"ops"}, Cap: 20},
		Channels: map[string]channel.Channel{"ops": w.inbox}, Now: time.Now,
		Token: func() string { w.runs++; return fmt.Sprintf("run-%04d", w.runs) },
	}
	return w
}

// leaks are rows of the alert leak, each of "account name".
func leaks(verdict string, names ...string) alertstest.Rows {
	var out alertstest.Rows
	for _, name := range names {
		var account string
		if _, err := fmt.Sscan(name, &account, &name); err != nil {
			panic(err)
		}
		out.Rows = append(out.Rows, []any{account, name, "7", verdict})
	}
	return out
}

// next waits for the next evaluation and makes it.
func (w *world) next(t *testing.T) alerts.Outcome {
	t.Helper()
	o, err := w.try(t, w.cfg)
	if err != nil {
		t.Fatalf("at %s: %v", time.Now().UTC().Format(time.TimeOnly), err)
	}
	return o
}

func (w *world) try(t *testing.T, cfg alerts.Config) (alerts.Outcome, error) {
	t.Helper()
	at := time.Now().Truncate(interval).Add(interval)
	time.Sleep(time.Until(at))
	r, err := alerts.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r.Run(t.Context(), at)
}

func (w *world) silence(t *testing.T, s alerts.Silence) {
	t.Helper()
	e, err := s.Event(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.log.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

const interval = 5 * time.Minute

// told are short forms of the messages since the last call: what fires (+), is recalled (~) and is resolved (-), and * if it may have been sent before.
func (w *world) told() []string {
	all := w.inbox.Got()
	var out []string
	for _, m := range all[w.seen:] {
		text := ""
		if m.Repeated {
			text = "*"
		}
		for _, i := range m.Firing {
			text += map[bool]string{false: " +", true: " ~"}[i.Reminder] + nameOf(i)
		}
		for _, i := range m.Resolved {
			text += " -" + nameOf(i)
		}
		if m.MoreFiring+m.MoreResolved > 0 {
			text += fmt.Sprintf(" and %d more", m.MoreFiring+m.MoreResolved)
		}
		out = append(out, fmt.Sprintf("%s (%d open)", text, m.Open))
	}
	w.seen = len(all)
	return out
}

func nameOf(i channel.Item) string {
	for _, l := range i.Labels {
		if l.Name == "name" || l.Name == "condition" {
			return l.Value
		}
	}
	return "?"
}

var errKilled = errors.New("killed")

// killer ends a run at its n-th step: a step is an answer of the log, an event published, a message sent; before it or after it took effect.
type killer struct {
	world *world
	left  int
	after bool
	dead  bool
}

func (k *killer) step(do func() error) error {
	if k.dead {
		return errKilled
	}
	k.left--
	if k.left == 0 {
		k.dead = true
		if k.after {
			_ = do()
		}
		return errKilled
	}
	return do()
}

// Publish implements alerts.Journal. Each event is a step: a crash may leave some published.
func (k *killer) Publish(ctx context.Context, events ...envelope.ResourceEvent) error {
	for _, e := range events {
		if err := k.step(func() error { return k.world.log.Publish(ctx, e) }); err != nil {
			return err
		}
	}
	return nil
}

// Send implements channel.Channel.
func (k *killer) Send(ctx context.Context, m channel.Message) error {
	if err := k.step(func() error { return k.world.inbox.Send(ctx, m) }); err != nil {
		return &channel.Error{Err: err, Permanent: true}
	}
	return nil
}
