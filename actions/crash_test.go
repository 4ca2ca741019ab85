package actions_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"polo/actions"
	"polo/actions/actionstest"
)

func money(t *testing.T, amount, currency string) actions.Money {
	t.Helper()
	d, err := decimal.NewFromString(amount)
	if err != nil {
		t.Fatal(err)
	}
	return actions.Money{Amount: d, Currency: currency}
}

// die runs something in a goroutine that ends at the nth point that it passes, as a killed function does: nothing that
// comes after it runs. It reports whether it came to its end.
func die(w *actionstest.World, n int, run func()) (finished bool) {
	var mu sync.Mutex
	passed := 0
	hook := func(string) {
		mu.Lock()
		passed++
		dead := passed >= n
		mu.Unlock()
		if dead {
			runtime.Goexit()
		}
	}
	w.Journal.Hook, w.AWS.Hook = hook, hook
	done := make(chan struct{})
	go func() {
		defer close(done)
		run()
		finished = true
	}()
	<-done
	w.Journal.Hook, w.AWS.Hook = nil, nil
	return finished
}

// 200 kills at random points of executions and undos: nothing is done twice, every call has an intent that was
// acknowledged before it, and every intent has an end once the sweep has looked.
func TestKills(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 7))
			kills, rounds := 0, 0
			for ; kills < 10 && rounds < 500; rounds++ {
				cases := actionstest.Cases()
				kills += killed(t, random, cases[random.IntN(len(cases))])
			}
			if kills < 10 {
				t.Errorf("%d kills in %d rounds", kills, rounds)
			}
		})
	}
}

// killed does an action, and perhaps undoes it, with kills on the way. It returns how many there were.
func killed(t *testing.T, random *rand.Rand, ask actions.Ask) (kills int) {
	t.Helper()
	w := actionstest.NewWorld(t)
	w.AWS.Fault = func(op string) actionstest.Fault {
		// Answers get lost as well.
		if !strings.HasPrefix(op, "Describe") && !strings.HasPrefix(op, "Get") && !strings.HasPrefix(op, "List") && op != "AssumeRole" && random.IntN(4) == 0 {
			return actionstest.Fault(1 + random.IntN(4))
		}
		return actionstest.None
	}
	p, approvals := w.Planned(t, ask)
	phase := func(f func(), done func() bool) {
		for i := 0; !done(); i++ {
			if i > 60 {
				t.Fatalf("%s does not come to an end: %v", ask.Action, kinds(w))
			}
			if n := 1 + random.IntN(30); !die(w, n, f) {
				kills++
			}
			w.Restart(t)
			w.Advance(time.Duration(random.IntN(8)) * time.Minute)
			w.AWS.CompleteSnapshots(w.Now())
			w.Evidence.Violate(ask.Rule, ask.ARN, actions.Violation{Status: "open", Scanned: w.Now()})
			if random.IntN(3) == 0 {
				if !die(w, 1+random.IntN(20), func() { _, _ = w.Engine.Sweep(t.Context()) }) {
					kills++
				}
			}
			if p.Plan.Expires.Before(w.Now()) && len(w.AWS.Writes()) == 0 {
				p, approvals = w.Planned(t, ask)
			}
		}
	}
	var status actions.Status
	phase(func() {
		status = ""
		if out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals); err == nil {
			status = out.Status
		}
	}, func() bool { return status == actions.StatusExecuted })
	accounted(t, w, p.Plan.Calls)
	if len(p.Plan.Undo.Calls) > 0 && random.IntN(2) == 0 {
		phase(func() {
			status = ""
			a, _, err := w.Engine.Approve(t.Context(), w.By(actionstest.Grace), p.Sealed, actions.PhaseUndo)
			if err != nil {
				return
			}
			if out, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, []string{a}); err == nil {
				status = out.Status
			}
		}, func() bool { return status == actions.StatusUndone })
		accounted(t, w, append(slices.Clone(p.Plan.Calls), p.Plan.Undo.Calls...))
	}
	return kills
}

