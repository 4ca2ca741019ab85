package terraform_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"polo/alerts/route"
	catalogue "polo/schema/alerts"
)

const alertsFunction = "prod-polo-alerts"

// ofAlerts returns how many resources of each type the function of alerts adds, those of the example around it included.
func ofAlerts() map[string]int {
	return map[string]int{
		"aws_ssm_parameter": 1, "aws_lambda_function": 1, "aws_lambda_function_event_invoke_config": 1, "aws_cloudwatch_log_group": 1,
		"aws_cloudwatch_metric_alarm": 5, "aws_scheduler_schedule": 1,
		// Its own, and the scheduler's for starting it.
		"aws_iam_role": 1, "aws_iam_role_policy": 2,
		// To the endpoints of AWS and of ClickHouse, and to channels; the endpoints of SNS and SSM.
		"aws_security_group": 1, "aws_vpc_security_group_ingress_rule": 2, "aws_vpc_security_group_egress_rule": 3, "aws_vpc_endpoint": 2,
		"aws_sns_topic": 1, "aws_secretsmanager_secret": 2,
	}
}

// alertsActions returns what the function of alerts calls, each on the example's resource.
func alertsActions(t *testing.T, made []stateResource) []string {
	t.Helper()
	resources := map[string][]string{
		"secretsmanager": {secretOf(t, made, "alerts"), secretOf(t, made, "channels")},
		"sesv2":          {"arn:aws:ses:eu-west-1:123456789012:identity/example.com"},
		"sns":            {"arn:aws:sns:eu-west-1:123456789012:prod-polo-alerts"},
		"ssm":            {"arn:aws:ssm:eu-west-1:123456789012:parameter/prod-polo/alerts"},
	}
	c := readCode(t, "./alerts/lambda")
	var out []string
	unused := maps.Clone(resources)
	for _, pkg := range c.within("polo/alerts/lambda") {
		if pkg == "polo/internal/queue/sqs" { // sending runs its code instead
			continue
		}
		for _, op := range c.calls(t, pkg) {
			service, _, _ := strings.Cut(string(op), ".")
			if len(resources[service]) == 0 {
				t.Errorf("%s calls %s: on what does this test not know", pkg, op)
			}
			delete(unused, service)
			for _, resource := range resources[service] {
				out = append(out, on(resource, action(op))...)
			}
		}
	}
	if len(unused) > 0 {
		t.Errorf("nothing calls %v: this test does not parse the code correctly", slices.Sorted(maps.Keys(unused)))
	}
	return out
}

// requiredSetting matches the variables that a function does not start without.
var requiredSetting = regexp.MustCompile(`env:"(POLO_[A-Z_]+),required"`)

// checkAlerts checks that the function of alerts can run: it has every variable that it requires, and its code reads the configuration.
func checkAlerts(t *testing.T, made []stateResource) {
	required := requiredSetting.FindAllStringSubmatch(read(t, filepath.Join(root, "alerts/lambda/settings.go")), -1)
	if len(required) < 5 {
		t.Fatalf("%d required variables: this test does not parse alerts/lambda correctly", len(required))
	}
	for _, f := range as[function](t, made, "aws_lambda_function") {
		if f.Name != alertsFunction {
			continue
		}
		for _, m := range required {
			if f.Environment[0].Variables[m[1]] == "" {
				t.Errorf("%s has no %s", f.Name, m[1])
			}
		}
		if want := []string{"arn:aws:ssm:eu-west-1:123456789012:parameter/prod-polo/alerts", "5m"}; !slices.Equal(want, []string{
			f.Environment[0].Variables["POLO_ALERTS"], f.Environment[0].Variables["POLO_ALERTS_INTERVAL"],
		}) {
			t.Errorf("%s has not its configuration and interval: %v", f.Name, f.Environment[0].Variables)
		}
	}
	var ids []string
	for _, a := range catalogue.All() {
		ids = append(ids, a.ID)
	}
	parameters := as[struct{ ARN, Type, Value string }](t, made, "aws_ssm_parameter")
	if len(parameters) != 1 {
		t.Errorf("%d parameters of SSM, not one", len(parameters))
	}
	for address, p := range parameters {
		c, err := route.Parse([]byte(p.Value), ids)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if unused := c.Unused(); len(unused) > 0 {
			t.Errorf("%s: nothing is sent to %v", address, unused)
		}
		if topic := c.Channels["topic"].SNS; topic == nil || topic.TopicARN != "arn:aws:sns:eu-west-1:123456789012:prod-polo-alerts" {
			t.Errorf("%s: the topic is %v", address, topic)
		}
	}
}
