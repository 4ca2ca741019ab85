package actions_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"polo/actions"
	"polo/actions/actionstest"
)

// snapshot changes the plan's snapshot.
func snapshot(w *actionstest.World, change func(*ec2types.Snapshot)) {
	w.AWS.Change(func(a *actionstest.AWS) {
		one := *a.Snapshots[0]
		change(&one)
		a.Snapshots[0] = &one
	})
}

// What was written to a volume after its snapshot is not deleted with it.
func TestDeleteOnlyWhatTheSnapshotHas(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		// meanwhile happens after the snapshot is complete.
		meanwhile func(*actionstest.World, actions.Planned)
		want      actions.Code
	}{
		{"nothing", func(*actionstest.World, actions.Planned) {}, ""},
		{"ten minutes", func(w *actionstest.World, _ actions.Planned) { w.Advance(10 * time.Minute) }, ""},
		{"twenty minutes", func(w *actionstest.World, _ actions.Planned) { w.Advance(20 * time.Minute) }, actions.CodeExpired},
		{"AWS does not say when it was complete", func(w *actionstest.World, _ actions.Planned) {
			snapshot(w, func(s *ec2types.Snapshot) { s.CompletionTime = nil })
		}, actions.CodeNotReady},
		{"it was attached and detached", func(w *actionstest.World, p actions.Planned) {
			w.Evidence.Call(p.Plan.ARN, "AttachVolume", w.Now())
			w.Evidence.Call(p.Plan.ARN, "DetachVolume", w.Now())
		}, actions.CodeChanged},
		{"it was detached before the plan", func(w *actionstest.World, p actions.Planned) {
			w.Evidence.Call(p.Plan.ARN, "DetachVolume", p.Plan.Created.Add(-time.Minute))
		}, ""},
		{"another was attached", func(w *actionstest.World, _ actions.Planned) {
			w.Evidence.Call(actionstest.EC2("volume/vol-2"), "AttachVolume", w.Now())
		}, ""},
		{"whether it was attached cannot be read", func(w *actionstest.World, _ actions.Planned) {
			w.Evidence.FailCalls(errors.New("down"))
		}, actions.CodeEvidenceDown},
		{"the snapshot is older than the plan", func(w *actionstest.World, p actions.Planned) {
			snapshot(w, func(s *ec2types.Snapshot) { s.StartTime = aws.Time(p.Plan.Created.Add(-time.Minute)) })
		}, actions.CodeNotReady},
		{"it is not known when it began", func(w *actionstest.World, _ actions.Planned) {
			snapshot(w, func(s *ec2types.Snapshot) { s.StartTime = nil })
		}, actions.CodeNotReady},
		{"another of the plan is not complete", func(w *actionstest.World, _ actions.Planned) {
			w.AWS.Change(func(a *actionstest.AWS) {
				one := *a.Snapshots[0]
				one.SnapshotId, one.State = aws.String("snap-2"), ec2types.SnapshotStatePending
				a.Snapshots = append(a.Snapshots, &one)
			})
		}, actions.CodeNotReady},
		{"another of the plan failed", func(w *actionstest.World, _ actions.Planned) {
			w.AWS.Change(func(a *actionstest.AWS) {
				one := *a.Snapshots[0]
				one.SnapshotId, one.State = aws.String("snap-2"), ec2types.SnapshotStateError
				a.Snapshots = append([]*ec2types.Snapshot{&one}, a.Snapshots...)
			})
		}, actions.CodeNotReady},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			p, approvals := w.Planned(t, actionstest.Case("snapshot_and_delete_volume"))
			run := func() (actions.Outcome, error) {
				return w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
			}
			w.Advance(time.Minute)
			if out, err := run(); err != nil || out.Step != 1 {
				t.Fatalf("%+v, %v", out, err)
			}
			w.Advance(time.Hour)
			w.AWS.CompleteSnapshots(w.Now())
			tc.meanwhile(w, p)
			w.Evidence.Violate(p.Plan.Rule, p.Plan.ARN, actions.Violation{Status: "open", Scanned: w.Now()})
			out, err := run()
			if tc.want == "" {
				if err != nil || out.Status != actions.StatusExecuted {
					t.Errorf("%+v, %v", out, err)
				}
				return
			}
			refused(t, err, tc.want)
			if n := len(w.AWS.Writes()); n != 1 {
				t.Errorf("%d writes", n)
			}
		})
	}
}
