package actions_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"polo/actions"
	"polo/actions/action"
	"polo/actions/actionstest"
)

// kinds returns what the journal has, in order.
func kinds(w *actionstest.World) []actions.Kind {
	var out []actions.Kind
	for _, e := range w.Journal.Entries() {
		out = append(out, e.Kind)
	}
	return out
}

// hookOnce calls do the first time that a point is passed.
func hookOnce(point string, do func()) func(string) {
	done := false
	return func(at string) {
		if at == point && !done {
			done = true
			do()
		}
	}
}

// No audit, no write.
func TestNothingWithoutTheJournal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		fail func(*actionstest.World)
		want actions.Code
	}{
		{"the queue does not acknowledge the intent", func(w *actionstest.World) {
			w.Journal.Err = func(call string) error {
				if call == "append" {
					return errors.New("down")
				}
				return nil
			}
		}, actions.CodeJournalDown},
		{"the journal cannot be read", func(w *actionstest.World) {
			w.Journal.Err = func(call string) error {
				if call == "read" {
					return errors.New("down")
				}
				return nil
			}
		}, actions.CodeJournalDown},
		{"the intent does not become visible", func(w *actionstest.World) {
			w.Journal.Hidden = func(e actions.Entry) bool { return e.Kind == actions.KindIntended }
		}, actions.CodeJournalBehind},
		{"it becomes visible too late", func(w *actionstest.World) {
			w.Config.Times.Visible = 2 * time.Minute
			begun := w.Now()
			w.Journal.Hidden = func(e actions.Entry) bool { return e.Kind == actions.KindIntended && w.Now().Sub(begun) < time.Minute }
		}, actions.CodeTooLate},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
			tc.fail(w)
			w.Restart(t)
			_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
			refused(t, err, tc.want)
			nothingDone(t, w)
		})
	}
}

// The intent is on record before the call, with the session's name.
func TestIntentComesFirst(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
	c := w.By(actionstest.Ada)
	w.AWS.Hook = hookOnce("before StopInstances", func() {
		intents := w.Journal.Of(actions.KindIntended)
		if len(intents) != 1 || intents[0].Attempt != c.Request || intents[0].Nonce != c.Nonce || intents[0].Call != "ec2:StopInstances" || intents[0].Sealed != p.Sealed {
			t.Errorf("intents %+v", intents)
		}
	})
	if _, err := w.Engine.Execute(t.Context(), c, p.Sealed, approvals); err != nil {
		t.Fatal(err)
	}
	if s := w.AWS.Sessions(); len(s) != 1 || s[0].Name != c.Request || s[0].Person != actionstest.Ada.Email || s[0].Plan != p.Plan.ID {
		t.Errorf("sessions %+v", s)
	}
	if diff := cmp.Diff([]actions.Kind{actions.KindPlanned, actions.KindApproved, actions.KindIntended, actions.KindExecuted}, kinds(w)); diff != "" {
		t.Error(diff)
	}
}

// What changed after the plan, even after the intent, is not written over.
func TestPreconditionIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, point := range map[string]string{"before the request": "", "after the intent": "after append intended", "after the session": "before AssumeRole"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, change := range []struct {
				do   func(*actionstest.World)
				want actions.Code
			}{
				{func(w *actionstest.World) { setInstance(w, ec2types.InstanceStateNamePending) }, actions.CodeChanged},
				{func(w *actionstest.World) {
					w.AWS.Change(func(a *actionstest.AWS) {
						i := *a.Instances["i-1"]
						i.Tags = []ec2types.Tag{{Key: aws.String(actions.ProtectedTag), Value: aws.String("yes")}}
						a.Instances["i-1"] = &i
					})
				}, actions.CodeProtected},
			} {
				w := actionstest.NewWorld(t)
				p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
				hook := hookOnce(point, func() { change.do(w) })
				w.Journal.Hook, w.AWS.Hook = hook, hook
				if point == "" {
					change.do(w)
				}
				_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
				refused(t, err, change.want)
				nothingDone(t, w)
				if n := len(w.Journal.Of(actions.KindRefused)); n != 1 {
					t.Errorf("%d refusals", n)
				}
			}
		})
	}
	t.Run("the kill switch, after the intent", func(t *testing.T) {
		t.Parallel()
		w := actionstest.NewWorld(t)
		p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
		w.Journal.Hook = hookOnce("after append intended", func() { w.Kill(true) })
		_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
		refused(t, err, actions.CodeKilled)
		nothingDone(t, w)
	})
}

