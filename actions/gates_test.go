package actions_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/shopspring/decimal"

	"polo/actions"
	"polo/actions/actionstest"
)

// Each gate refuses a plan that would be made without it, and its execution if the gate closes after the plan.
func TestGates(t *testing.T) {
	t.Parallel()
	stop, ingress := actionstest.Case("stop_instance"), actionstest.Case("revoke_open_ingress")
	for _, tc := range []struct {
		name  string
		ask   actions.Ask
		close func(*testing.T, *actionstest.World)
		// plan is why the plan is refused, execute why the execution is; empty where the other cannot be.
		plan, execute actions.Code
	}{
		{"off", stop, func(t *testing.T, w *actionstest.World) {
			w.Config.Settings.Enabled = false
			w.Restart(t)
		}, actions.CodeOff, actions.CodeOff},
		{"the kill switch", stop, func(_ *testing.T, w *actionstest.World) { w.Kill(true) }, actions.CodeKilled, actions.CodeKilled},
		{"another account", stop, func(t *testing.T, w *actionstest.World) {
			allowOnly(t, w, actions.Allow{Action: stop.Action, Accounts: []string{"444455556666"}, Environments: []string{"staging"}})
		}, actions.CodeNotAllowed, actions.CodeNotAllowed},
		{"another environment", stop, func(t *testing.T, w *actionstest.World) {
			allowOnly(t, w, actions.Allow{Action: stop.Action, Accounts: []string{actionstest.Account}, Environments: []string{"development"}})
		}, actions.CodeNotAllowed, actions.CodeNotAllowed},
		{"another action", stop, func(t *testing.T, w *actionstest.World) {
			allowOnly(t, w, actions.Allow{Action: ingress.Action, Accounts: []string{actionstest.Account}, Environments: []string{"staging"}})
		}, actions.CodeNotAllowed, actions.CodeNotAllowed},
		{"protected", stop, func(_ *testing.T, w *actionstest.World) {
			w.AWS.Change(func(a *actionstest.AWS) {
				i := *a.Instances["i-1"]
				i.Tags = append(slices.Clone(i.Tags), ec2types.Tag{Key: aws.String(actions.ProtectedTag), Value: aws.String("")})
				a.Instances["i-1"] = &i
			})
		}, actions.CodeProtected, actions.CodeProtected},
		{"resolved", stop, func(_ *testing.T, w *actionstest.World) {
			w.Evidence.Violate(stop.Rule, stop.ARN, actions.Violation{Status: "resolved", Scanned: w.Now()})
		}, actions.CodeNoViolation, actions.CodeNoViolation},
		{"exempt", stop, func(_ *testing.T, w *actionstest.World) {
			w.Evidence.Violate(stop.Rule, stop.ARN, actions.Violation{Status: "exempt", Scanned: w.Now()})
		}, actions.CodeNoViolation, actions.CodeNoViolation},
		{"an old scan", stop, func(_ *testing.T, w *actionstest.World) {
			w.Evidence.Violate(stop.Rule, stop.ARN, actions.Violation{Status: "open", Scanned: w.Now().Add(-25 * time.Hour)})
		}, actions.CodeStaleScan, actions.CodeStaleScan},
		{"a rule that it does not end", actions.Ask{Action: ingress.Action, ARN: ingress.ARN, Rule: "sg_unused"}, func(_ *testing.T, w *actionstest.World) {
			w.Evidence.Violate("sg_unused", ingress.ARN, actions.Violation{Status: "open", Scanned: w.Now()})
		}, actions.CodeWrongRule, ""},
		{"no rule", actions.Ask{Action: stop.Action, ARN: stop.ARN}, nil, actions.CodeWrongRule, ""},
		{"the evidence is down", stop, func(_ *testing.T, w *actionstest.World) { w.Evidence.Fail(errors.New("down")) }, actions.CodeEvidenceDown, actions.CodeEvidenceDown},
		{"an unknown action", actions.Ask{Action: "delete_account"}, nil, actions.CodeUnknownAction, ""},
		{"an unknown resource", actions.Ask{Action: stop.Action, ARN: actionstest.EC2("instance/i-2"), Rule: stop.Rule}, nil, actions.CodeUnknownResource, ""},
		{"a resource of another type", actions.Ask{Action: stop.Action, ARN: ingress.ARN, Rule: ingress.Rule}, nil, actions.CodeBadTarget, ""},
		{"an unknown parameter", actions.Ask{Action: stop.Action, ARN: stop.ARN, Rule: stop.Rule, Params: map[string]string{"force": "true"}}, nil, actions.CodeBadTarget, ""},
		{"the world's ports are none", actions.Ask{Action: ingress.Action, ARN: ingress.ARN, Rule: ingress.Rule, Params: map[string]string{"ports": "ssh"}}, nil, actions.CodeBadTarget, ""},
		{"stopped already", stop, func(_ *testing.T, w *actionstest.World) {
			setInstance(w, ec2types.InstanceStateNameStopped)
		}, actions.CodeNotApplicable, actions.CodeChanged},
		{"the resource cannot be read", stop, func(_ *testing.T, w *actionstest.World) {
			w.AWS.Fault = func(string) actionstest.Fault { return actionstest.Broken }
		}, actions.CodeCannotLook, actions.CodeCannotLook},
		{"what an undo needs is a secret", ingress, func(_ *testing.T, w *actionstest.World) {
			w.AWS.Change(func(a *actionstest.AWS) {
				a.Groups["sg-1"].IpPermissions[0].IpRanges[1].Description = aws.String("token ghp_" + strings.Repeat("a1B2", 9))
			})
		}, actions.CodeSecretInState, ""},
		{"an environment that nobody knows is allowed nowhere", stop, func(_ *testing.T, w *actionstest.World) { w.Know(stop.ARN, stop.Rule, "") }, actions.CodeNotAllowed, actions.CodeNotAllowed},
		{"no session", stop, func(_ *testing.T, w *actionstest.World) {
			w.AWS.Fault = func(op string) actionstest.Fault {
				if op == "AssumeRole" {
					return actionstest.Refused
				}
				return actionstest.None
			}
		}, "", actions.CodeNoSession},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if tc.plan != "" {
				w := actionstest.NewWorld(t)
				if tc.close != nil {
					tc.close(t, w)
				}
				_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), tc.ask)
				refused(t, err, tc.plan)
				journaled(t, w, tc.plan)
			}
			if tc.execute != "" {
				w := actionstest.NewWorld(t)
				p, approvals := w.Planned(t, tc.ask)
				tc.close(t, w)
				_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
				refused(t, err, tc.execute)
				nothingDone(t, w)
				journaled(t, w, tc.execute)
			}
		})
	}
}

