package inventory_test

import (
	"slices"
	"strings"
	"testing"

	"polo/envelope"
	"polo/producers"
	"polo/producers/inventory"
)

// wanted is a resource that must be found. arn is the ARN after the account, or the beginning of
// it if the rest is random.
type wanted struct {
	source, arn, typ, state, customer string
	// relation is one of its relations: the type and the beginning of the target.
	relation [2]string
}

func wants() []wanted {
	regional := func(service, resource string) string {
		return "arn:aws:" + service + ":eu-west-1:" + motoAccount + ":" + resource
	}
	iam := "arn:aws:iam::" + motoAccount + ":"
	subnet := [2]string{"member_of", regional("ec2", "subnet/")}
	role := [2]string{"uses_role", iam + "role/service/app"}
	return []wanted{
		{"aws.iam", iam + "role/service/app", "iam:role", "", "acme", [2]string{}},
		{"aws.iam", iam + "user/jo", "iam:user", "", "acme", [2]string{}},
		{"aws.iam", iam + "instance-profile/app", "iam:instance-profile", "", "acme", role},
		{"aws.s3", "arn:aws:s3:::acme-data", "s3:bucket", "", "acme", [2]string{}},
		{"aws.s3", "arn:aws:s3:::untagged", "s3:bucket", "", "", [2]string{}},
		{"aws.dynamodb", regional("dynamodb", "table/orders"), "dynamodb:table", "ACTIVE", "acme", [2]string{}},
		{"aws.rds", regional("rds", "cluster:books"), "rds:cluster", "available", "acme", [2]string{}},
		{"aws.rds", regional("rds", "db:books-1"), "rds:db", "available", "acme", [2]string{}},
		{"aws.elasticache", regional("elasticache", "cluster:cache"), "elasticache:cluster", "available", "", [2]string{}},
		{"aws.redshift", regional("redshift", "cluster:warehouse"), "redshift:cluster", "available", "", [2]string{}},
		{"aws.elasticfilesystem", regional("elasticfilesystem", "file-system/fs-"), "elasticfilesystem:file-system", "available", "", [2]string{}},
		{"aws.ecr", regional("ecr", "repository/team/app"), "ecr:repository", "", "", [2]string{}},
		{"aws.lambda", regional("lambda", "function:resize"), "lambda:function", "Active", "acme", role},
		{"aws.eks", regional("eks", "cluster/prod"), "eks:cluster", "ACTIVE", "acme", role},
		{"aws.eks", regional("eks", "nodegroup/prod/workers/"), "eks:nodegroup", "ACTIVE", "acme", subnet},
		{"aws.ecs", regional("ecs", "cluster/web"), "ecs:cluster", "ACTIVE", "acme", [2]string{}},
		{"aws.ecs", regional("ecs", "service/web/shop"), "ecs:service", "ACTIVE", "acme", [2]string{"launched_from", regional("ecs", "task-definition/shop:1")}},
		{"aws.autoscaling", regional("autoscaling", "autoScalingGroup:"), "autoscaling:autoScalingGroup", "", "acme", [2]string{"attached_to", regional("ec2", "instance/i-")}},
		{"aws.autoscaling", regional("autoscaling", "launchConfiguration:"), "autoscaling:launchConfiguration", "", "", [2]string{"launched_from", "arn:aws:ec2:eu-west-1::image/ami-12c6146b"}},
		{"aws.elasticloadbalancing", regional("elasticloadbalancing", "loadbalancer/app/front/"), "elasticloadbalancing:loadbalancer", "active", "acme", subnet},
		{"aws.elasticloadbalancing", regional("elasticloadbalancing", "targetgroup/front/"), "elasticloadbalancing:targetgroup", "", "vpc-customer", [2]string{"attached_to", regional("ec2", "instance/i-")}},
		{"aws.route53", "arn:aws:route53:::hostedzone/", "route53:hostedzone", "", "", [2]string{}},
		{"aws.acm", regional("acm", "certificate/"), "acm:certificate", "", "", [2]string{}},
		{"aws.sqs", regional("sqs", "jobs"), "sqs:queue", "", "acme", [2]string{}},
		{"aws.sns", regional("sns", "alerts"), "sns:topic", "", "acme", [2]string{}},
		{"aws.logs", regional("logs", "log-group:/app/web"), "logs:log-group", "", "acme", [2]string{}},
		{"aws.secretsmanager", regional("secretsmanager", "secret:db-"), "secretsmanager:secret", "", "", [2]string{}},
		{"aws.kms", regional("kms", "key/"), "kms:key", "Enabled", "", [2]string{}},
		{"aws.kms", regional("kms", "alias/data"), "kms:alias", "", "", [2]string{"involves", regional("kms", "key/")}},
	}
}

// TestMotoServices reads every service through the SDK: each created resource is found with its
// owner and relations, and every type is completed.
func TestMotoServices(t *testing.T) {
	t.Parallel()
	s := moto(t)
	cfg, err := s.Config(t.Context(), motoAccount, "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	(&seeder{t: t, cfg: cfg}).all()
	all, err := inventory.Collectors(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		t.Run(c.Source(), func(t *testing.T) {
			r, summary := collect(t, s, c.Source())
			for _, g := range summary.Gaps {
				t.Errorf("gap: %+v", g)
			}
			completed := r.completed()
			for _, typ := range c.Types() {
				if _, ok := completed[typ]; !ok {
					t.Errorf("%s was not read to its end", typ)
				}
			}
			found := r.resources()
			if c.Source() == "aws.s3" && (completed["s3:bucket"] != producers.AnyRegion || found["arn:aws:s3:::untagged"].Region != "eu-central-1") {
				t.Errorf("buckets are complete in %q, one of them in %q", completed["s3:bucket"], found["arn:aws:s3:::untagged"].Region)
			}
			for _, w := range wants() {
				if w.source == c.Source() {
					w.check(t, found)
				}
			}
			for _, e := range found {
				if text := string(e.AppendJSON(nil)); strings.Contains(text, "hunter2") || strings.Contains(text, "aHVudGVyMg") || strings.Contains(text, "Hunter2") {
					t.Errorf("a secret is in %s", text)
				}
			}
		})
	}
}

func (w wanted) check(t *testing.T, found map[string]envelope.ResourceEvent) {
	t.Helper()
	for arn, e := range found {
		if !strings.HasPrefix(arn, w.arn) {
			continue
		}
		if e.EventType != envelope.TypeSnapshot || e.ResourceType != w.typ || e.MarqoCustomer != w.customer || w.state != "" && e.State != w.state {
			t.Errorf("%s: %s of %s, state %q, customer %q; want %+v", arn, e.EventType, e.ResourceType, e.State, e.MarqoCustomer, w)
		}
		related := func(r envelope.Relation) bool {
			return r.Type == w.relation[0] && strings.HasPrefix(r.TargetARN, w.relation[1])
		}
		if w.relation[0] != "" && !slices.ContainsFunc(e.Relations, related) {
			t.Errorf("%s: no relation %v among %v", arn, w.relation, e.Relations)
		}
		return
	}
	t.Errorf("%s was not found", w.arn)
}
