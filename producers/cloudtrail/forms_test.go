package cloudtrail_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
)

// respell writes JSON in another serialiser's style: with spaces and more escapes.
func respell(t *testing.T, record string) string {
	t.Helper()
	var b strings.Builder
	for _, r := range indent(t, record) {
		if r > 126 {
			q := strconv.QuoteToASCII(string(r))
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), "eu-west-1/", `eu-west-1\/`)
}

func indent(t *testing.T, record string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(record), "", "   "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSameRecordInAnyWrapping: a record gives the same events in every form of delivery.
func TestSameRecordInAnyWrapping(t *testing.T) {
	t.Parallel()
	for _, eventID := range []string{"", "-"} {
		record := call{
			source: "sqs", name: "CreateQueue", eventID: eventID,
			request:  `{"queueName":"grüße","attributes":{"Policy":"{\"Statement\":[\n]}"},"tags":{"team":"search <&> é"}}`,
			response: `{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/gr\u00fc\u00dfe"}`,
		}.json()
		n := cloudtrail.NewNormaliser(cloudtrail.Config{})
		want := normalise(t, n, record)
		if len(want.Events) != 2 {
			t.Fatalf("%d events, want two", len(want.Events))
		}
		quoted, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		for name, form := range map[string]string{
			"respelt":        respell(t, record),
			"EventBridge":    `{"version":"0","id":"other","detail-type":"AWS API Call via CloudTrail","source":"aws.sqs","account":"999999999999","time":"2026-03-01T10:11:13Z","region":"us-east-1","resources":[],"detail":` + record + `}`,
			"detail respelt": `{"detail": ` + respell(t, record) + `, "detail-type": "AWS API Call via CloudTrail", "source": "aws.sqs"}`,
			"LookupEvents":   `{"EventId":"x","Username":"ci","EventTime":1772359872.0,"CloudTrailEvent":` + string(quoted) + `,"EventName":"CreateQueue","Resources":[]}`,
			"Lake export":    `{"metadata":{"ingestionTime":"x"},"eventData":` + record + `}`,
			"log line":       `{"id":"1","timestamp":1,"message":` + string(quoted) + `}`,
		} {
			got := normalise(t, n, form)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-record +got):\n%s", name, d)
			}
		}
	}
}

// TestIdentity: ids depend on the record alone and differ if the facts do.
func TestIdentity(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	id := func(c call) string { return normalise(t, n, c.json()).Events[0].EventID.String() }
	base := call{source: "s3", name: "ListBuckets", eventID: "-"}
	if again := base; id(base) != id(again) {
		t.Error("the same record has two ids")
	}
	other := base
	other.name = "ListDirectoryBuckets"
	if id(base) == id(other) {
		t.Error("two records without an eventID share an id")
	}
	ts := time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC)
	want := envelope.NewEventID("aws.cloudtrail", ts, "0a1b2c3d-0000-4000-8000-000000000001", "ListBuckets").String()
	if got := id(call{source: "s3", name: "ListBuckets"}); got != want {
		t.Errorf("id %s, want that of the eventID, %s", got, want)
	}
}

// TestEventTypes: the activity type of each eventType.
func TestEventTypes(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for eventType, want := range map[string]string{
		"AwsApiCall":           envelope.TypeAPICall,
		"AwsVpceEvent":         envelope.TypeAPICall,
		"AwsConsoleSignIn":     envelope.TypeConsoleSignIn,
		"AwsServiceEvent":      envelope.TypeServiceEvent,
		"AwsConsoleAction":     envelope.TypeServiceEvent,
		"AwsCloudTrailInsight": envelope.TypeInsight,
		"SomethingNew":         envelope.TypeServiceEvent,
	} {
		if got := normalise(t, n, call{source: "s3", name: "ListBuckets", eventType: eventType}.json()).Events[0].EventType; got != want {
			t.Errorf("%s: %s, want %s", eventType, got, want)
		}
	}
}