func journaled(t *testing.T, w *actionstest.World, code actions.Code) {
	t.Helper()
	if !slices.ContainsFunc(w.Journal.Of(actions.KindRefused), func(e actions.Entry) bool { return e.Reason == string(code) }) {
		t.Errorf("the journal has no refusal %s: %+v", code, w.Journal.Of(actions.KindRefused))
	}
}

func nothingDone(t *testing.T, w *actionstest.World) {
	t.Helper()
	if writes := w.AWS.Writes(); len(writes) > 0 {
		t.Errorf("AWS was changed: %+v", writes)
	}
}

func allowOnly(t *testing.T, w *actionstest.World, allow ...actions.Allow) {
	t.Helper()
	w.Config.Settings.Allow = allow
	w.Restart(t)
}

func setInstance(w *actionstest.World, state ec2types.InstanceStateName) {
	w.AWS.Change(func(a *actionstest.AWS) {
		i := *a.Instances["i-1"]
		i.State = &ec2types.InstanceState{Name: state}
		a.Instances["i-1"] = &i
	})
}

// What is needed is a second person, for each of the reasons.
func TestSecondPerson(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, action string
		change       func(*actionstest.World, string)
		want         bool
	}{
		{"a small thing in staging", "stop_instance", func(*actionstest.World, string) {}, false},
		{"production", "stop_instance", func(w *actionstest.World, arn string) { w.Know(arn, "owner_missing", "production") }, true},
		{"what cannot be undone", "release_address", func(*actionstest.World, string) {}, true},
		{"what is lost", "set_log_retention", func(*actionstest.World, string) {}, true},
		{"at the amount", "stop_instance", func(w *actionstest.World, arn string) {
			w.Evidence.SetCost(arn, actions.Money{Amount: decimal.NewFromInt(500), Currency: "USD"})
		}, false},
		{"above the amount", "stop_instance", func(w *actionstest.World, arn string) {
			w.Evidence.SetCost(arn, actions.Money{Amount: decimal.RequireFromString("500.000001"), Currency: "USD"})
		}, true},
		{"another currency", "stop_instance", func(w *actionstest.World, arn string) {
			w.Evidence.SetCost(arn, actions.Money{Amount: decimal.NewFromInt(1), Currency: "EUR"})
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			ask := actionstest.Case(tc.action)
			tc.change(w, ask.ARN)
			p, approvals := w.Planned(t, ask)
			if got := len(p.Plan.SecondPerson) > 0; got != tc.want {
				t.Errorf("reasons %q", p.Plan.SecondPerson)
			}
			_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
			if tc.want {
				refused(t, err, actions.CodeNeedsSecond)
				nothingDone(t, w)
				_, err = w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
			}
			if err != nil || len(w.AWS.Writes()) != 1 {
				t.Errorf("%v, %d writes", err, len(w.AWS.Writes()))
			}
		})
	}
	t.Run("the account becomes production after the plan", func(t *testing.T) {
		t.Parallel()
		w := actionstest.NewWorld(t)
		ask := actionstest.Case("stop_instance")
		p, _ := w.Planned(t, ask)
		w.Know(ask.ARN, ask.Rule, "production")
		_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
		refused(t, err, actions.CodeNeedsSecond)
	})
	t.Run("an undo in production needs its own approval", func(t *testing.T) {
		t.Parallel()
		w := actionstest.NewWorld(t)
		ask := actionstest.Case("revoke_open_ingress")
		w.Know(ask.ARN, ask.Rule, "production")
		p, approvals := w.Planned(t, ask)
		execute(t, w, p, approvals)
		_, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
		refused(t, err, actions.CodeNeedsSecond)
		_, err = w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
		refused(t, err, actions.CodeBadApproval)
	})
}

