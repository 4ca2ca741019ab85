package alerts_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/alerts"
	"polo/alerts/alertstest"
	"polo/alerts/channel"
	"polo/alerts/route"
	"polo/envelope"
	catalogue "polo/schema/alerts"
)

// bubble runs a test whose hours take no time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

func (w *world) want(t *testing.T, what string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("%s: told (-want +got):\n%s", what, diff)
	}
}

func TestAnEpisode(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak(func(a *catalogue.Alert) { a.For, a.KeepFiring, a.Repeat = 2, 1, time.Hour }))
		w.log.Set("leak", leaks("wrong", "1 tap", "1 pipe", "2 roof"))
		w.next(t)
		w.want(t, "once")
		w.next(t)
		w.want(t, "twice: one message an account", " +pipe +tap (2 open)", " +roof (1 open)")
		for range 11 {
			w.next(t)
		}
		w.want(t, "no reminder yet")
		w.next(t)
		w.want(t, "after an hour", " ~pipe ~tap (2 open)", " ~roof (1 open)")
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.want(t, "recovering")
		w.log.Set("leak", leaks("wrong", "1 tap", "2 roof")) // the same episode
		w.next(t)
		w.want(t, "one is resolved, another is back before it was", " -pipe (1 open)")
		w.log.Set("leak", alertstest.Rows{})
		w.next(t)
		w.next(t)
		w.want(t, "all resolved", " -tap (0 open)", " -roof (0 open)")
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.next(t)
		w.want(t, "another episode", " +tap (1 open)")
	})
}

// Neither an error, nor a cut answer, nor a row that could not be judged, nor the lack of data resolves anything.
func TestOnlyAWholeAnswerResolves(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]alertstest.Rows{
		"an error":      {Err: errors.New("no memory")},
		"a cut answer":  {Rows: leaks("wrong", "2 roof").Rows, Truncated: true},
		"not judged":    leaks("unknown", "1 tap"),
		"nothing there": {Empty: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				w := newWorld(t, leak(func(a *catalogue.Alert) { a.Data = "leak" }))
				w.log.Set("leak", leaks("wrong", "1 tap"))
				w.next(t)
				w.want(t, "firing", " +tap (1 open)")
				w.log.Set("leak", rows)
				for range 20 {
					w.next(t)
				}
				for _, m := range w.told() {
					if strings.Contains(m, "-tap") {
						t.Errorf("resolved by %s: %s", name, m)
					}
				}
				w.log.Set("leak", alertstest.Rows{})
				w.next(t)
				if got := strings.Join(w.told(), ";"); !strings.Contains(got, "-tap") {
					t.Errorf("an empty answer does not resolve it: %q", got)
				}
			})
		})
	}
}

func TestConditionsOfAnAlert(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak(func(a *catalogue.Alert) { a.Data, a.NoData = "leak", true }))
		w.log.Set("leak", alertstest.Rows{Err: errors.New("no such column")})
		w.next(t)
		w.want(t, "one failure is none")
		if o := w.next(t); o.Errors != 1 {
			t.Errorf("%d errors", o.Errors)
		}
		w.want(t, "two", " +error (1 open)")
		w.log.Set("leak", alertstest.Rows{Empty: true})
		w.next(t)
		w.next(t)
		w.want(t, "it answers, and has no data", " -error (0 open)", " +no_data (1 open)")
		w.log.Set("leak", alertstest.Rows{})
		w.next(t)
		w.want(t, "data again", " -no_data (0 open)")
	})
}

func TestSilence(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		silence := alerts.Silence{
			ID: "s1", Alert: "le*", Labels: map[string]string{"account_id": "1*"}, Author: "ada", Reason: "works", Starts: time.Now(), Expires: time.Now().Add(time.Hour),
		}
		w.silence(t, silence)
		w.log.Set("leak", leaks("wrong", "1 tap", "1 pipe", "2 roof"))
		if o := w.next(t); o.Silenced != 2 {
			t.Errorf("%d silenced, want 2", o.Silenced)
		}
		w.want(t, "one account is silenced", " +roof (1 open)")
		w.log.Set("leak", leaks("wrong", "1 tap", "2 roof"))
		w.next(t)
		w.want(t, "nobody knew that it began")
		time.Sleep(time.Hour)
		w.next(t)
		w.want(t, "it ended, and one still fires", " +tap (1 open)")
	})
}

