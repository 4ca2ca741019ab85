package terraform_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/producers/registry"
)

type function struct {
	Name        string `json:"function_name"`
	Handler     string
	Filename    string
	Environment []struct{ Variables map[string]string }
}

// sources checks that every registered source has a function, a zip, and a schedule with the source's
// period unless the example sets another.
func sources(t *testing.T, made []stateResource) {
	all, err := registry.All()
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string]function{}
	for _, f := range as[function](t, made, "aws_lambda_function") {
		functions[f.Name] = f
	}
	schedules := map[string]string{}
	for _, s := range as[struct {
		Name       string
		Expression string `json:"schedule_expression"`
	}](t, made, "aws_scheduler_schedule") {
		schedules[s.Name] = s.Expression
	}
	// Set by the example.
	periods := map[string]time.Duration{"aws.ec2": 30 * time.Minute, "aws.organizations": 12 * time.Hour}
	for _, s := range all {
		name := "prod-polo-" + strings.ReplaceAll(s.Name, ".", "-")
		period := s.Period
		if p, ok := periods[s.Name]; ok {
			period = p
		}
		if want := fmt.Sprintf("rate(%d minutes)", int(period.Minutes())); schedules[name] != want {
			t.Errorf("%s is scheduled %q, not %q", s.Name, schedules[name], want)
		}
		f, ok := functions[name]
		if !ok {
			t.Errorf("%s has no function", s.Name)
			continue
		}
		zip := strings.TrimSuffix(filepath.Base(f.Filename), "-arm64.zip")
		if _, err := os.Stat(filepath.Join(root, mains[zip])); err != nil {
			t.Errorf("%s runs %s, which has no main: %v", s.Name, zip, err)
		}
		if got := f.Environment[0].Variables["POLO_SOURCE"]; got != s.Name {
			t.Errorf("the function of %s collects %q", s.Name, got)
		}
	}
}

// mains maps each zip to the package it is built from.
var mains = map[string]string{
	"consumer": "consumer/lambda", "cloudtrail": "producers/cloudtrail/lambda", "cloudwatch": "producers/cloudwatch/lambda", "cloudflare": "producers/cloudflare/lambda", "github": "producers/github/lambda",
	"github-webhooks": "producers/github/webhooks/lambda",
	"costexplorer":    "producers/costexplorer/lambda", "cur": "producers/cur/lambda", "datadog": "producers/datadog/lambda", "inventory": "producers/inventory/lambda",
	"organizations": "producers/organizations/lambda", "alerts": "alerts/lambda",
}

// asked records the SQS operations called.
type asked struct{ operations []operation }

func (a *asked) note(name string) { a.operations = append(a.operations, operation("sqs."+name)) }