// TestTimes: the forms of eventTime.
func TestTimes(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	whole := time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`"2026-03-01T10:11:12Z"`:        whole,
		`"2026-03-01T10:11:12.345Z"`:    whole.Add(345 * time.Millisecond),
		`"2026-03-01T10:11:12.345678Z"`: whole.Add(345 * time.Millisecond),
		`"2026-03-01T12:11:12+02:00"`:   whole,
		`1772359872`:                    whole,
		`1772359872.345`:                whole.Add(345 * time.Millisecond),
		`1772359872345`:                 whole.Add(345 * time.Millisecond),
		`"1772359872"`:                  whole,
	} {
		if got := normalise(t, n, call{source: "s3", name: "ListBuckets", time: text}.json()).Events[0].TS; !got.Equal(want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestRecordErrors: the errors of invalid records name the member and do not contain its value.
func TestRecordErrors(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, record, says string
		reason             queue.Reason
	}{
		{"not JSON", `{"eventTime"`, "not valid JSON", queue.ReasonMalformedRecord},
		{"nothing", ``, "not valid JSON", queue.ReasonMalformedRecord},
		{"an array", `[1]`, "not a JSON object", queue.ReasonMalformedRecord},
		{"a string", `"eventTime"`, "not a JSON object", queue.ReasonMalformedRecord},
		{"empty object", `{}`, "eventTime: missing", queue.ReasonMalformedRecord},
		{"no time", call{source: "s3", name: "ListBuckets", time: "-"}.json(), "eventTime: missing", queue.ReasonMalformedRecord},
		{"bad time", call{source: "s3", name: "ListBuckets", time: `"yesterday"`}.json(), "eventTime: not a time", queue.ReasonMalformedRecord},
		{"time null", call{source: "s3", name: "ListBuckets", time: `null`}.json(), "eventTime: missing", queue.ReasonMalformedRecord},
		{"time too early", call{source: "s3", name: "ListBuckets", time: `"0001-01-01T00:00:00Z"`}.json(), "eventTime: outside", queue.ReasonMalformedRecord},
		{"only a time", `{"eventTime":"2026-03-01T10:11:12Z"}`, "eventName", queue.ReasonMalformedRecord},
		{"another document", `{"name":"polo","version":"1.0.0"}`, "none of the members", queue.ReasonUnknownRecord},
		{"an S3 notification", `{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-03-01T10:11:12Z","eventName":"ObjectCreated:Put"}`, "notification", queue.ReasonUnknownRecord},
		{"a string that is not a record", `{"CloudTrailEvent":"{\"eventTime\":"}`, "inside", queue.ReasonMalformedRecord},
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for _, tc := range cases {
		out, err := n.Normalise([]byte(tc.record), observed)
		var re *cloudtrail.RecordError
		if !errors.As(err, &re) {
			t.Errorf("%s: error %v, events %d; want a *RecordError", tc.name, err, len(out.Events))
			continue
		}
		if re.Reason != tc.reason || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "yesterday") {
			t.Errorf("%s: %q (%s), want %q (%s)", tc.name, err, re.Reason, tc.says, tc.reason)
		}
	}
}

// TestActor: the actor for each kind of userIdentity.
func TestActor(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ identity, actor, arn string }{
		"user":             {iamUser, userARN, userARN},
		"session":          {roleUser, "arn:aws:sts::111122223333:assumed-role/deploy/ci", roleARN},
		"service":          {`{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`, "ec2.amazonaws.com", root},
		"service, no type": {`{"accountId":"111122223333","invokedBy":"secretsmanager.amazonaws.com"}`, "secretsmanager.amazonaws.com", root},
		"root":             {`{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"}`, root, root},
		"another account":  {`{"type":"AWSAccount","principalId":"AIDAEXAMPLE","accountId":"444455556666"}`, "444455556666", root},
		"SAML":             {`{"type":"SAMLUser","principalId":"abc:mira@example.com","userName":"mira@example.com","identityProvider":"idp"}`, "abc:mira@example.com", root},
		"web identity":     {`{"type":"WebIdentityUser","principalId":"accounts.google.com:app:1","userName":"1","identityProvider":"accounts.google.com"}`, "accounts.google.com:app:1", root},
		"federated":        {`{"type":"FederatedUser","principalId":"111122223333:ci","arn":"arn:aws:sts::111122223333:federated-user/ci","accountId":"111122223333"}`, "arn:aws:sts::111122223333:federated-user/ci", "arn:aws:sts::111122223333:federated-user/ci"},
		"workforce user":   {`{"type":"IdentityCenterUser","accountId":"111122223333","onBehalfOf":{"userId":"u-1","identityStoreArn":"arn:aws:identitystore::111122223333:identitystore/d-1"},"credentialId":"c"}`, "arn:aws:identitystore:::user/u-1", root},
		"unknown":          {`{"type":"Unknown"}`, "", root},
		"null":             {`null`, "", root},
		"absent":           {`-`, "", root},
		"not an object":    {`"x"`, "", root},
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for name, tc := range cases {
		e := normalise(t, n, call{source: "s3", name: "ListBuckets", readOnly: "true", identity: tc.identity}.json()).Events[0]
		if e.Actor != tc.actor || e.ARN != tc.arn {
			t.Errorf("%s: actor %q, ARN %q; want %q, %q", name, e.Actor, e.ARN, tc.actor, tc.arn)
		}
		if e.AccountID != account {
			t.Errorf("%s: account %q", name, e.AccountID)
		}
	}
}

// TestNoSecrets: no column holds a secret's value.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for name, c := range map[string]call{
		"password":        {source: "rds", name: "CreateDBInstance", request: `{"dBInstanceIdentifier":"d","masterUserPassword":"hunter2"}`},
		"session token":   {source: "sts", name: "GetSessionToken", response: `{"credentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"hunter2","sessionToken":"hunter2"}}`},
		"secret string":   {source: "secretsmanager", name: "PutSecretValue", request: `{"secretId":"x","secretString":"hunter2","secretBinary":{"a":"hunter2"}}`},
		"parameter value": {source: "ssm", name: "PutParameter", request: `{"name":"x","type":"SecureString","value":"hunter2"}`},
		"key material":    {source: "ec2", name: "CreateKeyPair", response: `{"keyName":"k","keyMaterial":"hunter2"}`},
		"user data":       {source: "ec2", name: "RunInstances", request: `{"userData":"hunter2"}`},
		"tag":             {source: "sqs", name: "TagQueue", request: `{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/q","tags":{"DB_PASSWORD":"hunter2"}}`},
	} {
		out := normalise(t, n, c.json())
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "hunter2") {
			t.Errorf("%s: the secret is in the events: %s", name, text)
		}
		if !strings.Contains(string(text), "***") {
			t.Errorf("%s: the secret was not replaced", name)
		}
	}
	out := normalise(t, n, call{source: "rds", name: "ModifyDBInstance", request: `{"dBInstanceIdentifier":"d","masterUserPassword":"x","allocatedStorage":20}`}.json())
	if got, want := out.Events[0].Properties.Get("request_parameters"), `{"dBInstanceIdentifier":"d","masterUserPassword":"***","allocatedStorage":20}`; got != want {
		t.Errorf("request_parameters %s, want %s", got, want)
	}
}

