package actions_test

import (
	"testing"

	"polo/actions"
	"polo/actions/actionstest"
)

// An approval is somebody else's than who asked, and than who executes or undoes.
func TestApproverIsNotTheCaller(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("stop_instance")
	w.Know(ask.ARN, ask.Rule, "production")
	p, approvals := w.Planned(t, ask)
	_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Grace), p.Sealed, approvals)
	refused(t, err, actions.CodeSamePerson)
	nothingDone(t, w)
	execute(t, w, p, approvals)
	by := w.Approved(t, p, actions.PhaseUndo)
	for _, grace := range []actions.Person{actionstest.Grace, {Email: "Grace+oncall@example.com", Subject: "another"}} {
		_, err = w.Engine.Undo(t.Context(), w.By(grace), p.Sealed, by)
		refused(t, err, actions.CodeSamePerson)
	}
	if out, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, by); err != nil || out.Status != actions.StatusUndone {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestPersonIs(t *testing.T) {
	t.Parallel()
	ada := actions.Person{Email: "ada@example.com", Subject: "s1"}
	for _, tc := range []struct {
		other actions.Person
		want  bool
	}{
		{actions.Person{Email: "ADA@example.com ", Subject: "s2"}, true},
		{actions.Person{Email: "ada+oncall@example.com", Subject: "s2"}, true},
		{actions.Person{Email: "a@example.com", Subject: "s1"}, true},
		{actions.Person{Email: "ada@example.org", Subject: "s2"}, false},
		{actions.Person{Email: "ada+x@example.org", Subject: "s2"}, false},
		{actions.Person{Email: "adam@example.com"}, false},
		{actions.Person{Email: "+ada@example.com"}, false},
	} {
		if got := ada.Is(tc.other); got != tc.want {
			t.Errorf("%+v: %v", tc.other, got)
		}
		if tc.other.Is(ada) != ada.Is(tc.other) {
			t.Errorf("%+v: it depends on who is asked", tc.other)
		}
	}
}