// An alert that is turned off, or is no longer in the catalogue, is resolved.
func TestWithdrawn(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.want(t, "firing", " +tap (1 open)")
		w.cfg.Alerts = nil
		w.next(t)
		w.want(t, "withdrawn", " -tap (0 open)")
	})
}

// A storm of things is one message, whose list is cut, and one when it is over.
func TestAStormIsOneMessage(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak(func(a *catalogue.Alert) { a.GroupBy = []string{"name"} }))
		var names []string
		for i := range 10_000 {
			names = append(names, fmt.Sprintf("1 n%05d", i))
		}
		w.log.Set("leak", leaks("wrong", names...))
		if o := w.next(t); o.Sent != 10_000 || o.Open != 10_000 {
			t.Errorf("%+v", o)
		}
		got := w.told()
		if len(got) != 1 || !strings.HasSuffix(got[0], " and 9980 more (10000 open)") {
			t.Errorf("%d messages, the first %q", len(got), got[:min(1, len(got))])
		}
		w.log.Set("leak", alertstest.Rows{})
		w.next(t)
		got = w.told()
		if len(got) != 1 || !strings.HasSuffix(got[0], " and 9980 more (0 open)") {
			t.Errorf("%d messages, the first %q", len(got), got[:min(1, len(got))])
		}
	})
}

func TestChannelsThatFail(t *testing.T) {
	t.Parallel()
	refused := errors.New("no")
	for _, c := range []struct {
		name string
		// answer answers the first requests of the run.
		requests int
		kept     bool
		err      error
		want     []string // after that run and the next
	}{
		{"429, then it takes it", 2, false, &channel.Error{Err: refused, RetryAfter: 3 * time.Second}, []string{" +tap (1 open)"}},
		{"429 for long: the next run", 4, false, &channel.Error{Err: refused}, []string{" +tap (1 open)"}},
		{"500, not kept", 1, false, &channel.Error{Err: refused, Unknown: true}, []string{"* +tap (1 open)"}},
		{"500, kept", 1, true, &channel.Error{Err: refused, Unknown: true}, []string{" +tap (1 open)", "* +tap (1 open)"}},
		{"500 for long, kept", 4, true, &channel.Error{Err: refused, Unknown: true}, []string{" +tap (1 open)", "* +tap (1 open)", "* +tap (1 open)", "* +tap (1 open)", "* +tap (1 open)"}},
		{"404: the next run", 1, false, &channel.Error{Err: refused, Permanent: true}, []string{" +tap (1 open)"}},
		{"an error that says nothing", 1, true, refused, []string{" +tap (1 open)", "* +tap (1 open)"}},
		{"no answer", 1, true, context.DeadlineExceeded, []string{" +tap (1 open)", "* +tap (1 open)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				w := newWorld(t, leak())
				w.log.Set("leak", leaks("wrong", "1 tap"))
				n := 0
				w.inbox.Answer(func(ctx context.Context, _ channel.Message) (bool, error) {
					if n++; n > c.requests {
						return true, nil
					}
					if errors.Is(c.err, context.DeadlineExceeded) {
						<-ctx.Done()
						return c.kept, &channel.Error{Err: ctx.Err(), Unknown: true}
					}
					return c.kept, c.err
				})
				w.next(t)
				w.next(t)
				w.next(t)
				w.want(t, c.name, c.want...)
			})
		})
	}
}

