package producers_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
)

// in returns a collector that does something special in account a, region r1.
func in(special func(context.Context, *producers.Scan) error) collectorFunc {
	return func(ctx context.Context, s *producers.Scan) error {
		if s.Account.ID == "a" && s.Region == "r1" {
			return special(ctx, s)
		}
		return oneThing(ctx, s)
	}
}

// A failure in one scope is a gap there, withdraws its completions, and affects no
// other scope.
func TestScopesAreIndependent(t *testing.T) {
	t.Parallel()
	type gap struct{ what, reason, code string }
	for _, tc := range []struct {
		name    string
		collect func(context.Context, *producers.Scan) error
		gaps    []gap
		// completed lists the types read to the end in account a, region r1.
		completed []string
		rejected  int64
	}{
		{name: "nothing goes wrong", collect: oneThing, completed: []string{thing}},
		{
			name:    "denied",
			collect: func(context.Context, *producers.Scan) error { return apiError("AccessDenied") },
			gaps:    []gap{{"", "denied", "AccessDenied"}},
		},
		{
			name: "throttled half-way",
			collect: func(ctx context.Context, s *producers.Scan) error {
				if err := oneThing(ctx, s); err != nil {
					return err
				}
				return apiError("RequestLimitExceeded")
			},
			gaps: []gap{{"", "throttled", "RequestLimitExceeded"}},
		},
		{
			name: "one type denied",
			collect: func(ctx context.Context, s *producers.Scan) error {
				s.Gap(ctx, other, apiError("UnauthorizedOperation"))
				s.Completed(other) // too early
				return oneThing(ctx, s)
			},
			gaps: []gap{{other, "denied", "UnauthorizedOperation"}}, completed: []string{thing},
		},
		{
			name: "the same gap on each page",
			collect: func(ctx context.Context, s *producers.Scan) error {
				s.Gap(ctx, other, apiError("ThrottlingException"))
				s.Gap(ctx, other, apiError("AccessDenied"))
				return oneThing(ctx, s)
			},
			gaps: []gap{{other, "throttled", "ThrottlingException"}}, completed: []string{thing},
		},
		{
			name:    "a panic",
			collect: func(context.Context, *producers.Scan) error { panic("no such page") },
			gaps:    []gap{{"", "failed", ""}},
		},
		{
			name: "an event that breaks a rule",
			collect: func(ctx context.Context, s *producers.Scan) error {
				e := snapshot(s, other, "2")
				e.ARN = "no arn"
				if err := s.Emit(ctx, e, snapshot(s, other, "3")); err != nil {
					return err
				}
				s.Completed(other)
				return oneThing(ctx, s)
			},
			gaps: []gap{{other, "invalid", ""}}, completed: []string{thing}, rejected: 1,
		},
		{
			name: "a record that could not be normalised",
			collect: func(ctx context.Context, s *producers.Scan) error {
				if err := s.Reject(ctx, other, queue.Failure{Reason: queue.ReasonMalformedRecord}); err != nil {
					return err
				}
				s.Completed(other)
				return oneThing(ctx, s)
			},
			gaps: []gap{{other, "invalid", ""}}, completed: []string{thing}, rejected: 1,
		},
		{
			name: "a gap of everything",
			collect: func(ctx context.Context, s *producers.Scan) error {
				s.Gap(ctx, "", producers.ErrInvalidAnswer)
				return oneThing(ctx, s)
			},
			gaps: []gap{{"", "invalid", ""}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var to recorder
			s, err := run(t, in(tc.collect), &to, nil)
			if err != nil {
				t.Fatal(err)
			}
			var gaps []gap
			for _, g := range s.Gaps {
				if g.AccountID != "a" || g.Region != "r1" {
					t.Errorf("a gap in %s %s", g.AccountID, g.Region)
				}
				gaps = append(gaps, gap{g.What, string(g.Reason), g.Code})
			}
			if diff := cmp.Diff(tc.gaps, gaps, cmp.AllowUnexported(gap{})); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			var want []string
			for _, c := range tc.completed {
				want = append(want, "a r1 "+c)
			}
			want = append(want, "a r2 "+thing, "b r1 "+thing, "b r2 "+thing)
			if diff := cmp.Diff(want, to.of(envelope.TypeScanCompleted)); diff != "" {
				t.Errorf("completions (-want +got):\n%s", diff)
			}
			read := 4
			if len(tc.gaps) > 0 {
				read = 3
			}
			if s.Scopes != 4 || s.Read != read || s.Completions != len(want) || s.Rejected != tc.rejected || int64(len(to.Failures)) != tc.rejected {
				t.Errorf("summary %+v, %d failures", s, len(to.Failures))
			}
			if got := to.of(envelope.TypeScanIncomplete); len(got) != len(tc.gaps) {
				t.Errorf("events of gaps: %v", got)
			}
			if s.Events != int64(len(to.Events)) {
				t.Errorf("counted %d events of %d", s.Events, len(to.Events))
			}
		})
	}
}

