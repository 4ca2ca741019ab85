package envelope_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
)

func TestSplitResource(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ arn, typ, id string }{
		{"arn:aws:s3:::logs", "s3:bucket", "logs"},
		{"arn:aws-cn:s3:::logs", "s3:bucket", "logs"},
		{"arn:aws:s3:::logs/a/b.gz", "s3:object", "logs/a/b.gz"},
		{"arn:aws:s3:::*", "s3:bucket", "*"},
		{"arn:aws:s3:eu-west-1:111122223333:accesspoint/reports", "s3:accesspoint", "reports"},
		{"arn:aws:s3::111122223333:accesspoint/m1.mrap", "s3:accesspoint", "m1.mrap"},
		{"arn:aws:s3:eu-west-1:111122223333:storage-lens/all", "s3:storage-lens", "all"},
		{"arn:aws:s3-outposts:us-west-2:111122223333:outpost/op-1/bucket/b", "s3-outposts:bucket", "op-1/bucket/b"},
		{"arn:aws:s3-outposts:us-west-2:111122223333:outpost/op-1/bucket/b/object/k/with/slash", "s3-outposts:object", "op-1/bucket/b/object/k/with/slash"},
		{"arn:aws:iam::111122223333:root", "iam:root", "111122223333"},
		{"arn:aws:iam::111122223333:user/jo", "iam:user", "jo"},
		{"arn:aws:iam::111122223333:user/team/a/jo", "iam:user", "team/a/jo"},
		{"arn:aws:iam::111122223333:role/service-role/run", "iam:role", "service-role/run"},
		{"arn:aws:iam::aws:policy/AdministratorAccess", "iam:policy", "AdministratorAccess"},
		{"arn:aws:iam::*:role/*", "iam:role", "*"},
		{"arn:aws:sts::111122223333:assumed-role/run/i-0abc", "sts:assumed-role", "run/i-0abc"},
		{"arn:aws:sts::111122223333:federated-user/jo", "sts:federated-user", "jo"},
		{"arn:aws:ec2:us-east-1:111122223333:instance/i-0abc", "ec2:instance", "i-0abc"},
		{"arn:aws:ec2:us-east-1::snapshot/snap-1", "ec2:snapshot", "snap-1"},
		{"arn:aws-us-gov:ec2:us-gov-west-1:111122223333:vpc/vpc-1", "ec2:vpc", "vpc-1"},
		{"arn:aws:lambda:us-east-1:111122223333:function:resize", "lambda:function", "resize"},
		{"arn:aws:lambda:us-east-1:111122223333:function:resize:live", "lambda:function", "resize:live"},
		{"arn:aws:lambda:us-east-1:111122223333:layer:deps:7", "lambda:layer", "deps:7"},
		{"arn:aws:sqs:us-east-1:111122223333:jobs.fifo", "sqs:queue", "jobs.fifo"},
		{"arn:aws:sns:us-east-1:111122223333:alerts", "sns:topic", "alerts"},
		{"arn:aws:sns:us-east-1:111122223333:alerts:2bcfbf39", "sns:subscription", "alerts:2bcfbf39"},
		{"arn:aws:sns:us-east-1:111122223333:app/GCM/phone", "sns:app", "GCM/phone"},
		{"arn:aws:dynamodb:us-east-1:111122223333:table/orders", "dynamodb:table", "orders"},
		{"arn:aws:dynamodb:us-east-1:111122223333:table/orders/index/by-day", "dynamodb:index", "orders/index/by-day"},
		{"arn:aws:dynamodb:us-east-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000", "dynamodb:stream", "orders/stream/2026-01-01T00:00:00.000"},
		{"arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/resize", "logs:log-group", "/aws/lambda/resize"},
		{"arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/resize:*", "logs:log-group", "/aws/lambda/resize"},
		{"arn:aws:logs:us-east-1:111122223333:log-group:app:log-stream:web/1", "logs:log-stream", "app:log-stream:web/1"},
		{"arn:aws:logs:us-east-1:111122223333:destination:all", "logs:destination", "all"},
		{"arn:aws:apigateway:us-east-1::/restapis/a1b2", "apigateway:restapis", "a1b2"},
		{"arn:aws:apigateway:us-east-1::/restapis/a1b2/stages/prod", "apigateway:stages", "a1b2/stages/prod"},
		{"arn:aws:apigateway:us-east-1::/restapis/a1b2/stages", "apigateway:restapis", "a1b2/stages"},
		{"arn:aws:apigateway:us-east-1::/account", "apigateway", "account"},
		{"arn:aws:execute-api:us-east-1:111122223333:a1b2/prod/GET/pets", "execute-api:api", "a1b2/prod/GET/pets"},
		{"arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/50dc", "elasticloadbalancing:loadbalancer", "app/web/50dc"},
		{"arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/classic", "elasticloadbalancing:loadbalancer", "classic"},
		{"arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/73e2", "elasticloadbalancing:targetgroup", "web/73e2"},
		{"arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:930d:autoScalingGroupName/web", "autoscaling:autoScalingGroup", "930d:autoScalingGroupName/web"},
		{"arn:aws:rds:us-east-1:111122223333:db:main", "rds:db", "main"},
		{"arn:aws:rds:us-east-1:111122223333:cluster:main", "rds:cluster", "main"},
		{"arn:aws:rds:us-east-1:111122223333:snapshot:rds:main-2026", "rds:snapshot", "rds:main-2026"},
		{"arn:aws:kms:us-east-1:111122223333:key/1234-ab", "kms:key", "1234-ab"},
		{"arn:aws:kms:us-east-1:111122223333:alias/aws/s3", "kms:alias", "aws/s3"},
		{"arn:aws:ssm:us-east-1:111122223333:parameter/a/b", "ssm:parameter", "a/b"},
		{"arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf", "secretsmanager:secret", "prod/db-AbCdEf"},
		{"arn:aws:ecs:us-east-1:111122223333:task/web/0123", "ecs:task", "web/0123"},
		{"arn:aws:eks:us-east-1:111122223333:cluster/main", "eks:cluster", "main"},
		{"arn:aws:eks:us-east-1:111122223333:nodegroup/main/ng/1-2", "eks:nodegroup", "main/ng/1-2"},
		{"arn:aws:cloudformation:us-east-1:111122223333:stack/web/1-2", "cloudformation:stack", "web/1-2"},
		{"arn:aws:codecommit:us-east-1:111122223333:site", "codecommit:repository", "site"},
		{"arn:aws:codepipeline:us-east-1:111122223333:ship", "codepipeline:pipeline", "ship"},
		{"arn:aws:codepipeline:us-east-1:111122223333:ship/Build", "codepipeline:stage", "ship/Build"},
		{"arn:aws:codepipeline:us-east-1:111122223333:ship/Build/Go", "codepipeline:action", "ship/Build/Go"},
		{"arn:aws:codepipeline:us-east-1:111122223333:webhook:w", "codepipeline:webhook", "w"},
		{"arn:aws:elasticbeanstalk:us-east-1:111122223333:environment/app/env", "elasticbeanstalk:environment", "app/env"},
		{"arn:aws:glue:us-east-1:111122223333:table/db/t", "glue:table", "db/t"},
		{"arn:aws:glue:us-east-1:111122223333:catalog", "glue:catalog", "111122223333"},
		{"arn:aws:route53:::hostedzone/Z1", "route53:hostedzone", "Z1"},
		{"arn:aws:cloudfront::111122223333:distribution/E1", "cloudfront:distribution", "E1"},
		{"arn:aws:wafv2:us-east-1:111122223333:regional/webacl/site/1-2", "wafv2:webacl", "site/1-2"},
		{"arn:aws:wafv2:us-east-1:111122223333:global/ipset/bad/1-2", "wafv2:ipset", "bad/1-2"},
		{"arn:aws:organizations::111122223333:account/o-x/444455556666", "organizations:account", "o-x/444455556666"},
		{"arn:aws:backup:us-east-1:111122223333:backup-vault:main", "backup:backup-vault", "main"},
		{"arn:aws:acm:us-east-1:111122223333:certificate/1-2", "acm:certificate", "1-2"},
		{"arn:aws:ecr:us-east-1:111122223333:repository/a/b", "ecr:repository", "a/b"},
		{"arn:aws:cloudwatch:us-east-1:111122223333:alarm:CPU is high/now", "cloudwatch:alarm", "CPU is high/now"},
		{"arn:aws:events:us-east-1:111122223333:rule/bus/nightly", "events:rule", "bus/nightly"},
		{"arn:aws:states:us-east-1:111122223333:stateMachine:flow", "states:stateMachine", "flow"},
		{"arn:aws:kinesis:us-east-1:111122223333:stream/clicks", "kinesis:stream", "clicks"},
		{"arn:aws:kinesis:us-east-1:111122223333:stream/clicks/consumer/c:1", "kinesis:consumer", "clicks/consumer/c:1"},
		{"arn:aws:es:us-east-1:111122223333:domain/search", "es:domain", "search"},
		{"arn:aws:elasticache:us-east-1:111122223333:replicationgroup:r", "elasticache:replicationgroup", "r"},
		{"arn:aws:redshift:us-east-1:111122223333:dbname:c/db", "redshift:dbname", "c/db"},
		{"arn:aws:ram:us-east-1:111122223333:resource-share/1-2", "ram:resource-share", "1-2"},
		{"arn:aws:greengrass:us-east-1:111122223333:/greengrass/groups/g", "greengrass:groups", "g"},
		{"arn:aws:newservice:us-east-1:111122223333:thing", "newservice", "thing"},
		{"arn:aws:newservice:us-east-1:111122223333::thing", "newservice", "thing"},
		{"arn:aws:newservice:us-east-1:111122223333:thing/", "newservice:thing", ""},
		{"arn:aws:newservice:us-east-1:111122223333:/", "newservice", ""},
		{"github:org", "github:org", "org"},
		{"github:org/repo", "github:repo", "org/repo"},
		{"github:org/repo/@pull/5", "github:pull", "org/repo/@pull/5"},
		{"github:org/.github", "github:repo", "org/.github"},
		{"github:acme/@team/core", "github:team", "acme/@team/core"},
		{"github:acme/@package/container/x/Y", "github:package", "acme/@package/container/x/Y"},
		{"github:acme/web/@environment/prod/@secret/KEY", "github:secret", "acme/web/@environment/prod/@secret/KEY"},
		{"github:@enterprise/acme-inc", "github:enterprise", "@enterprise/acme-inc"},
		{"github:@enterprise/acme-inc/@cost_center/1-2", "github:cost_center", "@enterprise/acme-inc/@cost_center/1-2"},
		{"github:ghe.acme.com/acme/web", "github:repo", "ghe.acme.com/acme/web"},
		{"github:ghe.acme.com/@enterprise/acme", "github:enterprise", "ghe.acme.com/@enterprise/acme"},
		{"cloudflare:zone/z1", "cloudflare:zone", "z1"},
		{"cloudflare:zone/z1/dns_record/r1", "cloudflare:dns_record", "z1/dns_record/r1"},
		{"datadog:org/o1", "datadog:org", "o1"},
		{"datadog:org/o1/monitor/7", "datadog:monitor", "o1/monitor/7"},
		{"datadog:o1", "datadog", "o1"},
	} {
		t.Run(tc.arn, func(t *testing.T) {
			t.Parallel()
			a, err := envelope.ParseARN(tc.arn)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.String(); got != tc.arn {
				t.Errorf("String() = %q", got)
			}
			if got := a.ResourceType(); got != tc.typ {
				t.Errorf("ResourceType() = %q, want %q", got, tc.typ)
			}
			if _, got := a.SplitResource(); got != tc.id {
				t.Errorf("id = %q, want %q", got, tc.id)
			}
		})
	}
}

