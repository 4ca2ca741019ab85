package actions_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/actions"
	"polo/actions/action"
	"polo/actions/actionstest"
)

var update = flag.Bool("update", false, "rewrite the golden policies")

// Every action through plan, approval, execution, repeat and undo: each call is made once, is the one that the plan
// shows, and the resource is as it was in the end.
func TestEveryAction(t *testing.T) {
	t.Parallel()
	if len(actionstest.Cases()) != len(action.All()) {
		t.Fatal("an action has no case")
	}
	for _, ask := range actionstest.Cases() {
		t.Run(ask.Action, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			p, approvals := w.Planned(t, ask)
			if strings.Contains(p.Sealed+string(p.Plan.Live), "hunter2") {
				t.Error("the plan tells a secret")
			}
			before := w.State(t, p)
			execute(t, w, p, approvals)
			repeat, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
			if err != nil || repeat.Status != actions.StatusExecuted || !repeat.Repeated {
				t.Errorf("repeat: %+v, %v", repeat, err)
			}
			if len(p.Plan.Undo.Calls) == 0 {
				if p.Plan.Undo.Irreversible == "" || !strings.HasPrefix(p.Plan.Undo.Text, "NONE") {
					t.Errorf("no undo, and not said loudly: %+v", p.Plan.Undo)
				}
				_, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
				refused(t, err, actions.CodeNoUndo)
				made(t, w, p.Plan.Calls)
				return
			}
			w.Advance(time.Hour)
			for i := range 2 {
				out, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo))
				if err != nil || out.Status != actions.StatusUndone || out.Repeated != (i == 1) {
					t.Fatalf("undo %d: %+v, %v", i, out, err)
				}
			}
			if diff := cmp.Diff(before.Facts, w.State(t, p).Facts); diff != "" {
				t.Error(diff)
			}
			made(t, w, append(p.Plan.Calls, p.Plan.Undo.Calls...))
			_, err = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
			refused(t, err, actions.CodeUndone)
			swept, err := w.Engine.Sweep(t.Context())
			if want := (actions.Swept{Confirmed: 2}); err != nil || swept != want {
				t.Errorf("sweep: %+v, %v", swept, err)
			}
			if swept, err = w.Engine.Sweep(t.Context()); err != nil || swept != (actions.Swept{}) {
				t.Errorf("second sweep: %+v, %v", swept, err)
			}
		})
	}
}

// execute executes a plan to its end.
func execute(t *testing.T, w *actionstest.World, p actions.Planned, approvals []string) {
	t.Helper()
	for i := range p.Plan.Calls {
		out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
		want := actions.StatusInProgress
		if i == len(p.Plan.Calls)-1 {
			want = actions.StatusExecuted
		}
		if err != nil || out.Status != want || out.Repeated {
			t.Fatalf("step %d: %+v, %v", i, out, err)
		}
		w.AWS.CompleteSnapshots(w.Now())
		w.Advance(time.Minute)
	}
}

// made checks that the calls that changed something are those that a plan shows, in order.
func made(t *testing.T, w *actionstest.World, want []actions.Call) {
	t.Helper()
	var got, wanted []string
	for _, write := range w.AWS.Writes() {
		text, err := json.Marshal(write.Input)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]any
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		got = append(got, write.Operation+" "+nonEmpty(all))
		if write.Session.Person != actionstest.Ada.Email || write.Session.Name == "" {
			t.Errorf("session %+v", write.Session)
		}
	}
	for _, c := range want {
		var all map[string]any
		if err := json.Unmarshal(c.Input, &all); err != nil {
			t.Fatal(err)
		}
		wanted = append(wanted, c.Operation+" "+nonEmpty(all))
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("calls (-planned +made):\n%s", diff)
	}
}

// nonEmpty returns JSON without the members that are not set.
func nonEmpty(v any) string {
	var clean func(any) any
	clean = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k, m := range v {
				if m = clean(m); m == nil || m == "" {
					delete(v, k)
				} else {
					v[k] = m
				}
			}
		case []any:
			for i := range v {
				v[i] = clean(v[i])
			}
			if len(v) == 0 {
				return nil
			}
		}
		return v
	}
	out, err := json.Marshal(clean(v))
	if err != nil {
		panic(err)
	}
	return string(out)
}

func refused(t *testing.T, err error, want actions.Code) {
	t.Helper()
	r, ok := err.(*actions.Refusal) //nolint:errorlint // it is returned bare
	if !ok || r.Code != want || r.Text == "" {
		t.Errorf("refused by %v, want %s", err, want)
	}
}

// The session of each call may make that call on that resource, and nothing else.
func TestSessionPolicies(t *testing.T) {
	t.Parallel()
	for _, ask := range actionstest.Cases() {
		t.Run(ask.Action, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			p, _ := w.Planned(t, ask)
			policies := map[string]json.RawMessage{}
			for _, c := range append(p.Plan.Calls, p.Plan.Undo.Calls...) {
				policies[c.Service+":"+c.Operation] = c.Policy
				if n := len(c.Policy); n > 2048 {
					t.Errorf("%d bytes are more than a session policy may have", n)
				}
				for _, banned := range []string{"iam:", "kms:", `:*"]`, `"Action":["*`} {
					if strings.Contains(string(c.Policy), banned) && !strings.Contains(banned, "]") {
						t.Errorf("the policy has %s", banned)
					}
				}
			}
			got, err := json.MarshalIndent(policies, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "policies", ask.Action+".json")
			if *update {
				if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Error(diff)
			}
		})
	}
}
