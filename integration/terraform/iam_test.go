package terraform_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// action returns the IAM action of an operation. Most have the same name; the others are
// from the Service Authorization Reference.
func action(op operation) string {
	switch op {
	case "s3.ListBuckets":
		return "s3:ListAllMyBuckets"
	case "s3.GetBucketEncryption":
		return "s3:GetEncryptionConfiguration"
	case "s3.GetPublicAccessBlock":
		return "s3:GetBucketPublicAccessBlock"
	case "s3.ListObjectsV2":
		return "s3:ListBucket"
	case "s3.HeadObject":
		return "s3:GetObject"
	case "sqs.SendMessageBatch":
		return "sqs:SendMessage"
	case "sqs.DeleteMessageBatch":
		return "sqs:DeleteMessage"
	case "sqs.ChangeMessageVisibilityBatch":
		return "sqs:ChangeMessageVisibility"
	}
	service, name, _ := strings.Cut(string(op), ".")
	if prefix := map[string]string{
		"cloudwatchlogs":           "logs",
		"costexplorer":             "ce",
		"efs":                      "elasticfilesystem",
		"elasticloadbalancingv2":   "elasticloadbalancing",
		"resourcegroupstaggingapi": "tag",
		"sesv2":                    "ses",
	}[service]; prefix != "" {
		service = prefix
	}
	return service + ":" + name
}

func actions(ops []operation) []string {
	var out []string
	for _, op := range ops {
		out = append(out, action(op))
	}
	return out
}

// oneOrMore is a JSON list, of which a single element may stand alone.
type oneOrMore []string

func (l *oneOrMore) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

type statement struct {
	Sid, Effect      string
	Action, Resource oneOrMore
}

type policy struct{ Statement []statement }

func parsePolicy(t *testing.T, text string) policy {
	t.Helper()
	var p policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("reading a policy: %v\n%s", err, text)
	}
	return p
}

// allowed returns the actions that a policy allows.
func (p policy) allowed() []string {
	var out []string
	for _, s := range p.Statement {
		if s.Effect == "Allow" {
			out = append(out, s.Action...)
		}
	}
	return out
}

// allowedOn returns the actions that a policy allows, each with its resource.
func (p policy) allowedOn() []string {
	var out []string
	for _, s := range p.Statement {
		if s.Effect == "Allow" {
			for _, resource := range s.Resource {
				out = append(out, on(resource, s.Action...)...)
			}
		}
	}
	return out
}

// on returns actions on a resource in allowedOn's form.
func on(resource string, actions ...string) []string {
	out := make([]string, len(actions))
	for i, a := range actions {
		out[i] = a + " on " + resource
	}
	return out
}

// compare names every missing action, and every superfluous one.
func compare(whose string, wanted, allowed []string) []string {
	var out []string
	distinct := func(list []string) []string {
		list = slices.Clone(list)
		slices.Sort(list)
		return slices.Compact(list)
	}
	for _, a := range distinct(wanted) {
		if !slices.Contains(allowed, a) {
			out = append(out, fmt.Sprintf("%s: %s is missing: the code calls it", whose, a))
		}
	}
	for _, a := range distinct(allowed) {
		if !slices.Contains(wanted, a) {
			out = append(out, fmt.Sprintf("%s: %s is one too many: nothing calls it", whose, a))
		}
	}
	return out
}

// The comparison detects what it is for.
func TestComparisonDetectsDifferences(t *testing.T) {
	t.Parallel()
	wanted := []string{"ec2:DescribeVpcs", "ec2:DescribeSubnets"}
	for name, tc := range map[string]struct {
		allowed []string
		problem string
	}{
		"the same":  {[]string{"ec2:DescribeSubnets", "ec2:DescribeVpcs"}, ""},
		"missing":   {[]string{"ec2:DescribeVpcs"}, "x: ec2:DescribeSubnets is missing: the code calls it"},
		"too many":  {[]string{"ec2:DescribeSubnets", "ec2:DescribeVpcs", "ec2:RunInstances"}, "x: ec2:RunInstances is one too many: nothing calls it"},
		"wildcards": {[]string{"ec2:DescribeSubnets", "ec2:DescribeVpcs", "ec2:*"}, "x: ec2:* is one too many: nothing calls it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(compare("x", wanted, tc.allowed), "\n"); got != tc.problem {
				t.Errorf("%q, not %q", got, tc.problem)
			}
		})
	}
}