func TestParseARNParts(t *testing.T) {
	t.Parallel()
	got, err := envelope.ParseARN("arn:aws-cn:lambda:cn-north-1:000011112222:function:f:live")
	want := envelope.ARN{
		Platform: "aws", Partition: "aws-cn", Service: "lambda", Region: "cn-north-1",
		AccountID: "000011112222", Resource: "function:f:live",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, diff:\n%s", err, diff)
	}
}

func TestParseARNRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, arn string }{
		{"empty", ""},
		{"no colon", "i-0secret"},
		{"unknown scheme", "secret:thing"},
		{"only the scheme", "arn:"},
		{"ends before the account", "arn:aws:secret:us-east-1"},
		{"ends before the resource", "arn:aws:ec2:us-east-1:secret"},
		{"no resource", "arn:aws:s3:::"},
		{"no service", "arn:aws::us-east-1:1:secret/x"},
		{"no partition", "arn::s3:::secret"},
		{"foreign partition", "arn:awesome:s3:::secret"},
		{"line feed", "arn:aws:s3:::secret\n"},
		{"NUL", "arn:aws:s3:::secret\x00"},
		{"not UTF-8", "arn:aws:s3:::secret\xff"},
		{"too long", "arn:aws:s3:::secret" + strings.Repeat("x", 2048)},
		{"empty path", "github:"},
		{"leading slash", "github:/secret"},
		{"trailing slash", "cloudflare:secret/"},
		{"empty path part", "datadog:org//secret"},
		{"GitHub's login in capitals", "github:Secret"},
		{"GitHub's repository in capitals", "github:acme/Secret"},
		{"GitHub's server in capitals", "github:Secret.example.com/acme"},
		{"GitHub's server alone", "github:secret.example.com"},
		{"GitHub's kind without @", "github:acme/web/secret/5"},
		{"GitHub's kind without a name", "github:acme/@secret"},
		{"GitHub's kind without an owner", "github:@secret/core"},
		{"GitHub's enterprise without a slug", "github:@enterprise"},
		{"a repository of an enterprise", "github:@enterprise/acme/secret"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := envelope.ParseARN(tc.arn)
			if !errors.Is(err, envelope.ErrARN) {
				t.Fatalf("error %v", err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats its input: %v", err)
			}
		})
	}
	if _, err := envelope.ParseARN("arn:aws:s3:::" + strings.Repeat("x", 2048-len("arn:aws:s3:::"))); err != nil {
		t.Errorf("2048 bytes: %v", err)
	}
}

