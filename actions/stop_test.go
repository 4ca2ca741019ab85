package actions_test

import (
	"testing"

	"polo/actions"
	"polo/actions/actionstest"
)

// A stop loses what is on disks of the host.
func TestStopKeepsInstanceStores(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("stop_instance")
	p, _ := w.Planned(t, ask)
	w.AWS.Change(func(a *actionstest.AWS) { a.InstanceStores = []string{"m5.large"} })
	_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), ask)
	refused(t, err, actions.CodeNotApplicable)
	_, err = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
	refused(t, err, actions.CodeChanged)
	w.AWS.Fault = func(op string) actionstest.Fault {
		if op == "DescribeInstanceTypes" {
			return actionstest.Refused
		}
		return actionstest.None
	}
	_, err = w.Engine.Plan(t.Context(), w.By(actionstest.Ada), ask)
	refused(t, err, actions.CodeCannotLook)
	nothingDone(t, w)
}

// A stop is for the violations that it is listed for.
func TestStopHasRules(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("stop_instance")
	w.Evidence.Violate("ec2_no_instance_profile", ask.ARN, actions.Violation{Status: "open", Scanned: w.Now()})
	ask.Rule = "ec2_no_instance_profile"
	_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), ask)
	refused(t, err, actions.CodeWrongRule)
}
