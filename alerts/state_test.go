package alerts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/alerts"
)

// TestTransitions is the table of states: what each observation makes of each of them.
func TestTransitions(t *testing.T) {
	t.Parallel()
	before, at := time.Unix(1000, 0).UTC(), time.Unix(1300, 0).UTC()
	in := func(s alerts.State, count int) alerts.Progress {
		p := alerts.Progress{State: s, Since: before, Count: count}
		if s != "" && s != alerts.OK && s != alerts.Pending {
			p.Fired = before
		}
		return p
	}
	now := func(s alerts.State, count int, fired time.Time) alerts.Progress {
		return alerts.Progress{State: s, Since: at, Count: count, Fired: fired}
	}
	never := time.Time{}
	once, slow := alerts.Policy{For: 1}, alerts.Policy{For: 3, KeepFiring: 2}
	for _, c := range []struct {
		name   string
		was    alerts.Progress
		sees   alerts.Observation
		policy alerts.Policy
		want   alerts.Progress
	}{
		{"found at first", in("", 0), alerts.Found, once, now(alerts.Firing, 0, at)},
		{"found at first, has to last", in("", 0), alerts.Found, slow, now(alerts.Pending, 1, never)},
		{"never found", in("", 0), alerts.Absent, slow, in("", 0)},
		{"not known at first", in("", 0), alerts.Unknown, once, in("", 0)},
		{"pending, found", in(alerts.Pending, 1), alerts.Found, slow, alerts.Progress{State: alerts.Pending, Since: before, Count: 2}},
		{"pending, found long enough", in(alerts.Pending, 2), alerts.Found, slow, now(alerts.Firing, 0, at)},
		{"pending, gone", in(alerts.Pending, 2), alerts.Absent, slow, now(alerts.OK, 0, never)},
		{"pending, not known", in(alerts.Pending, 2), alerts.Unknown, slow, in(alerts.Pending, 2)},
		{"pending, withdrawn", in(alerts.Pending, 2), alerts.Withdrawn, slow, now(alerts.OK, 0, never)},
		{"firing, found", in(alerts.Firing, 0), alerts.Found, slow, in(alerts.Firing, 0)},
		{"firing, gone", in(alerts.Firing, 0), alerts.Absent, once, now(alerts.Resolved, 0, before)},
		{"firing, gone, kept", in(alerts.Firing, 0), alerts.Absent, slow, now(alerts.Recovering, 1, before)},
		{"firing, not known", in(alerts.Firing, 0), alerts.Unknown, once, in(alerts.Firing, 0)},
		{"firing, withdrawn", in(alerts.Firing, 0), alerts.Withdrawn, slow, now(alerts.Resolved, 0, before)},
		{"recovering, gone", in(alerts.Recovering, 1), alerts.Absent, slow, alerts.Progress{State: alerts.Recovering, Since: before, Count: 2, Fired: before}},
		{"recovering, gone long enough", in(alerts.Recovering, 2), alerts.Absent, slow, now(alerts.Resolved, 0, before)},
		{"recovering, back: the same episode", in(alerts.Recovering, 2), alerts.Found, slow, now(alerts.Firing, 0, before)},
		{"recovering, not known", in(alerts.Recovering, 2), alerts.Unknown, slow, in(alerts.Recovering, 2)},
		{"resolved, gone", in(alerts.Resolved, 0), alerts.Absent, once, in(alerts.Resolved, 0)},
		{"resolved, back: another episode", in(alerts.Resolved, 0), alerts.Found, once, now(alerts.Firing, 0, at)},
		{"resolved, back, has to last", in(alerts.Resolved, 0), alerts.Found, slow, now(alerts.Pending, 1, never)},
		{"resolved, withdrawn", in(alerts.Resolved, 0), alerts.Withdrawn, once, in(alerts.Resolved, 0)},
		{"ok, back", in(alerts.OK, 0), alerts.Found, once, now(alerts.Firing, 0, at)},
	} {
		if diff := cmp.Diff(c.want, c.was.Next(c.sees, alerts.Firing, c.policy, at)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	for _, on := range []alerts.State{alerts.Error, alerts.NoData} {
		p := alerts.Progress{}
		for i, want := range []alerts.State{alerts.Pending, on, on, alerts.Resolved} {
			sees := alerts.Found
			if i == 3 {
				sees = alerts.Absent
			}
			if p = p.Next(sees, on, alerts.Policy{For: 2}, at.Add(time.Duration(i)*time.Minute)); p.State != want {
				t.Errorf("%s, evaluation %d: %s, want %s", on, i+1, p.State, want)
			}
		}
	}
}
