package terraform_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// state is the part of a state from "terraform show -json" that the tests use.
type state struct {
	Values struct {
		RootModule stateModule `json:"root_module"`
	}
}

type stateModule struct {
	Resources []stateResource
	Children  []stateModule `json:"child_modules"`
}

type stateResource struct {
	Address, Mode, Type string
	Index               any
	Values              json.RawMessage
}

// all returns the resources of a module and its submodules, without data sources.
func (m stateModule) all() []stateResource {
	var out []stateResource
	for _, r := range m.Resources {
		if r.Mode == "managed" {
			out = append(out, r)
		}
	}
	for _, c := range m.Children {
		out = append(out, c.all()...)
	}
	return out
}

// as decodes the values of every resource of a type.
func as[V any](t *testing.T, resources []stateResource, typ string) map[string]V {
	t.Helper()
	out := map[string]V{}
	for _, r := range resources {
		if r.Type != typ {
			continue
		}
		var v V
		if err := json.Unmarshal(r.Values, &v); err != nil {
			t.Fatalf("reading %s: %v", r.Address, err)
		}
		out[r.Address] = v
	}
	return out
}

// change is the part of a plan that the tests use.
type change struct {
	Address, Type string
	Change        struct {
		Actions       []string
		Before, After map[string]json.RawMessage
	}
}

// differing returns the attributes that change.
func (c change) differing() []string {
	var out []string
	for name, after := range c.Change.After {
		if string(after) != string(c.Change.Before[name]) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// A deployment that starts from the example is created by the real provider against moto.
// It has what it should, a second plan is empty, and destroy removes it.
func TestApply(t *testing.T) {
	t.Parallel()
	heavy(t)
	need(t, "terraform")
	w := ownDeployment(t,
		"AWS_ENDPOINT_URL="+startAWS(t), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true",
		"TF_VAR_artifacts_folder="+zips(t))
	w.run(t, "apply", "-auto-approve", "-input=false", "-parallelism=20")
	var s state
	if err := json.Unmarshal([]byte(w.run(t, "show", "-json")), &s); err != nil {
		t.Fatal(err)
	}
	made := s.Values.RootModule.all()
	t.Run("Counts", func(t *testing.T) { counts(t, made) })
	t.Run("Sources", func(t *testing.T) { sources(t, made) })
	t.Run("Policies", func(t *testing.T) { executionPolicies(t, made) })
	t.Run("Environment", func(t *testing.T) { environment(t, made) })
	t.Run("Alerts", func(t *testing.T) { checkAlerts(t, made) })
	t.Run("Alarms", func(t *testing.T) { alarms(t, made) })
	t.Run("Metrics", func(t *testing.T) { checkMetrics(t, made) })
	t.Run("Drift", func(t *testing.T) { drift(t, w) })
	w.run(t, "destroy", "-auto-approve", "-input=false", "-parallelism=20")
	if left := strings.TrimSpace(w.run(t, "state", "list")); left != "" {
		t.Errorf("destroy left:\n%s", left)
	}
}

// counts checks how many resources of each type there are.
func counts(t *testing.T, made []stateResource) {
	collectors, running, paid, alarms := 41, 40, 4-1, 0
	alarms = 3 + 4 + 10 + 2 + 3*running + paid + 3
	wanted := map[string]int{
		"aws_sqs_queue": 2 + 2, "aws_sqs_queue_policy": 2, "aws_sqs_queue_redrive_policy": 1 + 1, "aws_sqs_queue_redrive_allow_policy": 2,
		// The consumer, and the function of webhooks.
		"aws_lambda_function": 2 + collectors, "aws_lambda_event_source_mapping": 2, "aws_lambda_function_event_invoke_config": collectors,
		"aws_cloudwatch_log_group": 2 + collectors, "aws_cloudwatch_metric_alarm": alarms, "aws_cloudwatch_dashboard": 1,
		"aws_scheduler_schedule": collectors, "aws_scheduler_schedule_group": 1,
		// The consumer's, the scheduler's, the read role, that of webhooks; and one for each collector.
		"aws_iam_role": 4 + collectors, "aws_iam_role_policy": 4 + collectors,
		"aws_security_group": 2, "aws_vpc_security_group_ingress_rule": 2, "aws_vpc_security_group_egress_rule": 2, "aws_vpc_endpoint": 3,
		// The example's resources around the module.
		"aws_sns_topic": 1, "aws_secretsmanager_secret": 4, "aws_vpc": 1, "aws_subnet": 2,
	}
	for typ, n := range ofAlerts() {
		wanted[typ] += n
	}
	found := map[string]int{}
	for _, r := range made {
		found[r.Type]++
	}
	for _, typ := range slices.Sorted(maps.Keys(wanted)) {
		if found[typ] != wanted[typ] {
			t.Errorf("%d of %s, not %d", found[typ], typ, wanted[typ])
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(found)) {
		if wanted[typ] == 0 {
			t.Errorf("%d of %s, which are unexpected", found[typ], typ)
		}
	}
	t.Logf("%d resources", len(made))
}

// drift checks that a second plan changes nothing, except what moto does not store.
func drift(t *testing.T, w working) {
	w.run(t, "plan", "-input=false", "-parallelism=20", "-out=again")
	var plan struct {
		ResourceChanges []change `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(w.run(t, "show", "-json", "again")), &plan); err != nil {
		t.Fatal(err)
	}
	if len(plan.ResourceChanges) == 0 {
		t.Fatal("the plan knows no resource")
	}
	for _, c := range plan.ResourceChanges {
		switch what := c.differing(); {
		case slices.Equal(c.Change.Actions, []string{"no-op"}), slices.Equal(c.Change.Actions, []string{"read"}):
		// moto does not store the description of a rule between two security groups.
		case strings.HasPrefix(c.Type, "aws_vpc_security_group_") && slices.Equal(what, []string{"description"}):
		default:
			t.Errorf("%s: a second apply would %v %v", c.Address, c.Change.Actions, what)
		}
	}
}