func apiError(code string) error {
	return &smithy.OperationError{ServiceID: "Fake", OperationName: "ListThings", Err: &smithy.GenericAPIError{Code: code, Message: "no"}}
}

// The completion of a day would make a rejected cost line count zero.
func TestRejectedCostLineWithdrawsItsDays(t *testing.T) {
	t.Parallel()
	from, to := scheduled.AddDate(0, -1, 0).Truncate(24*time.Hour), scheduled.Truncate(24*time.Hour)
	line := func(s *producers.Scan) envelope.ResourceEvent {
		e := snapshot(s, "ec2:instance", "1")
		e.EventType, e.TS = envelope.TypeCostAccrued, from // and no amount
		return e
	}
	for _, tc := range []struct {
		name     string
		collect  func(context.Context, *producers.Scan) error
		complete int
	}{
		{"whole", func(context.Context, *producers.Scan) error { return nil }, 4},
		{"a line refused", func(ctx context.Context, s *producers.Scan) error { return s.Emit(ctx, line(s)) }, 3},
		{"a line rejected", func(ctx context.Context, s *producers.Scan) error {
			return s.Reject(ctx, "line 7", queue.Failure{Reason: queue.ReasonMalformedRecord})
		}, 3},
		{"another period not delivered", func(ctx context.Context, s *producers.Scan) error {
			s.Gap(ctx, "2025-12", producers.ErrInvalidAnswer)
			return nil
		}, 4},
		{"the account denied", func(ctx context.Context, s *producers.Scan) error {
			s.Gap(ctx, "", apiError("AccessDenied"))
			return nil
		}, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var out recorder
			costs := func(ctx context.Context, s *producers.Scan) error {
				s.CompletedCosts(s.Account.ID, from, to)
				if s.Account.ID == "a" && s.Region == "r1" {
					return tc.collect(ctx, s)
				}
				return nil
			}
			s, err := run(t, collectorFunc(costs), &out, func(c *producers.RunConfig) { c.Accounts = accounts("a", "b", "c", "d"); c.Regions = []string{"r1"} })
			if err != nil {
				t.Fatal(err)
			}
			if s.Completions != tc.complete {
				t.Errorf("%d completions, want %d; gaps %+v", s.Completions, tc.complete, s.Gaps)
			}
			for _, e := range out.Events {
				if e.EventType == envelope.TypeScanCompleted && (e.TS != from || e.PeriodEnd != to || !e.ObservedAt.After(to)) {
					t.Errorf("completion of %v to %v, observed %v", e.TS, e.PeriodEnd, e.ObservedAt)
				}
			}
		})
	}
}

// Completions are published after the queue has acknowledged everything else, and never
// if it has not.
func TestCompletionsFollowTheFlush(t *testing.T) {
	t.Parallel()
	var to recorder
	if _, err := run(t, collectorFunc(oneThing), &to, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{4, 4 + 4 + 1}, to.Flushed); diff != "" {
		t.Errorf("events taken at each flush (-want +got):\n%s", diff)
	}
	for i, e := range to.Events {
		if (e.EventType == envelope.TypeSnapshot) != (i < 4) {
			t.Errorf("event %d is %s", i, e.EventType)
		}
	}
	broken := errors.New("the queue is gone")
	failing := recorder{flush: func(int) error { return broken }}
	s, err := run(t, collectorFunc(oneThing), &failing, nil)
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if got := failing.of(envelope.TypeScanCompleted); len(got) > 0 || s.Completions > 0 {
		t.Errorf("complete, though nothing was acknowledged: %v, %d", got, s.Completions)
	}
}

