package alerts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"polo/alerts"
	"polo/alerts/alertstest"
	"polo/alerts/channel"
	catalogue "polo/schema/alerts"
	"polo/schema/queries"
)

func refuse(context.Context, channel.Message) (bool, error) {
	return false, &channel.Error{Err: errors.New("no"), Permanent: true}
}

// An end that could not be told is told later, though its subject came back before, and went again.
func TestAnEndIsToldThoughItsSubjectCameBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wait int // evaluations before it fires
		want []string
	}{
		{1, []string{" +tap -tap (1 open)"}},
		{2, []string{" -tap (0 open)"}},
	} {
		t.Run(fmt.Sprint(c.wait), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				w := newWorld(t, leak(func(a *catalogue.Alert) { a.For = c.wait }))
				w.log.Set("leak", leaks("wrong", "1 tap"))
				for range c.wait {
					w.next(t)
				}
				w.want(t, "firing", " +tap (1 open)")
				w.log.Set("leak", alertstest.Rows{})
				w.inbox.Answer(refuse)
				w.next(t)
				w.inbox.Answer(nil)
				w.log.Set("leak", leaks("wrong", "1 tap"))
				w.next(t)
				w.want(t, "it is back", c.want...)
				w.log.Set("leak", alertstest.Rows{})
				w.next(t)
				w.next(t)
				w.next(t)
				for _, m := range w.told() {
					if c.wait == 2 || m != " -tap (0 open)" {
						t.Errorf("told %q", m)
					}
				}
			})
		})
	}
}

// What fired before a silence and ended within it is told when the silence has ended, however long it was.
func TestAnEndWithinASilence(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.want(t, "firing", " +tap (1 open)")
		w.silence(t, alerts.Silence{ID: "s1", Alert: "*", Author: "ada", Reason: "works", Starts: time.Now(), Expires: time.Now().Add(30 * 24 * time.Hour)})
		w.log.Set("leak", alertstest.Rows{})
		w.next(t)
		w.next(t)
		w.want(t, "silenced")
		time.Sleep(30 * 24 * time.Hour)
		w.next(t)
		w.next(t)
		w.want(t, "the silence is over", " -tap (0 open)")
	})
}

// A silenced reminder does not make its episode unknown to the receiver: the group's incident stays open for it.
func TestASilencedReminderKeepsItsKey(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak(func(a *catalogue.Alert) { a.Repeat = time.Hour }))
		w.log.Set("leak", leaks("wrong", "1 tap", "1 pipe"))
		w.next(t)
		w.want(t, "firing", " +pipe +tap (2 open)")
		w.silence(t, alerts.Silence{ID: "s1", Alert: "*", Labels: map[string]string{"name": "tap"}, Author: "ada", Reason: "works", Starts: time.Now(), Expires: time.Now().Add(24 * time.Hour)})
		for range 13 {
			w.next(t)
		}
		w.want(t, "a reminder", " ~pipe (2 open)")
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.want(t, "one is resolved", " -pipe (1 open)")
	})
}

// A storm is a message apart: what receivers know by a key of its own is told by it.
func TestAStormLeavesOpenIncidents(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.want(t, "firing", " +tap (1 open)")
		names := []string{"1 pipe"}
		for i := range 11 {
			names = append(names, fmt.Sprintf("%d n", 10+i))
		}
		w.log.Set("leak", leaks("wrong", names...))
		w.next(t)
		got := w.inbox.Got()
		if len(got) != 3 || got[0].Key == got[1].Key && got[1].Key == got[2].Key {
			t.Fatalf("%d messages", len(got))
		}
		told := strings.Join(w.told(), ";")
		if !strings.Contains(told, " -tap (0 open)") {
			t.Errorf("told %q", told)
		}
		for _, m := range got[1:] {
			if len(m.Resolved) > 0 && m.Key != got[0].Key {
				t.Errorf("the end goes under another key than the beginning")
			}
		}
	})
}

// A channel that hangs takes no time from the run's end: what others get is not marked.
func TestASlowChannelHindersNoOther(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		other := &alertstest.Inbox{}
		w.cfg.Channels["other"], w.cfg.Routes.Default = other, []string{"ops", "other"}
		w.log.Delay(func() time.Duration { return 15 * time.Second })
		w.inbox.Answer(func(ctx context.Context, _ channel.Message) (bool, error) {
			<-ctx.Done()
			return false, &channel.Error{Err: ctx.Err(), Unknown: true}
		})
		for i := range 4 {
			w.log.Set("leak", leaks("wrong", "1 tap", "2 tap", "3 tap", "4 tap", "5 tap", "6 tap", fmt.Sprintf("%d new", 10+i)))
			if o := w.next(t); o.Repeated {
				t.Errorf("evaluation %d took over", i)
			}
		}
		for _, m := range other.Got() {
			if m.Repeated {
				t.Errorf("a message of the healthy channel is marked: %+v", m.Firing)
			}
		}
		if len(other.Got()) == 0 {
			t.Error("nothing was told")
		}
	})
}

// hanging answers no query before its time is up.
type hanging struct{ *alertstest.Log }

func (hanging) Answer(ctx context.Context, _ queries.Bound) (queries.Answer, error) {
	<-ctx.Done()
	return queries.Answer{}, ctx.Err()
}

// Queries that take for ever leave time to tell that they do.
func TestSlowQueriesAreTold(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		var all []catalogue.Alert
		for i := range 12 {
			all = append(all, leak(func(a *catalogue.Alert) { a.ID = fmt.Sprintf("leak%d", i) }))
		}
		w := newWorld(t, all...)
		w.log.Delay(func() time.Duration { return 5 * time.Second })
		w.cfg.Store = hanging{w.log}
		w.next(t)
		if o := w.next(t); o.Errors != 12 || o.Sent == 0 {
			t.Errorf("%+v", o)
		}
	})
}

// A run that is scheduled far ahead is refused, and one that was evaluated all the same stops no other.
func TestARunAheadOfTheClock(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		w.log.Set("leak", leaks("wrong", "1 tap"))
		r, err := alerts.New(w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), time.Now().Add(24*time.Hour)); err == nil || !strings.Contains(err.Error(), "ahead of the clock") {
			t.Errorf("%v", err)
		}
		cfg := w.cfg
		cfg.Now = func() time.Time { return time.Now().Add(365 * 24 * time.Hour) }
		if r, err = alerts.New(cfg); err != nil {
			t.Fatal(err)
		}
		_, _ = r.Run(t.Context(), time.Now().Add(365*24*time.Hour)) // of a clock that is wrong
		w.told()
		w.log.Set("leak", leaks("wrong", "2 roof"))
		w.next(t)
		if told := strings.Join(w.told(), ";"); !strings.Contains(told, "+roof") {
			t.Errorf("told %q", told)
		}
	})
}

// One question that fails while a run waits for its own events does not take its end.
func TestOneFailedQuestionIsNotTheEnd(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.cfg.Store = &forgetful{Log: w.log}
		w.next(t)
		if o := w.next(t); o.Repeated {
			t.Errorf("the next run took over: %+v", o)
		}
	})
}

// forgetful does not answer the first question of what has arrived.
type forgetful struct {
	*alertstest.Log
	asked bool
}

func (f *forgetful) Arrived(ctx context.Context, run string, since time.Time) (int, error) {
	if !f.asked {
		f.asked = true
		return 0, alertstest.ErrDown
	}
	return f.Log.Arrived(ctx, run, since)
}