func TestBuildARN(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		arn  envelope.ARN
		want string
	}{
		{envelope.AWSARN("aws", "ec2", "us-east-1", "000011112222", "instance/i-1"), "arn:aws:ec2:us-east-1:000011112222:instance/i-1"},
		{envelope.AWSARN(envelope.PartitionOf("cn-north-1"), "s3", "", "", "b"), "arn:aws-cn:s3:::b"},
		{envelope.GitHubARN("org", ""), "github:org"},
		{envelope.GitHubARN("Org", "Repo"), "github:org/repo"},
		{envelope.GitHubARN("acme", "", "team", "core"), "github:acme/@team/core"},
		{envelope.GitHubARN("acme", "", "package", "npm", "@acme/x"), "github:acme/@package/npm/%40acme/x"},
		{envelope.GitHubARN("acme", "web", "environment", "Prod"), "github:acme/web/@environment/Prod"},
		{envelope.GitHubEnterpriseARN("Acme-Inc"), "github:@enterprise/acme-inc"},
		{envelope.GitHubARN("acme", "web").OnGitHubServer("GHE.acme.com"), "github:ghe.acme.com/acme/web"},
		{envelope.GitHubARN("acme", "web").OnGitHubServer("github.com"), "github:acme/web"},
		{envelope.CloudflareARN("zone", "z1"), "cloudflare:zone/z1"},
		{envelope.CloudflareARN("zone", "z1", "dns_record", "r1"), "cloudflare:zone/z1/dns_record/r1"},
		{envelope.DatadogARN("o1", "", ""), "datadog:org/o1"},
		{envelope.DatadogARN("o1", "monitor", "7"), "datadog:org/o1/monitor/7"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			t.Parallel()
			if got := tc.arn.String(); got != tc.want {
				t.Fatalf("built %q", got)
			}
			back, err := envelope.ParseARN(tc.want)
			if diff := cmp.Diff(tc.arn, back); err != nil || diff != "" {
				t.Errorf("error %v, diff:\n%s", err, diff)
			}
		})
	}
}

func TestPartitionOf(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "": "aws", "us-isolated-1": "aws", "cn-northwest-1": "aws-cn", "us-gov-east-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e",
		"us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc",
	} {
		if got := envelope.PartitionOf(region); got != want {
			t.Errorf("PartitionOf(%q) = %q, want %q", region, got, want)
		}
	}
}