// An undo touches nothing that somebody else did since.
func TestUndoOnlyWhatThePlanLeft(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("set_log_retention"))
	_, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo))
	refused(t, err, actions.CodeNothingToUndo)
	execute(t, w, p, approvals)
	w.AWS.Change(func(a *actionstest.AWS) { a.LogGroups["/app"].Days = aws.Int32(365) })
	_, err = w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo))
	refused(t, err, actions.CodeChanged)
	w.Advance(8 * 24 * time.Hour)
	_, err = w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
	if err == nil {
		t.Error("undone after eight days")
	}
}

// Nothing is deleted before its snapshot is complete.
func TestNoDeleteWithoutSnapshot(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("snapshot_and_delete_volume"))
	run := func() (actions.Outcome, error) {
		return w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	}
	if out, err := run(); err != nil || out.Status != actions.StatusInProgress || out.Step != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	_, err := run()
	refused(t, err, actions.CodeNotReady)
	// A snapshot of another plan is none, nor is one that failed.
	w.AWS.Change(func(a *actionstest.AWS) {
		ours := *a.Snapshots[0]
		ours.State = ec2types.SnapshotStateError
		a.Snapshots = []*ec2types.Snapshot{&ours, {
			StartTime: aws.Time(w.Now()), CompletionTime: aws.Time(w.Now()), SnapshotId: aws.String("snap-x"), VolumeId: aws.String("vol-1"), State: ec2types.SnapshotStateCompleted,
			Tags: []ec2types.Tag{{Key: aws.String("polo:plan"), Value: aws.String("another")}},
		}}
	})
	_, err = run()
	refused(t, err, actions.CodeNotReady)
	if n := len(w.AWS.Writes()); n != 1 {
		t.Fatalf("%d writes", n)
	}
	w.Advance(2 * time.Hour) // the plan has expired, and is still continued
	w.AWS.CompleteSnapshots(w.Now())
	w.Evidence.Violate(p.Plan.Rule, p.Plan.ARN, actions.Violation{Status: "open", Scanned: w.Now()})
	if out, err := run(); err != nil || out.Status != actions.StatusExecuted {
		t.Fatalf("%+v, %v", out, err)
	}
}

// However AWS answers, the outcome is told as it is, and settled by looking.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		fault  actionstest.Fault
		status actions.Status
		// settled is what the sweep makes of it, and repeat what another execution answers then.
		settled actions.Kind
		writes  int
	}{
		{"refused", actionstest.Refused, actions.StatusFailed, actions.KindFailed, 0},
		{"5xx without effect", actionstest.Broken, actions.StatusUnknown, actions.KindFailed, 0},
		{"no answer and no effect", actionstest.Lost, actions.StatusUnknown, actions.KindFailed, 0},
		{"no answer after the effect", actionstest.Silent, actions.StatusExecuted, actions.KindExecuted, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
			w.AWS.Fault = func(op string) actionstest.Fault {
				if op == "StopInstances" {
					return tc.fault
				}
				return actionstest.None
			}
			out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
			if err != nil || out.Status != tc.status || len(w.AWS.Writes()) != tc.writes {
				t.Fatalf("%+v, %v, %d writes", out, err, len(w.AWS.Writes()))
			}
			if tc.status == actions.StatusUnknown {
				_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
				refused(t, err, actions.CodeInDoubt)
				nothingDone(t, w)
			}
			w.Advance(10 * time.Minute)
			if _, err := w.Engine.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if ends := w.Journal.Of(actions.KindExecuted, actions.KindFailed); len(ends) != 1 || ends[0].Kind != tc.settled {
				t.Errorf("ends %+v", ends)
			}
			w.AWS.Fault = nil
			out, err = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
			if err != nil || out.Status != actions.StatusExecuted || out.Repeated != (tc.writes == 1) || len(w.AWS.Writes()) != 1 {
				t.Errorf("again: %+v, %v, %d writes", out, err, len(w.AWS.Writes()))
			}
		})
	}
}

// A success of the API that has no effect, and an effect that takes its time, are no successes.
func TestAcceptedIsNotExecuted(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
	w.AWS.Hook = hookOnce("after StopInstances", func() { setInstance(w, "stopping") })
	out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	if err != nil || out.Status != actions.StatusInProgress || out.Reason != "accepted" {
		t.Fatalf("%+v, %v", out, err)
	}
	out, err = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	if err != nil || out.Status != actions.StatusInProgress || !out.Repeated {
		t.Fatalf("%+v, %v", out, err)
	}
	w.Advance(20 * time.Minute)
	if swept, err := w.Engine.Sweep(t.Context()); err != nil || swept.Open != 1 {
		t.Fatalf("%+v, %v", swept, err)
	}
	setInstance(w, ec2types.InstanceStateNameStopped)
	if swept, err := w.Engine.Sweep(t.Context()); err != nil || swept.Settled != 1 || swept.Confirmed != 1 {
		t.Fatalf("%+v, %v", swept, err)
	}
	if n := len(w.AWS.Writes()); n != 1 {
		t.Errorf("%d writes", n)
	}
}