// TestTags: the forms in which services write tags.
func TestTags(t *testing.T) {
	t.Parallel()
	want := envelope.Pairs{{Key: "empty"}, {Key: "team", Value: "search"}}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for name, tags := range map[string]string{
		"list":             `"tags":[{"key":"team","value":"search"},{"key":"empty","value":""}]`,
		"capital list":     `"Tags":[{"Key":"team","Value":"search"},{"Key":"empty"}]`,
		"tagKey":           `"tags":[{"tagKey":"team","tagValue":"search"},{"tagKey":"empty","tagValue":""}]`,
		"items":            `"tagSet":{"items":[{"key":"team","value":"search"},{"key":"empty","value":""}]}`,
		"value first":      `"tags":[{"value":"search","key":"team"},{"value":"","key":"empty"}]`,
		"specification":    `"tagSpecificationSet":{"items":[{"resourceType":"vpc","tags":[{"key":"team","value":"search"},{"key":"empty","value":""}]},{"resourceType":"subnet","tags":[{"key":"not","value":"mine"}]}]}`,
		"filter beside it": `"tags":[{"key":"team","value":"search"},{"key":"empty","value":""}],"filters":[{"key":"tag:x","value":"y"}]`,
	} {
		out := normalise(t, n, call{source: "ec2", name: "ModifyVpcAttribute", request: `{"vpcId":"vpc-0123456789abcdef0",` + tags + `}`}.json())
		if d := cmp.Diff(want, out.Events[1].Tags); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	out := normalise(t, n, call{source: "logs", name: "CreateLogGroup", request: `{"logGroupName":"g","tags":{"team":"search","key":"x"}}`}.json())
	if d := cmp.Diff(envelope.Pairs{{Key: "key", Value: "x"}, {Key: "team", Value: "search"}}, out.Events[1].Tags); d != "" {
		t.Errorf("map (-want +got):\n%s", d)
	}
	out = normalise(t, n, call{source: "ec2", name: "DeleteTags", request: `{"resourcesSet":{"items":[{"resourceId":"vpc-0123456789abcdef0"}]},"tagSet":{"items":[{"key":"team","value":"search"}]}}`}.json())
	if out.Events[1].Tags != nil {
		t.Errorf("removed tags are set: %v", out.Events[1].Tags)
	}
}