func (a *asked) GetQueueUrl(context.Context, *awssqs.GetQueueUrlInput, ...func(*awssqs.Options)) (*awssqs.GetQueueUrlOutput, error) { //nolint:revive // the SDK's name
	a.note("GetQueueUrl")
	return &awssqs.GetQueueUrlOutput{QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/123456789012/q")}, nil
}

func (a *asked) GetQueueAttributes(context.Context, *awssqs.GetQueueAttributesInput, ...func(*awssqs.Options)) (*awssqs.GetQueueAttributesOutput, error) {
	a.note("GetQueueAttributes")
	return &awssqs.GetQueueAttributesOutput{Attributes: map[string]string{
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
		"MessageRetentionPeriod": "345600", "VisibilityTimeout": "30", "MaximumMessageSize": "262144",
	}}, nil
}

func (a *asked) SendMessageBatch(context.Context, *awssqs.SendMessageBatchInput, ...func(*awssqs.Options)) (*awssqs.SendMessageBatchOutput, error) {
	a.note("SendMessageBatch")
	return &awssqs.SendMessageBatchOutput{}, nil
}

func (a *asked) ReceiveMessage(context.Context, *awssqs.ReceiveMessageInput, ...func(*awssqs.Options)) (*awssqs.ReceiveMessageOutput, error) {
	a.note("ReceiveMessage")
	return &awssqs.ReceiveMessageOutput{}, nil
}

func (a *asked) DeleteMessageBatch(context.Context, *awssqs.DeleteMessageBatchInput, ...func(*awssqs.Options)) (*awssqs.DeleteMessageBatchOutput, error) {
	a.note("DeleteMessageBatch")
	return &awssqs.DeleteMessageBatchOutput{}, nil
}

func (a *asked) ChangeMessageVisibilityBatch(context.Context, *awssqs.ChangeMessageVisibilityBatchInput, ...func(*awssqs.Options)) (*awssqs.ChangeMessageVisibilityBatchOutput, error) {
	a.note("ChangeMessageVisibilityBatch")
	return &awssqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// asking are the actions of asking a queue for its retention by the ARN that an event tells.
func asking(t *testing.T) []string {
	t.Helper()
	a := &asked{}
	if _, err := sqs.Retention(t.Context(), a, mainQueue); err != nil {
		t.Fatal(err)
	}
	return actions(a.operations)
}

// sending are the operations of opening a queue by what the environment says of it, and of
// sending to it: all that collectors do with queues, and the consumer with dead letters.
func sending(t *testing.T, name string) []operation {
	t.Helper()
	a := &asked{}
	q, err := sqs.Open(t.Context(), a, name)
	if err != nil {
		t.Fatal(err)
	}
	q.SendBatch(t.Context(), []queue.Outgoing{{Body: "x"}})
	return a.operations
}

// Resources of the example's policies.
const (
	webhooksQueue = "arn:aws:sqs:eu-west-1:123456789012:prod-github-webhooks"
	mainQueue     = "arn:aws:sqs:eu-west-1:123456789012:prod-polo-events"
	deadLetters   = "arn:aws:sqs:eu-west-1:123456789012:prod-polo-events-dlq"
)

// executionPolicies checks that each function's role allows exactly what its code calls, and what
// Lambda does in its name, each on the right resource.
func executionPolicies(t *testing.T, made []stateResource) {
	logging := func(function string) []string {
		return on("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/"+function+":*", "logs:CreateLogStream", "logs:PutLogEvents")
	}
	var starting []string
	queues := map[string][]string{}
	for _, f := range as[function](t, made, "aws_lambda_function") {
		queues[f.Name] = actions(sending(t, f.Environment[0].Variables["POLO_DLQ"]))
		switch f.Name {
		case "prod-polo-consumer", "prod-polo-github-webhooks": // a queue calls these
		case alertsFunction: // see start_alerts
		default:
			starting = append(starting, on("arn:aws:lambda:eu-west-1:123456789012:function:"+f.Name, "lambda:InvokeFunction")...)
		}
	}
	joining := on("*", "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
		"ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses")
	c := readCode(t, "./consumer/lambda", "./internal/awsaccounts")
	// The example lists its accounts; listing an organisation's needs more.
	accounts := actions(leaveOut(c.calls(t, "polo/internal/awsaccounts"), "organizations."))
	for address, p := range as[struct{ Role, Policy string }](t, made, "aws_iam_role_policy") {
		var wanted []string
		switch {
		case strings.Contains(address, ".scheduler"):
			wanted = starting
		case strings.Contains(address, ".start_alerts"):
			wanted = on("arn:aws:lambda:eu-west-1:123456789012:function:"+alertsFunction, "lambda:InvokeFunction")
		case strings.HasPrefix(address, "module.read_role."):
			continue // see TestReadPolicyIsWhatTheCodeCalls
		case p.Role == "prod-polo-consumer":
			wanted = slices.Concat(logging(p.Role), on(deadLetters, queues[p.Role]...), on(secretOf(t, made, "clickhouse"), passwordActions(t, c)...),
				on(mainQueue, asking(t)...),
				// In AWS's own policies for functions that a queue calls, and for those in a network.
				on(mainQueue, "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
				joining)
		case p.Role == alertsFunction:
			wanted = slices.Concat(logging(p.Role), on(mainQueue, queues[p.Role]...), on(deadLetters, queues[p.Role]...), alertsActions(t, made), joining)
		case p.Role == "prod-polo-github-webhooks":
			wanted = slices.Concat(logging(p.Role), on(mainQueue, queues[p.Role]...), on(deadLetters, queues[p.Role]...),
				on(secretOf(t, made, "github"), passwordActions(t, c)...), on(webhooksQueue, "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"))
		case !strings.HasPrefix(p.Role, "prod-polo-aws-"): // of another platform: no account of AWS
			platform, _, _ := strings.Cut(strings.TrimPrefix(p.Role, "prod-polo-"), "-")
			wanted = slices.Concat(logging(p.Role), on(mainQueue, queues[p.Role]...), on(deadLetters, queues[p.Role]...),
				on(secretOf(t, made, platform), passwordActions(t, c)...))
		default:
			wanted = slices.Concat(logging(p.Role), on(mainQueue, queues[p.Role]...), on(deadLetters, queues[p.Role]...),
				on("arn:aws:iam::123456789012:role/prod-PoloReadRole", accounts...), on("arn:aws:iam::210987654321:role/prod-PoloReadRole", accounts...))
		}
		for _, problem := range compare(p.Role, wanted, parsePolicy(t, p.Policy).allowedOn()) {
			t.Error(problem)
		}
	}
}

// secretOf returns the ARN of the example's secret of a name.
func secretOf(t *testing.T, made []stateResource, name string) string {
	t.Helper()
	for address, s := range as[struct{ ARN string }](t, made, "aws_secretsmanager_secret") {
		if strings.HasSuffix(address, "."+name) {
			return s.ARN
		}
	}
	t.Fatalf("the example has no secret %s", name)
	return ""
}

// passwordActions returns what the consumer, and every reader of a secret, calls on the password stores, limited to the one that the
// example uses.
func passwordActions(t *testing.T, c code) []string {
	t.Helper()
	var called []operation
	for _, pkg := range c.within("polo/consumer/lambda") {
		if pkg != "polo/internal/queue/sqs" { // sending runs its code instead
			called = append(called, c.calls(t, pkg)...)
		}
	}
	called = leaveOut(called, "ssm.")
	return actions(called)
}

// environment checks that a function's code reads each of its variables.
func environment(t *testing.T, made []stateResource) {
	for _, f := range as[function](t, made, "aws_lambda_function") {
		folders := []string{"producers"}
		switch f.Name {
		case "prod-polo-consumer":
			folders = []string{"consumer", "internal"}
		case alertsFunction:
			folders = []string{"alerts", "internal"}
		}
		for _, name := range slices.Sorted(maps.Keys(f.Environment[0].Variables)) {
			if !slices.ContainsFunc(folders, func(folder string) bool { return names(t, folder)[name] }) && !expected[name] {
				t.Errorf("%s has %s, which no code reads", f.Name, name)
			}
		}
		if f.Handler != "bootstrap" {
			t.Errorf("%s starts %q, which is not in its zip", f.Name, f.Handler)
		}
	}
}

// expected are variables that libraries read: OpenTelemetry's SDK.
var expected = map[string]bool{"OTEL_EXPORTER_OTLP_ENDPOINT": true}

var settingName = regexp.MustCompile(`"(POLO_[A-Z_]+)[",]`)

// names returns the variables that a folder's code names.
func names(t *testing.T, folder string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range settingName.FindAllStringSubmatch(string(data), -1) {
			out[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
