package awsaccounts_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"polo/internal/awsaccounts"
	"polo/internal/meter"
)

// cloud fakes STS and EC2. STS issues a key named after the account; EC2 records the key
// that each request used.
type cloud struct {
	*httptest.Server

	mu sync.Mutex
	// assumed records the forms that AssumeRole got, keys what EC2 got, each "key
	// region".
	assumed []url.Values
	keys    []string
	// denied is an account whose role must not be assumed.
	denied string
	// ec2, if set, replaces the default answer; n counts requests from 1.
	ec2 func(w http.ResponseWriter, n int)
}

var credential = regexp.MustCompile(`Credential=([^/]+)/\d+/([^/]+)/([^/]+)/`)

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	signed := credential.FindStringSubmatch(r.Header.Get("Authorization"))
	w.Header().Set("Content-Type", "text/xml")
	c.mu.Lock()
	if form.Get("Action") == "AssumeRole" {
		defer c.mu.Unlock()
		c.assumed = append(c.assumed, form)
		account := accountIn(form.Get("RoleArn"))
		if account == c.denied {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`)
			return
		}
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>KEY%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
			`<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, account)
		return
	}
	c.keys = append(c.keys, signed[1]+" "+signed[2])
	n, answer := len(c.keys), c.ec2
	c.mu.Unlock()
	if answer != nil {
		answer(w, n)
		return
	}
	_, _ = fmt.Fprint(w, `<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>`)
}

var inARN = regexp.MustCompile(`^arn:[^:]+:iam::(\d+):`)

func accountIn(arn string) string {
	if got := inARN.FindStringSubmatch(arn); got != nil {
		return got[1]
	}
	return ""
}

func sessions(t *testing.T, c *cloud, change func(*awsaccounts.Config)) *awsaccounts.Sessions {
	t.Helper()
	cfg := awsaccounts.Config{
		Base: aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("OWN", "s", "")},
		Role: "prod-PoloReadRole", ExternalID: "ext", Session: "polo-test", Endpoint: c.URL,
	}
	if change != nil {
		change(&cfg)
	}
	s, err := awsaccounts.NewSessions(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// describe makes one request to EC2.
func describe(t *testing.T, s *awsaccounts.Sessions, m *meter.Meter, account, region string) error {
	t.Helper()
	ctx := meter.With(t.Context(), m)
	cfg, err := s.Config(ctx, account, region)
	if err != nil {
		return err
	}
	_, err = ec2.NewFromConfig(cfg).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	return err
}