// A failing emitter ends the run: no further scope is begun.
func TestEmitterFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the queue is gone")
	var begun atomic.Int64
	to := recorder{emit: func(context.Context, []envelope.ResourceEvent) error { return broken }}
	s, err := run(t, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
		begun.Add(1)
		return oneThing(ctx, s)
	}), &to, func(c *producers.RunConfig) { c.Workers = 1 })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if begun.Load() != 1 || s.Scopes != 4 || s.Read != 0 || len(s.Gaps) != 1 || s.Events != 0 {
		t.Errorf("%d scopes begun, summary %+v", begun.Load(), s)
	}
}

// The run stops reading before its deadline, and reports what it has and where it
// stopped.
func TestDeadlineReserve(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		collect func(context.Context, *producers.Scan) error
		emit    func(context.Context, []envelope.ResourceEvent) error
	}{
		{name: "slow to read", collect: func(ctx context.Context, _ *producers.Scan) error {
			<-ctx.Done()
			return ctx.Err()
		}},
		{
			name: "slow to publish", collect: oneThing,
			emit: func(ctx context.Context, events []envelope.ResourceEvent) error {
				if events[0].EventType != envelope.TypeSnapshot || events[0].AccountID != "a" {
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			},
		},
		{name: "too slow a pace", collect: func(ctx context.Context, s *producers.Scan) error {
			for range 3 {
				if err := s.Wait(ctx, producers.Rate{Call: "fake:List", PerSecond: 1.0 / 60, Burst: 1}); err != nil {
					return err
				}
			}
			return errors.New("not reached")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				began := time.Now()
				to := recorder{emit: tc.emit}
				// With one worker, the scopes after account a's may not begin.
				s, err := runIn(ctx, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
					if s.Account.ID == "a" {
						return tc.collect(ctx, s)
					}
					return oneThing(ctx, s)
				}), &to, func(c *producers.RunConfig) { c.Regions, c.Workers, c.Reserve = []string{"r1"}, 1, 20*time.Second })
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > 40*time.Second {
					t.Errorf("read for %v of a minute, of which 20 s are the reserve", took)
				}
				if s.Scopes != 2 || s.Read+s.Unread != 1 || len(s.Gaps) != 1+s.Unread || s.Completions != s.Read {
					t.Errorf("summary %+v", s)
				}
				for _, g := range s.Gaps {
					if g.Reason != producers.GapDeadline {
						t.Errorf("gap %+v", g)
					}
				}
				if len(to.of(producers.TypeRunFinished)) != 1 || len(to.of(envelope.TypeScanIncomplete)) != len(s.Gaps) {
					t.Error("the run did not report where it stopped")
				}
			})
		})
	}
}

// A Ctrl-C is not a gap that anyone wants reported.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var to recorder
	_, err := runIn(ctx, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
		cancel()
		return ctx.Err()
	}), &to, func(c *producers.RunConfig) { c.Accounts, c.Regions = accounts("a"), []string{"r1"} })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(to.Events) > 0 {
		t.Errorf("published %+v", to.Events)
	}
}

