package cloud_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"polo/actions"
	"polo/actions/cloud"
	"polo/internal/awsaccounts"
	"polo/internal/awstest"
)

// A write has a session of its own, cut down to its call, that names the request and the person; and it is tried once.
func TestWriter(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var assumed url.Values
	api := awstest.Serve(t, func(call string, body []byte) (int, []byte) {
		if call != "AssumeRole" {
			return http.StatusInternalServerError, []byte(`<Response><Errors><Error><Code>InternalError</Code><Message>m</Message></Error></Errors></Response>`)
		}
		mu.Lock()
		defer mu.Unlock()
		assumed, _ = url.ParseQuery(string(body))
		return http.StatusOK, []byte(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>` +
			`<SecretAccessKey>x</SecretAccessKey><SessionToken>y</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	})
	sessions, err := awsaccounts.NewSessions(awsaccounts.Config{
		Base: aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}, Role: "prod-PoloReadRole", Endpoint: api.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := cloud.New(cloud.Config{Reads: sessions, Role: "prod-polo-action-role", ExternalID: "x"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := c.Writer(t.Context(), actions.Session{Account: "012345678901", Region: "eu-west-1", Name: "r1", Person: "ada lövelace@example.com", Plan: "p1", Action: "stop_instance", Policy: `{"Version":"2012-10-17"}`})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"RoleArn": "arn:aws:iam::012345678901:role/prod-polo-action-role", "RoleSessionName": "r1", "SourceIdentity": "ada_l_velace@example.com",
		"Policy": `{"Version":"2012-10-17"}`, "DurationSeconds": "900", "ExternalId": "x", "Tags.member.1.Key": "polo:action", "Tags.member.1.Value": "stop_instance",
		"Tags.member.2.Key": "polo:plan", "Tags.member.2.Value": "p1",
	} {
		if got := assumed.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := w.EC2.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{"i-1"}}); err == nil {
		t.Error("no error")
	}
	if n := api.Count("StopInstances"); n != 1 {
		t.Errorf("the call was tried %d times", n)
	}
}

func TestSourceIdentity(t *testing.T) {
	t.Parallel()
	for person, want := range map[string]string{
		"": "__", "a": "a__", "ada@example.com": "ada@example.com", "a b\n/é": "a_b___", strings.Repeat("x", 90): strings.Repeat("x", 64),
	} {
		if got := cloud.SourceIdentity(person); got != want {
			t.Errorf("%q: %q, want %q", person, got, want)
		}
	}
}