// The rates hold, whoever asks.
func TestLimits(t *testing.T) {
	t.Parallel()
	const more = 12
	setup := func(t *testing.T, change func(*actionstest.World)) (*actionstest.World, []actions.Planned) {
		t.Helper()
		w := actionstest.NewWorld(t)
		ask := actionstest.Case("stop_instance")
		var accounts []string
		for i := range more {
			accounts = append(accounts, fmt.Sprintf("%012d", i))
		}
		w.Config.Settings.Allow = []actions.Allow{{Action: ask.Action, Accounts: append(accounts, actionstest.Account), Environments: []string{"staging"}}}
		w.Restart(t)
		change(w)
		plans := make([]actions.Planned, more)
		for i := range plans {
			id := fmt.Sprintf("i-%d", i+1)
			w.AWS.Change(func(a *actionstest.AWS) {
				one := *a.Instances["i-1"]
				one.InstanceId = aws.String(id)
				a.Instances[id] = &one
			})
			arn := actionstest.EC2("instance/" + id)
			w.Know(arn, ask.Rule, "staging")
			plans[i], _ = w.Planned(t, actions.Ask{Action: ask.Action, ARN: arn, Rule: ask.Rule})
		}
		return w, plans
	}
	run := func(t *testing.T, w *actionstest.World, plans []actions.Planned) (done int, last error) {
		t.Helper()
		for _, p := range plans {
			_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
			if err == nil {
				done++
			} else {
				last = err
			}
		}
		return done, last
	}
	t.Run("3 an account and hour", func(t *testing.T) {
		t.Parallel()
		w, plans := setup(t, func(*actionstest.World) {})
		done, err := run(t, w, plans)
		refused(t, err, actions.CodeAccountLimit)
		if done != 3 || len(w.AWS.Writes()) != 3 {
			t.Errorf("%d done", done)
		}
		journaled(t, w, actions.CodeAccountLimit)
		w.Advance(time.Hour + time.Minute)
		for i := range plans { // plan again: those have expired
			w.Know(plans[i].Plan.ARN, plans[i].Plan.Rule, "staging")
		}
		p, _ := w.Planned(t, actions.Ask{Action: "stop_instance", ARN: plans[7].Plan.ARN, Rule: plans[7].Plan.Rule})
		if _, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
	t.Run("10 an hour", func(t *testing.T) {
		t.Parallel()
		w, plans := setup(t, func(*actionstest.World) {})
		// Others did nine in other accounts.
		for i := range 9 {
			at := w.Now().Add(-time.Duration(i) * time.Minute)
			e := actions.Entry{Kind: actions.KindIntended, Plan: fmt.Sprint("p", i), Phase: actions.PhaseExecute, Attempt: fmt.Sprint("a", i), At: at, Observed: at, Account: fmt.Sprintf("%012d", i), Type: "s3:bucket", ARN: fmt.Sprint("arn:aws:s3:::b", i)}
			if err := w.Journal.Append(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		done, err := run(t, w, plans[:2])
		refused(t, err, actions.CodeHourLimit)
		if done != 1 {
			t.Errorf("%d done", done)
		}
	})
	t.Run("2% of a type in a day", func(t *testing.T) {
		t.Parallel()
		w, plans := setup(t, func(*actionstest.World) {})
		w.Evidence.SetCount("ec2:instance", 149)
		done, err := run(t, w, plans[:3])
		refused(t, err, actions.CodeTypeLimit)
		if done != 2 {
			t.Errorf("%d done", done)
		}
	})
	t.Run("settings only lower them", func(t *testing.T) {
		t.Parallel()
		for _, l := range []actions.Limits{{Hour: 11}, {AccountHour: 4}, {TypePercent: 3}, {Hour: -1}} {
			if _, err := (actions.Settings{Limits: l}).Checked(); err == nil {
				t.Errorf("%+v was accepted", l)
			}
		}
	})
	t.Run("side by side never one too many", func(t *testing.T) {
		t.Parallel()
		w, plans := setup(t, func(*actionstest.World) {})
		done := make(chan bool, len(plans))
		for _, p := range plans {
			go func() {
				_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
				done <- err == nil
			}()
		}
		for range plans {
			<-done
		}
		if n := len(w.AWS.Writes()); n > 3 {
			t.Errorf("%d were done", n)
		}
	})
}

// What is not this function's, was changed, is over or is the author's own is refused.
func TestSeals(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	ask := actionstest.Case("release_address")
	p, approvals := w.Planned(t, ask)
	run := func(plan string, approvals ...string) error {
		_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), plan, approvals)
		return err
	}
	for i := range len(p.Sealed) {
		changed := []byte(p.Sealed)
		changed[i] ^= 1
		if err := run(string(changed), approvals...); err == nil {
			t.Fatalf("byte %d was changed, and the plan executed", i)
		}
	}
	refused(t, run("plan1.k2.e30.AAAA", approvals...), actions.CodeBadPlan)
	refused(t, run(approvals[0], approvals...), actions.CodeBadPlan)
	refused(t, run(p.Sealed, p.Sealed), actions.CodeBadApproval)
	refused(t, run(p.Sealed, approvals[0]+"x"), actions.CodeBadApproval)

	other, theirs := w.Planned(t, ask)
	refused(t, run(p.Sealed, theirs...), actions.CodeBadApproval)
	refused(t, run(other.Sealed, w.Approved(t, other, actions.PhaseUndo)...), actions.CodeBadApproval)

	for _, same := range []actions.Person{
		actionstest.Ada, {Email: "ADA@example.com"}, {Email: " ada@example.com", Subject: "another"}, {Email: "alias@example.com", Subject: actionstest.Ada.Subject},
	} {
		_, _, err := w.Engine.Approve(t.Context(), w.By(same), p.Sealed, actions.PhaseExecute)
		refused(t, err, actions.CodeSamePerson)
	}
	// A key that is gone seals nothing.
	foreign := actionstest.NewWorld(t)
	keys, err := actions.NewKeys([]string{"k2"}, map[string][]byte{"k2": actionstest.Key(9)})
	if err != nil {
		t.Fatal(err)
	}
	foreign.Config.Keys = keys
	foreign.Restart(t)
	_, err = foreign.Engine.Execute(t.Context(), foreign.By(actionstest.Ada), p.Sealed, approvals)
	refused(t, err, actions.CodeBadPlan)
	// One that rotated still opens what it sealed.
	old := actionstest.NewWorld(t)
	if old.Config.Keys, err = actions.NewKeys([]string{"k3", "k2"}, map[string][]byte{"k3": actionstest.Key(3), "k2": actionstest.Key(2)}); err != nil {
		t.Fatal(err)
	}
	old.Restart(t)
	if _, err := old.Engine.Execute(t.Context(), old.By(actionstest.Ada), p.Sealed, approvals); err != nil {
		t.Errorf("a plan of the former key: %v", err)
	}

	w.Advance(actions.PlanTime + time.Second)
	refused(t, run(p.Sealed, approvals...), actions.CodeExpired)
	_, _, err = w.Engine.Approve(t.Context(), w.By(actionstest.Grace), p.Sealed, actions.PhaseExecute)
	refused(t, err, actions.CodeExpired)
	nothingDone(t, w)
}

// An approval by the plan's author is refused at the execution as well, even if it is sealed.
func TestOwnApprovalIsRefused(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, approvals := w.Planned(t, actionstest.Case("release_address"))
	by := actions.ResealApproval(t, w.Config.Keys, approvals[0], func(a *actions.Approval) { a.By = actionstest.Ada })
	_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Grace), p.Sealed, []string{by})
	refused(t, err, actions.CodeSamePerson)
	nothingDone(t, w)
}

// A plan that needs nobody's approval expires as well.
func TestPlanExpires(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	p, _ := w.Planned(t, actionstest.Case("stop_instance"))
	w.Advance(actions.PlanTime + time.Second)
	_, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, nil)
	refused(t, err, actions.CodeExpired)
	nothingDone(t, w)
}
