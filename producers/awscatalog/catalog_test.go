package awscatalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/awscatalog"
)

var place = awscatalog.Place{Region: "eu-west-1", Account: "111122223333"}

// each returns a different value for every parameter.
func each(parameter string) string {
	switch parameter {
	case "path":
		return "team/"
	case "scope":
		return "regional"
	}
	return "x" + strings.ReplaceAll(parameter, "-", "")
}

// The ARN of each type describes that type, and parsing it gives the same ARN.
func TestTypesAgreeWithTheirARNs(t *testing.T) {
	t.Parallel()
	if len(awscatalog.Types()) < 200 {
		t.Errorf("%d types", len(awscatalog.Types()))
	}
	for _, typ := range awscatalog.Types() {
		if !typ.HasARN() {
			continue
		}
		name := map[string]string{"elasticloadbalancing:loadbalancer/v2": "app/name/50dc", "elasticloadbalancing:targetgroup": "name/50dc"}[typ.Name]
		if name == "" {
			name = "name"
		}
		arn, ok := typ.Build(place, name, each)
		if !ok {
			t.Errorf("%s: no ARN", typ.Name)
			continue
		}
		d, ok := awscatalog.Describe(arn)
		if !ok || d.Type != typ.ResourceType() || d.ARN != arn {
			t.Errorf("%s: %s is read as %s of type %s", typ.Name, arn, d.ARN, d.Type)
		}
		if typ.ResourceType() != "iam:root" && typ.ResourceType() != "glue:catalog" && d.Name != "name" {
			t.Errorf("%s: %s is called %q", typ.Name, arn, d.Name)
		}
		for _, up := range d.Ancestors() {
			if _, err := envelope.ParseARN(up); err != nil {
				t.Errorf("%s: ancestor %q: %v", typ.Name, up, err)
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	const at, regional = "arn:aws:iam::111122223333:", "eu-west-1:111122223333:"
	type described struct {
		Type, ID, Name string
		Ancestors      []string
	}
	for arn, want := range map[string]described{
		"arn:aws:ec2:" + regional + "instance/i-0123456789abcdef0":             {Type: "ec2:instance", ID: "i-0123456789abcdef0", Name: "i-0123456789abcdef0"},
		"arn:aws:s3:::b-example":                                               {Type: "s3:bucket", ID: "b-example", Name: "b-example"},
		"arn:aws:s3:::b-example/a/b.txt":                                       {Type: "s3:object", ID: "b-example/a/b.txt", Name: "a/b.txt", Ancestors: []string{"arn:aws:s3:::b-example"}},
		"arn:aws:s3:" + regional + "accesspoint/p":                             {Type: "s3:accesspoint", ID: "p", Name: "p"},
		at + "role/a/w":                                                        {Type: "iam:role", ID: "a/w", Name: "w"},
		at + "root":                                                            {Type: "iam:root", ID: "111122223333", Name: "111122223333"},
		"arn:aws:iam::aws:policy/ReadOnlyAccess":                               {Type: "iam:policy", ID: "ReadOnlyAccess", Name: "ReadOnlyAccess"},
		"arn:aws:sqs:" + regional + "q":                                        {Type: "sqs:queue", ID: "q", Name: "q"},
		"arn:aws:sns:" + regional + "t:5f0c":                                   {Type: "sns:subscription", ID: "t:5f0c", Name: "5f0c", Ancestors: []string{"arn:aws:sns:" + regional + "t"}},
		"arn:aws:lambda:" + regional + "function:f:live":                       {Type: "lambda:function", ID: "f:live", Name: "f", Ancestors: []string{"arn:aws:lambda:" + regional + "function:f"}},
		"arn:aws:lambda:" + regional + "function:f":                            {Type: "lambda:function", ID: "f", Name: "f"},
		"arn:aws:secretsmanager:" + regional + "secret:app/db-AbCdEf":          {Type: "secretsmanager:secret", ID: "app/db-AbCdEf", Name: "app/db"},
		"arn:aws:ssm:" + regional + "parameter/app/db":                         {Type: "ssm:parameter", ID: "app/db", Name: "/app/db"},
		"arn:aws:elasticloadbalancing:" + regional + "loadbalancer/app/web/50": {Type: "elasticloadbalancing:loadbalancer", ID: "app/web/50", Name: "web"},
		"arn:aws:elasticloadbalancing:" + regional + "loadbalancer/classic":    {Type: "elasticloadbalancing:loadbalancer", ID: "classic", Name: "classic"},
		"arn:aws:elasticloadbalancing:" + regional + "listener/app/web/50/f1":  {Type: "elasticloadbalancing:listener", ID: "app/web/50/f1", Name: "web", Ancestors: []string{"arn:aws:elasticloadbalancing:" + regional + "loadbalancer/app/web/50"}},
		"arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/prod":           {Type: "apigateway:stages", ID: "abc123/stages/prod", Name: "prod", Ancestors: []string{"arn:aws:apigateway:eu-west-1::/restapis/abc123"}},
		"arn:aws:appmesh:" + regional + "mesh/m/virtualRouter/r/route/q":       {Type: "appmesh:route", ID: "m/virtualRouter/r/route/q", Name: "q", Ancestors: []string{"arn:aws:appmesh:" + regional + "mesh/m/virtualRouter/r", "arn:aws:appmesh:" + regional + "mesh/m"}},
		"arn:aws:logs:" + regional + "log-group:/aws/lambda/f":                 {Type: "logs:log-group", ID: "/aws/lambda/f", Name: "/aws/lambda/f"},
		"arn:aws:logs:" + regional + "log-group:/g:log-stream:s/1":             {Type: "logs:log-stream", ID: "/g:log-stream:s/1", Name: "s/1", Ancestors: []string{"arn:aws:logs:" + regional + "log-group:/g"}},
		"arn:aws:cloudformation:" + regional + "stack/web/5f0c":                {Type: "cloudformation:stack", ID: "web/5f0c", Name: "web"},
		"arn:aws:glue:" + regional + "catalog":                                 {Type: "glue:catalog", ID: "111122223333", Name: "111122223333"},
		"arn:aws:dynamodb:" + regional + "table/t/index/i":                     {Type: "dynamodb:index", ID: "t/index/i", Name: "i", Ancestors: []string{"arn:aws:dynamodb:" + regional + "table/t"}},
		"arn:aws:ecs:" + regional + "service/c/web":                            {Type: "ecs:service", ID: "c/web", Name: "web", Ancestors: []string{"arn:aws:ecs:" + regional + "cluster/c"}},
		"arn:aws:batch:" + regional + "job-definition/nightly:7":               {Type: "batch:job-definition", ID: "nightly:7", Name: "nightly"},
		"arn:aws:cloudwatch:" + regional + "alarm:cpu/high":                    {Type: "cloudwatch:alarm", ID: "cpu/high", Name: "cpu/high"},
		"arn:aws:events:" + regional + "rule/orders/n":                         {Type: "events:rule", ID: "orders/n", Name: "n", Ancestors: []string{"arn:aws:events:" + regional + "event-bus/orders"}},
		"arn:aws:events:" + regional + "rule/n":                                {Type: "events:rule", ID: "n", Name: "n", Ancestors: []string{"arn:aws:events:" + regional + "event-bus/default"}},
		"arn:aws:scheduler:" + regional + "schedule/team/s1":                   {Type: "scheduler:schedule", ID: "team/s1", Name: "s1", Ancestors: []string{"arn:aws:scheduler:" + regional + "schedule-group/team"}},
		"arn:aws:ecr:" + regional + "repository/team/web":                      {Type: "ecr:repository", ID: "team/web", Name: "team/web"},
		"arn:aws:codepipeline:" + regional + "release/build":                   {Type: "codepipeline:stage", ID: "release/build", Name: "build"},
		"arn:aws:frauddetector:" + regional + "detector/d":                     {Type: "frauddetector:detector", ID: "d", Name: "d"},
		"arn:aws:organizations::999988887777:account/o-1/111122223333":         {Type: "organizations:account", ID: "o-1/111122223333", Name: "111122223333", Ancestors: []string{"arn:aws:organizations::999988887777:organization/o-1"}},
		"arn:aws:eks:" + regional + "nodegroup/c/workers/2ab":                  {Type: "eks:nodegroup", ID: "c/workers/2ab", Name: "workers", Ancestors: []string{"arn:aws:eks:" + regional + "cluster/c"}},
		"arn:aws:wafv2:" + regional + "regional/webacl/front/2ab":              {Type: "wafv2:webacl", ID: "front/2ab", Name: "front"},
		"arn:aws:redshift:" + regional + "snapshot:c/s":                        {Type: "redshift:snapshot", ID: "c/s", Name: "s", Ancestors: []string{"arn:aws:redshift:" + regional + "cluster:c"}},
	} {
		r, ok := awscatalog.Describe(arn)
		got := described{r.Type, r.ID, r.Name, r.Ancestors()}
		if d := cmp.Diff(want, got); !ok || d != "" || r.ARN != arn {
			t.Errorf("%s (-want +got):\n%s", arn, d)
		}
	}
	for _, none := range []string{"", "i-0123456789abcdef0", "github:acme/web", "arn:aws:ec2:eu-west-1"} {
		if d, ok := awscatalog.Describe(none); ok {
			t.Errorf("%q is described: %+v", none, d)
		}
	}
}

// AWS writes some ARNs in several ways; all have the same key.
func TestOneKeyOfSeveralARNs(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"arn:aws:ec2:us-east-1:123456789012:snapshot/snap-0123456789abcdef0": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
		"arn:aws:ec2:us-east-1:123456789012:image/ami-0123456789abcdef0":     "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0",
		"arn:aws:logs:us-east-1:123456789012:log-group:/a:*":                 "arn:aws:logs:us-east-1:123456789012:log-group:/a",
		"arn:aws:logs:us-east-1:123456789012:log-group:/b:log-stream:":       "arn:aws:logs:us-east-1:123456789012:log-group:/b",
		"arn:aws:logs:us-east-1:123456789012:log-group:/c:log-stream:*":      "arn:aws:logs:us-east-1:123456789012:log-group:/c",
		"arn:aws:apigateway:us-east-1:123456789012:/restapis/a1":             "arn:aws:apigateway:us-east-1::/restapis/a1",
		"arn:aws:ec2:us-east-1:123456789012:ipam/ipam-0123456789abcdef0":     "arn:aws:ec2::123456789012:ipam/ipam-0123456789abcdef0",
		"arn:aws:s3:us-east-1:123456789012:async-request/mrap/x":             "arn:aws:s3:us-east-1:123456789012:async-request/mrap/x",
		"arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0":    "arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0",
	} {
		if d, _ := awscatalog.Describe(arn); d.ARN != want || d.Parsed.String() != want {
			t.Errorf("%s is %s (%s), want %s", arn, d.ARN, d.Parsed, want)
		}
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	type values map[string]string
	for _, tc := range []struct {
		typ, name string
		others    values
		want      string // "" for none
	}{
		{"scheduler:schedule", "s1", values{"group": "team"}, "arn:aws:scheduler:eu-west-1:111122223333:schedule/team/s1"},
		{"scheduler:schedule", "s1", nil, "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/s1"},
		{"events:rule", "n", values{"bus": "orders"}, "arn:aws:events:eu-west-1:111122223333:rule/orders/n"},
		{"events:rule", "n", values{"bus": "default"}, "arn:aws:events:eu-west-1:111122223333:rule/n"},
		{"events:rule", "n", nil, "arn:aws:events:eu-west-1:111122223333:rule/n"},
		{"ecs:service", "web", nil, "arn:aws:ecs:eu-west-1:111122223333:service/default/web"},
		{"ec2:snapshot", "snap-1", nil, "arn:aws:ec2:eu-west-1::snapshot/snap-1"},
		{"ec2:snapshot", "arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-1", nil, "arn:aws:ec2:eu-west-1::snapshot/snap-1"},
		{"route53:hostedzone", "/hostedzone/Z1", nil, "arn:aws:route53:::hostedzone/Z1"},
		{"ssm:parameter", "/app/db", nil, "arn:aws:ssm:eu-west-1:111122223333:parameter/app/db"},
		{"ssm:document", "AWS-RunShellScript", nil, "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"},
		{"ssm:document", "AmazonCloudWatch-ManageAgent", nil, "arn:aws:ssm:eu-west-1::document/AmazonCloudWatch-ManageAgent"},
		{"ssm:document", "arn:aws:ssm:eu-west-1:111122223333:document/AWS-RunShellScript", nil, "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"},
		{"ssm:document", "SSM-SessionManagerRunShell", nil, "arn:aws:ssm:eu-west-1:111122223333:document/SSM-SessionManagerRunShell"},
		{"kms:key", "1234", nil, "arn:aws:kms:eu-west-1:111122223333:key/1234"},
		{"kms:key", "alias/app", nil, "arn:aws:kms:eu-west-1:111122223333:alias/app"},
		{"lambda:function", "999988887777:function:f:live", nil, "arn:aws:lambda:eu-west-1:999988887777:function:f:live"},
		{"events:event-bus", "aws.partner/example.com/acme/orders", nil, "arn:aws:events:eu-west-1:111122223333:event-bus/aws.partner/example.com/acme/orders"},
		{"sqs:queue", "https://sqs.us-east-2.amazonaws.com/999988887777/q", nil, "arn:aws:sqs:us-east-2:999988887777:q"},
		{"sqs:queue", "https://queue.amazonaws.com/999988887777/q", nil, "arn:aws:sqs:us-east-1:999988887777:q"},
		{"sqs:queue", "https://sqs.cn-north-1.amazonaws.com.cn/999988887777/q", nil, "arn:aws-cn:sqs:cn-north-1:999988887777:q"},
		{"sqs:queue", "https://example.org/q", nil, ""},
		{"elasticloadbalancing:targetgroup", "targetgroup/web/50dc", nil, "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/50dc"},
		{"elasticloadbalancing:loadbalancer/v2", "app/web/50dc", nil, "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc"},
		{"elasticloadbalancing:loadbalancer/v2", "web", nil, ""},
		{"autoscaling:autoScalingGroup", "web", nil, ""},
		{"ec2:rtbassoc", "rtbassoc-1", nil, ""},
		{"glue:table", "t", nil, ""},
		{"s3:bucket", "b*", nil, ""},
		{"s3:bucket", "", nil, ""},
	} {
		typ, found := awscatalog.Lookup(tc.typ)
		if !found {
			t.Errorf("no type %s", tc.typ)
			continue
		}
		got, ok := typ.Build(place, tc.name, func(parameter string) string { return tc.others[parameter] })
		if ok != (tc.want != "") || ok && got != tc.want {
			t.Errorf("%s %q %v: %q, %t, want %q", tc.typ, tc.name, tc.others, got, ok, tc.want)
		}
	}
	typ, _ := awscatalog.Lookup("ec2:instance")
	if arn, ok := typ.Build(awscatalog.Place{Region: "eu-west-1"}, "i-1", nil); ok {
		t.Errorf("%s without an account", arn)
	}
}

func TestOfID(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		id      string
		certain bool
		want    string
	}{
		{"i-0123456789abcdef0", false, "ec2:instance"},
		{"tgw-attach-0123456789abcdef0", false, "ec2:transit-gateway-attachment"},
		{"tms-0123456789abcdef0", false, "ec2:traffic-mirror-session"},
		{"ami-aCBbfd13bdb1d1E4b", false, "ec2:image"},
		{"vpc-01128d2c24EXAMPLE", true, "ec2:vpc"},
		{"vpc-01128d2c24EXAMPLE", false, ""},
		{"i-name", true, ""},
		{"my-stack-0123abcd", true, ""},
		{"-0123abcd", true, ""},
		{"", true, ""},
	} {
		typ, ok := awscatalog.OfID(tc.id, tc.certain)
		if ok != (tc.want != "") || ok && typ.Name != tc.want {
			t.Errorf("%q has the type %v, want %q", tc.id, typ, tc.want)
		}
	}
}