// A repeated run publishes the same events with a later observed_at; a run over a part
// is another run.
func TestRepeatedRunPublishesTheSame(t *testing.T) {
	t.Parallel()
	collector := in(func(ctx context.Context, s *producers.Scan) error {
		s.Gap(ctx, other, apiError("AccessDenied"))
		s.CompletedCosts("a", scheduled.AddDate(0, -1, 0), scheduled)
		s.CompletedAnywhere("fake:everywhere")
		return oneThing(ctx, s)
	})
	at := func(d time.Duration, regions ...string) map[string]envelope.ResourceEvent {
		var to recorder
		_, err := run(t, collector, &to, func(c *producers.RunConfig) {
			c.Now = func() time.Time { return scheduled.Add(d) }
			if len(regions) > 0 {
				c.Regions = regions
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		byID := map[string]envelope.ResourceEvent{}
		for _, e := range to.Events {
			if prior, twice := byID[e.EventID.String()]; twice {
				t.Errorf("one id for %+v and %+v", prior, e)
			}
			byID[e.EventID.String()] = e
		}
		return byID
	}
	first, again, part := at(time.Minute), at(time.Hour), at(time.Hour, "r1")
	if len(first) != 4+4+2+1+1 || len(again) != len(first) {
		t.Fatalf("%d events, and %d the second time", len(first), len(again))
	}
	for id, e := range first {
		later := again[id]
		if later.EventType != e.EventType || !later.TS.Equal(e.TS) || later.ARN != e.ARN || later.ResourceType != e.ResourceType {
			t.Errorf("%+v became %+v", e, later)
		}
		if !later.ObservedAt.After(e.ObservedAt) {
			t.Errorf("%s of the second run was observed at %v, and of the first at %v", e.EventType, later.ObservedAt, e.ObservedAt)
		}
		if _, same := part[id]; same && e.EventType == producers.TypeRunFinished {
			t.Error("a run over one region has the id of one over all")
		}
	}
}

// A completion that every region can report is published once.
func TestCompletedAnywhereOnce(t *testing.T) {
	t.Parallel()
	var to recorder
	s, err := run(t, collectorFunc(func(_ context.Context, s *producers.Scan) error {
		s.CompletedAnywhere(thing)
		s.CompletedAnywhere(thing)
		return nil
	}), &to, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a * " + thing, "b * " + thing}, to.of(envelope.TypeScanCompleted)); diff != "" || s.Completions != 2 {
		t.Errorf("%d completions (-want +got):\n%s", s.Completions, diff)
	}
}

// The text of an account's error is untrusted: long, cut within a rune, not UTF-8.
func TestUntrustedErrorTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("x", 499) + "ü and more", "bad \xff byte", strings.Repeat("\xff", 1000)} {
		var to recorder
		_, err := run(t, in(func(context.Context, *producers.Scan) error { return errors.New(text) }), &to, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(to.Failures) > 0 || len(to.of(envelope.TypeScanIncomplete)) != 1 {
			t.Errorf("the gap was refused: %v", to.Failures)
		}
		for _, e := range to.Events {
			if v := e.Properties.Get("error"); !utf8.ValidString(v) {
				t.Errorf("error %q", v)
			}
		}
	}
}

// No scope spends beyond the budget, and none is kept from spending within it.
func TestBudget(t *testing.T) {
	t.Parallel()
	var paid atomic.Int64
	var to recorder
	s, err := run(t, collectorFunc(func(_ context.Context, s *producers.Scan) error {
		for range 100 {
			if err := s.Spend(10_000); err != nil {
				return err
			}
			paid.Add(1)
		}
		return nil
	}), &to, func(c *producers.RunConfig) { c.BudgetMicros = 1_500_000 })
	if err != nil {
		t.Fatal(err)
	}
	if paid.Load() != 150 || s.Counts.CostMicros != 1_500_000 {
		t.Errorf("paid %d times, %d in all", paid.Load(), s.Counts.CostMicros)
	}
	for _, g := range s.Gaps {
		if g.Reason != producers.GapBudget {
			t.Errorf("gap %+v", g)
		}
	}
	if s.Read+len(s.Gaps) != 4 || len(s.Gaps) < 3 {
		t.Errorf("summary %+v", s)
	}
}

// A run without a scheduled time or a part of its configuration does not begin.
func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*producers.RunConfig){
		"no time":      func(c *producers.RunConfig) { c.Scheduled = time.Time{} },
		"no collector": func(c *producers.RunConfig) { c.Collector = nil },
		"no emitter":   func(c *producers.RunConfig) { c.Emitter = nil },
	} {
		if _, err := run(t, collectorFunc(oneThing), &recorder{}, change); err == nil {
			t.Errorf("%s: it ran", name)
		}
	}
}

// No more than Workers scopes are read at once.
func TestWorkers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		_, err := run(t, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return oneThing(ctx, s)
		}), &recorder{}, func(c *producers.RunConfig) { c.Workers = 3 })
		if err != nil || most.Load() != 3 {
			t.Errorf("%d at once, error %v", most.Load(), err)
		}
	})
}