// accounted checks that each call was made once, that each has an intent from before it, and that each intent has one end.
func accounted(t *testing.T, w *actionstest.World, calls []actions.Call) {
	t.Helper()
	w.Advance(2 * time.Hour)
	if swept, err := w.Engine.Sweep(t.Context()); err != nil || swept.Open > 0 {
		t.Errorf("sweep: %+v, %v", swept, err)
	}
	var made, planned []string
	for _, write := range w.AWS.Writes() {
		made = append(made, write.Operation)
		if !slices.ContainsFunc(w.Journal.Of(actions.KindIntended), func(e actions.Entry) bool {
			return e.Attempt == write.Session.Name && strings.HasSuffix(e.Call, ":"+write.Operation)
		}) {
			t.Errorf("%s was made without an intent", write.Operation)
		}
	}
	for _, c := range calls {
		planned = append(planned, c.Operation)
	}
	if !slices.Equal(made, planned) {
		t.Errorf("made %v, planned %v: %v", made, planned, kinds(w))
	}
	took := 0
	for _, intent := range w.Journal.Of(actions.KindIntended) {
		var ends []actions.Kind
		for _, e := range w.Journal.Of(actions.KindExecuted, actions.KindUndone, actions.KindAdvanced, actions.KindFailed, actions.KindRefused) {
			if e.Attempt == intent.Attempt {
				ends = append(ends, e.Kind)
			}
		}
		if len(ends) != 1 {
			t.Errorf("an intent has the ends %v", ends)
		}
		if len(ends) > 0 && ends[0] != actions.KindFailed && ends[0] != actions.KindRefused {
			took++
		}
	}
	if took != len(calls) {
		t.Errorf("%d attempts took effect of %d calls", took, len(calls))
	}
}

// Of many functions that execute one plan at once, whenever each comes to see what of the journal, one makes the call.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	total := 0
	for seed := range uint64(150) {
		w := actionstest.NewWorld(t)
		var mu sync.Mutex
		random := rand.New(rand.NewPCG(seed, 1))
		// Each entry becomes visible after a few reads of its own.
		shown := map[string]int{}
		w.Journal.Hidden = func(e actions.Entry) bool {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == actions.KindPlanned || e.Kind == actions.KindApproved {
				return false
			}
			id := e.ID().String()
			if _, known := shown[id]; !known {
				shown[id] = random.IntN(6)
			}
			shown[id]--
			return shown[id] >= 0
		}
		// Two snapshots would both succeed.
		p, approvals := w.Planned(t, actionstest.Case("snapshot_and_delete_volume"))
		second, more := w.Planned(t, actionstest.Case("volume_to_gp3"))
		// Where each pauses is by chance, so that they come between each other's steps.
		pause := func(string) {
			mu.Lock()
			d := time.Duration(random.IntN(300)) * time.Microsecond
			mu.Unlock()
			time.Sleep(d)
		}
		w.Journal.Hook, w.AWS.Hook = pause, pause
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				plan, by := p.Sealed, approvals
				if i == 3 {
					plan, by = second.Sealed, more
				}
				_, _ = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), plan, by)
			})
		}
		group.Wait()
		snapshots := 0
		for _, write := range w.AWS.Writes() {
			if write.Operation == "CreateSnapshot" {
				snapshots++
			}
		}
		if snapshots > 1 || len(w.AWS.Sessions()) > 2 {
			t.Fatalf("seed %d: %d snapshots, %d sessions: %v", seed, snapshots, len(w.AWS.Sessions()), kinds(w))
		}
		total += len(w.AWS.Writes())
	}
	if total < 75 {
		t.Errorf("only %d of 150 rounds came to anything", total)
	}
}

// A function that dies after its call leaves an intent without an end. The next request for the plan finds what was done.
func TestNextRequestSettles(t *testing.T) {
	t.Parallel()
	for _, ask := range actionstest.Cases() {
		w := actionstest.NewWorld(t)
		p, approvals := w.Planned(t, ask)
		first := p.Plan.Calls[0].Operation
		w.AWS.Hook = func(point string) {
			if point == "after "+first {
				runtime.Goexit()
			}
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
		}()
		<-done
		w.AWS.Hook = nil
		if len(w.AWS.Writes()) != 1 || len(w.Journal.Of(actions.KindExecuted, actions.KindAdvanced)) != 0 {
			t.Fatalf("%s did not die after its call: %v", ask.Action, kinds(w))
		}
		out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
		if len(p.Plan.Calls) > 1 { // the next call waits for the snapshot
			refused(t, err, actions.CodeNotReady)
		} else if err != nil || out.Status != actions.StatusExecuted || !out.Repeated {
			t.Errorf("%s: %+v, %v", ask.Action, out, err)
		}
		if n := len(w.AWS.Writes()); n != 1 {
			t.Errorf("%s: %d writes", ask.Action, n)
		}
	}
}