// An answer of the tagging API that succeeds and says that the tag was not set is a failure.
func TestTagFailureIsAFailure(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	w.Know(actionstest.MissingARN, "owner_missing", "staging")
	p, approvals := w.Planned(t, actions.Ask{Action: "tag_resource", ARN: actionstest.MissingARN, Rule: "owner_missing", Params: map[string]string{"key": "customer", "value": "b"}})
	out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	if err != nil || out.Status != actions.StatusFailed || out.Reason != "InvalidParameterException" {
		t.Errorf("%+v, %v", out, err)
	}
}

// A tag may go without a violation if the list says so, and nothing else may.
func TestWithoutViolation(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("tag_resource")
	ask.Rule = ""
	_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), ask)
	refused(t, err, actions.CodeWrongRule)
	allowOnly(t, w, actions.Allow{Action: ask.Action, Accounts: []string{actionstest.Account}, Environments: []string{"staging"}, Keys: []string{"customer"}, WithoutViolation: true})
	p, approvals := w.Planned(t, ask)
	execute(t, w, p, approvals)
	for _, banned := range []string{"aws:x", "polo:protected", "POLO:x"} {
		ask.Params = map[string]string{"key": banned, "value": "x"}
		_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), ask)
		refused(t, err, actions.CodeNotAllowed)
	}
	s := w.Config.Settings
	s.Allow = []actions.Allow{{Action: "stop_instance", Accounts: []string{"1"}, Environments: []string{"x"}, WithoutViolation: true}}
	if _, err := s.Checked(); err == nil {
		t.Error("a stop without a violation was accepted")
	}
}

// Tags of IAM and KMS can grant access: their resources are no targets.
func TestNothingInIAMOrKMS(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{"arn:aws:iam::111122223333:role/r", "arn:aws:kms:eu-west-1:111122223333:key/k", "arn:aws:sts::111122223333:assumed-role/r/s"} {
		for _, a := range action.All() {
			if err := a.Check(action.Target{ARN: arn, Account: "111122223333", Region: "eu-west-1", Params: map[string]string{"key": "k", "value": "v"}}); err == nil {
				t.Errorf("%s takes %s", a.Info().ID, arn)
			}
		}
	}
}

// A request that is sent again does nothing, whichever function gets it.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
	c := w.By(actionstest.Ada)
	if _, err := w.Engine.Execute(t.Context(), c, p.Sealed, approvals); err != nil {
		t.Fatal(err)
	}
	w.Restart(t)
	c.Request = actions.NewID()
	_, err := w.Engine.Execute(t.Context(), c, p.Sealed, approvals)
	refused(t, err, actions.CodeReplayed)
	if n := len(w.AWS.Writes()); n != 1 {
		t.Errorf("%d writes", n)
	}
}

// A plan says what it saves, exactly.
func TestSaving(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("volume_to_gp3")
	w.Evidence.SetCost(ask.ARN, money(t, "160.123456789", "USD"))
	w.AWS.Change(func(a *actionstest.AWS) { a.Volumes["vol-1"].Size = aws.Int32(100) })
	p, _ := w.Planned(t, ask)
	if s := p.Plan.Saving; s == nil || s.Amount.String() != "32.0246913578" || s.Currency != "USD" {
		t.Errorf("%+v", s)
	}
	w.AWS.Change(func(a *actionstest.AWS) { a.Volumes["vol-1"].Size = aws.Int32(2000) })
	p, _ = w.Planned(t, ask)
	// 2,000 GiB of gp2 have 6,000 IOPS and 250 MiB/s: gp3 is given no less.
	if got := string(p.Plan.Calls[0].Input); !strings.Contains(got, `"Iops":6000`) || !strings.Contains(got, `"Throughput":250`) {
		t.Error(got)
	}
}

// An entry is an event, and the event the entry.
func TestEntryIsAnEvent(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("revoke_open_ingress"))
	execute(t, w, p, approvals)
	_, _ = w.Engine.Plan(t.Context(), w.By(actionstest.Ada), actions.Ask{Action: "x", ARN: "not an ARN"})
	for _, e := range w.Journal.Entries() {
		event := e.Event()
		if err := event.Validate(); err != nil {
			t.Error(err)
		}
		back, err := actions.EntryOf(event)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, back, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
	if !slices.Contains(kinds(w), actions.KindRefused) {
		t.Error("the refused plan is not in the journal")
	}
}
