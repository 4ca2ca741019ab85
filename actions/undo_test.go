package actions_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"polo/actions"
	"polo/actions/actionstest"
)

// database changes the database.
func database(w *actionstest.World, change func(*rdstypes.DBInstance)) {
	w.AWS.Change(func(a *actionstest.AWS) {
		d := *a.Databases["db-1"]
		change(&d)
		a.Databases["db-1"] = &d
	})
}

// A change that is applied at once applies those that wait for the maintenance window, too: it is not made while there are any.
func TestPendingModifications(t *testing.T) {
	t.Parallel()
	pending := func(d *rdstypes.DBInstance) {
		d.PendingModifiedValues = &rdstypes.PendingModifiedValues{DBInstanceClass: aws.String("db.t3.micro"), EngineVersion: aws.String("17.1")}
	}
	ask := actionstest.Case("make_database_private")
	w := actionstest.NewWorld(t)
	database(w, pending)
	_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), ask)
	refused(t, err, actions.CodeNotApplicable)

	w = actionstest.NewWorld(t)
	database(w, func(d *rdstypes.DBInstance) { d.PendingModifiedValues = &rdstypes.PendingModifiedValues{} })
	p, approvals := w.Planned(t, ask)
	database(w, pending)
	_, err = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	refused(t, err, actions.CodeChanged)
	nothingDone(t, w)
	database(w, func(d *rdstypes.DBInstance) { d.PendingModifiedValues = nil })
	execute(t, w, p, approvals)
	database(w, pending)
	_, err = w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo))
	refused(t, err, actions.CodeNotReady)
	if n := len(w.AWS.Writes()); n != 1 {
		t.Errorf("%d writes", n)
	}
}

// A database that is being modified shows the setting before it has it.
func TestDatabaseIsModifying(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("make_database_private"))
	w.AWS.Hook = hookOnce("after ModifyDBInstance", func() {
		database(w, func(d *rdstypes.DBInstance) { d.DBInstanceStatus = aws.String("modifying") })
	})
	out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	if err != nil || out.Status != actions.StatusInProgress || out.Reason != "accepted" {
		t.Fatalf("%+v, %v", out, err)
	}
	database(w, func(d *rdstypes.DBInstance) { d.DBInstanceStatus = aws.String("available") })
	out, err = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
	if err != nil || out.Status != actions.StatusExecuted || !out.Repeated {
		t.Errorf("%+v, %v", out, err)
	}
}

// What was made anew under the same name is not undone.
func TestUndoOfAnotherResource(t *testing.T) {
	t.Parallel()
	for id, replace := range map[string]func(*actionstest.AWS){
		"make_database_private": func(a *actionstest.AWS) {
			d := *a.Databases["db-1"]
			d.DbiResourceId = aws.String("db-ANOTHER")
			a.Databases["db-1"] = &d
		},
		"set_log_retention": func(a *actionstest.AWS) {
			g := *a.LogGroups["/app"]
			g.Created++
			a.LogGroups["/app"] = &g
		},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			p, approvals := w.Planned(t, actionstest.Case(id))
			execute(t, w, p, approvals)
			w.AWS.Change(replace)
			_, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo))
			refused(t, err, actions.CodeChanged)
			if n := len(w.AWS.Writes()); n != 1 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// A plan is not undone under one that took effect later, until that is undone.
func TestUndoInOrder(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	undo := func(p actions.Planned) error {
		_, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo))
		return err
	}
	first, approvals := w.Planned(t, actionstest.Case("require_imdsv2"))
	execute(t, w, first, approvals)
	second, approvals := w.Planned(t, actionstest.Case("tag_resource"))
	execute(t, w, second, approvals)
	refused(t, undo(first), actions.CodeChanged)
	w.Advance(2 * time.Hour)
	if err := undo(second); err != nil {
		t.Fatal(err)
	}
	if err := undo(first); err != nil {
		t.Fatal(err)
	}
	if err := undo(first); err != nil { // it is found
		t.Error(err)
	}
	if n := len(w.AWS.Writes()); n != 4 {
		t.Errorf("%d writes", n)
	}
}

// An undo that opens something again needs a second person, wherever it is, and counts in the hour.
func TestUndoExposes(t *testing.T) {
	t.Parallel()
	for id, exposes := range map[string]bool{
		"revoke_open_ingress": true, "make_database_private": true, "block_public_access": true, "require_imdsv2": true, "stop_instance": false, "volume_to_gp3": false, "tag_resource": false,
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			p, _ := w.Planned(t, actionstest.Case(id))
			execute(t, w, p, nil)
			if (p.Plan.Undo.Exposes != "") != exposes {
				t.Errorf("the plan says %q", p.Plan.Undo.Exposes)
			}
			_, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
			if !exposes {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, err, actions.CodeNeedsSecond)
			by := w.Approved(t, p, actions.PhaseUndo)
			for i := range 2 { // with the execution there are 3 in the account
				at := w.Now()
				if err := w.Journal.Append(t.Context(), actions.Entry{
					Kind: actions.KindIntended, Plan: string(rune('a' + i)), Phase: actions.PhaseUndo, Attempt: "x", At: at, Observed: at, Action: id, Account: actionstest.Account, Type: "x", ARN: "arn:aws:s3:::x",
				}); err != nil {
					t.Fatal(err)
				}
			}
			_, err = w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, by)
			refused(t, err, actions.CodeAccountLimit)
			if n := len(w.AWS.Writes()); n != 1 {
				t.Errorf("%d writes", n)
			}
			w.Advance(time.Hour + 10*time.Minute)
			if _, err = w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo)); err != nil {
				t.Error(err)
			}
		})
	}
}

// An attempt is not taken for one without effect before CloudTrail was asked whether its call was made.
func TestNoEffectAsksCloudTrail(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
	w.AWS.Fault = func(op string) actionstest.Fault {
		if op == "StopInstances" {
			return actionstest.Lost
		}
		return actionstest.None
	}
	c := w.By(actionstest.Ada)
	if out, err := w.Engine.Execute(t.Context(), c, p.Sealed, approvals); err != nil || out.Status != actions.StatusUnknown {
		t.Fatalf("%+v, %v", out, err)
	}
	w.Advance(10 * time.Minute)
	w.Evidence.FailCalls(errors.New("down"))
	if swept, err := w.Engine.Sweep(t.Context()); err == nil || swept.Settled != 0 || swept.Open != 1 {
		t.Errorf("without CloudTrail: %+v, %v", swept, err)
	}
	w.Evidence.FailCalls(nil)
	w.Evidence.SessionCall(c.Request, "StopInstances")
	if swept, err := w.Engine.Sweep(t.Context()); err != nil || swept.Settled != 0 || swept.Open != 1 {
		t.Errorf("CloudTrail has the call: %+v, %v", swept, err)
	}
	w.Advance(time.Hour)
	if swept, err := w.Engine.Sweep(t.Context()); err != nil || swept.Settled != 1 {
		t.Errorf("an hour later: %+v, %v", swept, err)
	}
}
