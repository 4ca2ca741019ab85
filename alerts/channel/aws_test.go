package channel_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"polo/alerts/channel"
)

const topic = "arn:aws:sns:eu-west-1:123456789012:polo-alerts"

// onAWS are the channels that go through AWS's SDK to an endpoint.
func onAWS(t *testing.T, endpoint string) map[string]channel.Channel {
	t.Helper()
	cfg := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "SECRET", ""), BaseEndpoint: &endpoint}
	sns, err1 := channel.NewSNS(cfg, topic)
	ses, err2 := channel.NewSES(cfg, "eu-west-1", "Polo <polo@example.com>", []string{"ops@example.com"})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return map[string]channel.Channel{"sns": sns, "ses": ses}
}

func TestErrorsOfAWSAreClassified(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		status             int
		code               string
		unknown, permanent bool
	}{
		{"throttled", 400, "ThrottlingException", false, false},
		{"too many", 429, "TooManyRequestsException", false, false},
		{"denied", 403, "AuthorizationErrorException", false, true},
		{"invalid", 400, "InvalidParameterException", false, true},
		{"internal", 500, "InternalErrorException", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				if strings.HasPrefix(r.URL.Path, "/v2/email") {
					w.Header().Set("X-Amzn-ErrorType", c.code)
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, `{"message":"no"}`)
					return
				}
				w.Header().Set("Content-Type", "text/xml")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, "<ErrorResponse><Error><Type>Sender</Type><Code>"+c.code+"</Code><Message>no</Message></Error></ErrorResponse>")
			}))
			defer server.Close()
			for kind, to := range onAWS(t, server.URL) {
				requests = 0
				var e *channel.Error
				if err := to.Send(t.Context(), message()); !errors.As(err, &e) || e.Unknown != c.unknown || e.Permanent != c.permanent || strings.Contains(err.Error(), "SECRET") {
					t.Errorf("%s: %#v", kind, err)
				}
				if requests != 1 {
					t.Errorf("%s: %d requests: retries are the caller's", kind, requests)
				}
			}
		})
	}
}

// A FIFO topic takes a message only with its group, and drops what has the same id.
func TestAFIFOTopic(t *testing.T) {
	t.Parallel()
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { body, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	to, err := channel.NewSNS(aws.Config{Credentials: aws.AnonymousCredentials{}, BaseEndpoint: &server.URL}, topic+".fifo")
	if err != nil {
		t.Fatal(err)
	}
	_ = to.Send(t.Context(), message()) // the answer is none of SNS's
	for _, want := range []string{"MessageGroupId=k-1&", "MessageDeduplicationId=m-1&"} {
		if !strings.Contains(string(body)+"&", want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

// Without credentials nothing was sent, and later there may be some.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("none") })
	to, err := channel.NewSNS(aws.Config{Credentials: none}, topic)
	if err != nil {
		t.Fatal(err)
	}
	var e *channel.Error
	if err := to.Send(t.Context(), message()); !errors.As(err, &e) || e.Unknown || e.Permanent {
		t.Errorf("%#v", err)
	}
}

func TestWhatIsNoTopicOrAddress(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{"", "polo", "arn:aws:sqs:eu-west-1:123456789012:polo", "arn:aws:sns:eu-west-1:123456789012:polo:subscription", "arn:aws:sns::123456789012:polo", "arn:aws:sns:eu-west-1::polo"} {
		if _, err := channel.NewSNS(aws.Config{}, arn); err == nil {
			t.Errorf("%q is taken", arn)
		}
	}
	for _, c := range []struct {
		region, from string
		to           []string
	}{{"", "a@b.c", []string{"a@b.c"}}, {"eu-west-1", "nobody", []string{"a@b.c"}}, {"eu-west-1", "a@b.c", nil}, {"eu-west-1", "a@b.c", []string{"ü@b.c"}}, {"eu-west-1", "a@b.c", slices.Repeat([]string{"a@b.c"}, 51)}, {"eu-west-1", "a@b.c", []string{"a@b.c\r\nBcc: x@y.z"}}} {
		if _, err := channel.NewSES(aws.Config{}, c.region, c.from, c.to); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