// While events do not arrive, runs send what they see, marked as repeated, after 2, 4, 8, ... intervals. Once they arrive, states and notifications are those of a run without the outage.
func TestAnOutageOfTheConsumer(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak(func(a *catalogue.Alert) { a.Repeat = 0 }))
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.want(t, "before", " +tap (1 open)")
		w.log.Delay(func() time.Duration { return 1000 * time.Hour })
		w.log.Set("leak", leaks("wrong", "1 tap", "1 pipe"))
		for range 40 {
			if _, err := w.try(t, w.cfg); !errors.Is(err, alerts.ErrBehind) {
				t.Errorf("%v, want that events are behind", err)
			}
		}
		w.want(t, "after 2, 4, 8, 16 and 32 intervals", slices.Repeat([]string{"* +pipe (2 open)"}, 5)...)
		w.log.Arrive()
		w.log.Delay(func() time.Duration { return 0 })
		w.next(t)
		w.next(t)
		w.log.Set("leak", alertstest.Rows{})
		w.next(t)
		if got := w.told(); len(got) != 1 || !strings.Contains(got[0], "-pipe") {
			t.Errorf("in the end: %q", got)
		}
	})
}

// While ClickHouse is down a run fails, and tells nothing: CloudWatch does. Nothing is resolved by it.
func TestAnOutageOfClickHouse(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := newWorld(t, leak())
		w.log.Set("leak", leaks("wrong", "1 tap"))
		w.next(t)
		w.want(t, "before", " +tap (1 open)")
		w.log.Down(true)
		for range 10 {
			if _, err := w.try(t, w.cfg); !errors.Is(err, alertstest.ErrDown) {
				t.Errorf("%v, want that it is down", err)
			}
		}
		w.log.Down(false)
		w.next(t)
		w.want(t, "nothing is told twice")
		w.log.Set("leak", alertstest.Rows{})
		w.next(t)
		w.want(t, "resolved", " -tap (0 open)")
	})
}

// deliveries counts what arrived of each notification: all of it, and what was not marked as repeated.
func deliveries(all []channel.Message) (arrived, unmarked map[string]int) {
	arrived, unmarked = map[string]int{}, map[string]int{}
	count := func(t alerts.Transition, items []channel.Item, marked bool) {
		for _, i := range items {
			key := fmt.Sprint(t, i.Labels, i.Reminder)
			arrived[key]++
			if !marked {
				unmarked[key]++
			}
		}
	}
	for _, m := range all {
		count(alerts.TellFiring, m.Firing, m.Repeated)
		count(alerts.TellResolved, m.Resolved, m.Repeated)
	}
	return arrived, unmarked
}

// TestKilledAtAnyStep kills a run at each of its steps, before it takes effect and after: every notification arrives, and at most once without the mark.
func TestKilledAtAnyStep(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		// All that is published takes 20 seconds to arrive, or what the killed run published after its claim 7 minutes.
		for _, late := range []time.Duration{0, 20 * time.Second, 7 * time.Minute} {
			steps := 0
			for n := 1; ; n++ {
				ended := false
				bubble(t, func(t *testing.T) {
					w := newWorld(t, leak())
					if late < time.Minute {
						w.log.Delay(func() time.Duration { return late })
					}
					w.log.Set("leak", leaks("wrong", "1 tap", "2 roof"))
					w.next(t)
					w.log.Set("leak", leaks("wrong", "2 roof", "3 door")) // one is resolved, one fires
					k := &killer{world: w, left: n, after: after}
					cfg := w.cfg
					cfg.Journal, cfg.Channels = k, map[string]channel.Channel{"ops": k}
					if late > time.Minute {
						claim := true
						w.log.Delay(func() time.Duration {
							defer func() { claim = false }()
							return map[bool]time.Duration{true: 0, false: late}[claim]
						})
					}
					_, err := w.try(t, cfg)
					if late > time.Minute {
						w.log.Delay(func() time.Duration { return 0 })
					}
					if !k.dead {
						ended = true
						return
					}
					if err == nil {
						t.Error("a killed run succeeded")
					}
					for range 4 {
						w.next(t)
					}
					arrived, unmarked := deliveries(w.inbox.Got())
					if len(arrived) != 4 {
						t.Errorf("killed at step %d, after %v, late %s: arrived %v", n, after, late, arrived)
					}
					for key, times := range unmarked {
						if times > 1 {
							t.Errorf("killed at step %d, after %v, late %s: %s arrived %d times without the mark", n, after, late, key, times)
						}
					}
					steps = n
				})
				if ended {
					break
				}
			}
			if steps < 9 {
				t.Errorf("only %d steps", steps)
			}
		}
	}
}

