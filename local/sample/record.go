package sample

import (
	"fmt"
	"time"
)

// call is what a record states, except who and when.
type call struct {
	source, name, eventType string
	readOnly                bool
	request, response       string // JSON
	resources               string // JSON array, or empty
	extra                   string // further members, each with its comma
	fails                   bool   // it failed and changed nothing
}

// record appends one record as JSON.
func (w *world) record(dst []byte, a *account, region string, at time.Time) []byte {
	c := w.call(a, region, &at)
	var failure [2]string
	if c.fails || c.eventType == "AwsApiCall" && c.readOnly && w.rng.IntN(50) == 0 {
		failure = failures[w.rng.IntN(2)]
		if c.fails {
			failure = pick(w, failures)
		}
	}
	identity, address, agent := w.who(a, region, at, c)
	return w.render(dst, a, region, at, c, identity, address, agent, failure)
}

// render appends a record of a call as JSON. A failure has a code and a message.
func (w *world) render(dst []byte, a *account, region string, at time.Time, c call, identity, address, agent string, failure [2]string) []byte {
	failed := ""
	if failure[0] != "" {
		failed = fmt.Sprintf(`"errorCode":%q,"errorMessage":%q,`, failure[0], failure[1])
		c.response = "null"
	}
	dst = fmt.Appendf(dst, `{"eventVersion":"1.%02d","userIdentity":%s,"eventTime":%q,"eventSource":%q,"eventName":%q,"awsRegion":%q,`+
		`"sourceIPAddress":%q,"userAgent":%q,%s"requestParameters":%s,"responseElements":%s,`,
		8+w.rng.IntN(4), identity, at.Format("2006-01-02T15:04:05Z"), c.source, c.name, region, address, agent, failed, c.request, c.response)
	if c.resources != "" {
		dst = fmt.Appendf(dst, `"resources":%s,`, c.resources)
	}
	return fmt.Appendf(dst, `"requestID":%q,"eventID":%q,"readOnly":%t,"eventType":%q,"managementEvent":%t,"recipientAccountId":%q,"eventCategory":%q%s}`,
		w.uuid(), w.uuid(), c.readOnly, c.eventType, c.source != "s3.amazonaws.com" || c.name == "CreateBucket", a.id, category(c), c.extra)
}

func category(c call) string {
	if c.name == "GetObject" || c.name == "PutObject" || c.name == "Invoke" {
		return "Data"
	}
	return "Management"
}

// failures are errors in the services' own words.
var failures = [][2]string{
	{"AccessDenied", "User is not authorized to perform this action because no identity-based policy allows it"},
	{"ThrottlingException", "Rate exceeded"},
	{"Client.InstanceLimitExceeded", "You have requested more instances than your current limit allows"},
	{"Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set."},
}

// who returns the caller: a person, the CI role, a service's role, or AWS itself.
func (w *world) who(a *account, region string, at time.Time, c call) (identity, address, agent string) {
	if c.eventType == "AwsServiceEvent" {
		return fmt.Sprintf(`{"accountId":%q,"invokedBy":%q}`, a.id, c.source), c.source, c.source
	}
	if c.eventType == "AwsConsoleSignIn" {
		p := pick(w, w.people)
		return fmt.Sprintf(`{"type":"IAMUser","principalId":"AIDASAMPLE%012d","arn":"arn:aws:iam::%s:user/%s","accountId":%q,"userName":%q}`,
			w.rng.IntN(1e12), a.id, p.name, a.id, p.name), p.address, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
	}
	switch n := w.rng.IntN(100); {
	case n < 35:
		p := pick(w, w.people)
		return w.session(a, at, "AWSReservedSSO_"+p.role+"_sample", p.name+"@example.org"), p.address, "aws-cli/2.17.0 md/awscrt#0.21.2 ua/2.0 os/linux#6.8 lang/python#3.11.9"
	case n < 55:
		return w.session(a, at, "ci-deploy", "build"), "203.0.113.77", "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 terraform-provider-aws/5.66.0"
	case n < 85:
		return w.session(a, at, "service-"+pick(w, services), w.id("i")), "10.20.1.15", "Boto3/1.35.10 md/Botocore#1.35.10 os/linux lang/python#3.12.5"
	}
	by := pick(w, []string{"autoscaling.amazonaws.com", "lambda.amazonaws.com", "ecs.amazonaws.com", "config.amazonaws.com"})
	return fmt.Sprintf(`{"type":"AWSService","invokedBy":%q}`, by), by, by
}

// session returns the identity of who assumed a role.
func (w *world) session(a *account, at time.Time, role, name string) string {
	return fmt.Sprintf(`{"type":"AssumedRole","principalId":"AROASAMPLE0%s:%s","arn":"arn:aws:sts::%s:assumed-role/%s/%s","accountId":%q,`+
		`"accessKeyId":"ASIASAMPLE%010d","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROASAMPLE0%s",`+
		`"arn":"arn:aws:iam::%s:role/%s","accountId":%q,"userName":%q},"attributes":{"creationDate":%q,"mfaAuthenticated":"false"}}}`,
		role, name, a.id, role, name, a.id, w.rng.IntN(1e10), role, a.id, role, a.id, role, at.Add(-20*time.Minute).Format("2006-01-02T15:04:05Z"))
}

var services = []string{"search", "indexer", "billing", "gateway", "embedder"}