// What a killed run had begun to send is marked, even if the run after it does not send it.
func TestWhatAKilledRunSentIsMarkedLater(t *testing.T) {
	t.Parallel()
	for name, withheld := range map[string]func(t *testing.T, w *world){
		"by a silence": func(t *testing.T, w *world) {
			t.Helper()
			w.silence(t, alerts.Silence{ID: "s1", Alert: "*", Author: "ada", Reason: "works", Starts: time.Now(), Expires: time.Now().Add(interval * 3 / 2)})
			w.next(t)
		},
		"by other routes": func(t *testing.T, w *world) {
			t.Helper()
			before := w.cfg
			w.cfg.Routes, w.cfg.Channels = &route.Config{Default: []string{"other"}}, map[string]channel.Channel{"other": &alertstest.Inbox{}}
			w.next(t)
			w.cfg = before
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				w := newWorld(t, leak())
				w.log.Set("leak", leaks("wrong", "1 tap"))
				cfg := w.cfg
				k := &killer{world: w, left: 1, after: true}
				cfg.Channels = map[string]channel.Channel{"ops": k} // it is sent, and nothing is published after
				cfg.Journal = journal(func(ctx context.Context, events ...envelope.ResourceEvent) error {
					if k.dead {
						return errKilled
					}
					return w.log.Publish(ctx, events...)
				})
				if _, err := w.try(t, cfg); !errors.Is(err, errKilled) {
					t.Fatalf("%v, want that it was killed", err)
				}
				w.want(t, "killed", " +tap (1 open)")
				withheld(t, w)
				w.want(t, "withheld")
				w.next(t)
				w.next(t)
				w.want(t, "no longer withheld", "* +tap (1 open)")
			})
		})
	}
}

type journal func(ctx context.Context, events ...envelope.ResourceEvent) error

// Publish implements alerts.Journal.
func (j journal) Publish(ctx context.Context, events ...envelope.ResourceEvent) error {
	return j(ctx, events...)
}

// TestTwoRunsAtOnce has two or three runs at a time, whose events arrive in any order.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		bubble(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			w := newWorld(t, leak())
			var mu sync.Mutex
			draw := func(below int) int {
				mu.Lock()
				defer mu.Unlock()
				return random.IntN(below)
			}
			pause := func(below time.Duration) time.Duration { return time.Duration(draw(int(below))) }
			w.log.Delay(func() time.Duration { return pause(40 * time.Second) })
			w.inbox.Answer(func(context.Context, channel.Message) (bool, error) { // it takes a while
				time.Sleep(pause(9 * time.Second))
				return true, nil
			})
			w.cfg.Token = func() string { return fmt.Sprintf("%016x", draw(1<<62)) }
			for round := range 6 {
				w.log.Set("leak", leaks("wrong", fmt.Sprintf("1 n%d", round), fmt.Sprintf("2 n%d", round+1)))
				at := time.Now().Truncate(interval).Add(interval)
				time.Sleep(time.Until(at))
				var runs sync.WaitGroup
				for range 2 + draw(2) {
					wait, of := pause(time.Minute), at.Add(-interval*time.Duration(draw(2)))
					runs.Go(func() {
						time.Sleep(wait)
						r, err := alerts.New(w.cfg)
						if err != nil {
							t.Error(err)
							return
						}
						if _, err := r.Run(t.Context(), of); err != nil {
							t.Logf("seed %d: %v", seed, err)
						}
					})
				}
				runs.Wait()
			}
			for range 4 {
				_, _ = w.try(t, w.cfg)
			}
			arrived, unmarked := deliveries(w.inbox.Got())
			for key, times := range unmarked {
				if times > 1 {
					t.Errorf("seed %d: %s arrived %d times without the mark", seed, key, times)
				}
			}
			if len(arrived) == 0 {
				t.Errorf("seed %d: silence", seed)
			}
		})
	}
}
