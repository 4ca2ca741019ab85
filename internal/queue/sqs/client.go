package sqs

import (
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// NewClient returns an SDK client that makes one attempt per call, as the adapter
// requires. A non-empty endpoint replaces cfg's.
func NewClient(cfg aws.Config, endpoint string) *sqs.Client {
	return sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		o.Retryer = aws.NopRetryer{}
		o.RetryMaxAttempts = 1
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		if !strings.HasPrefix(aws.ToString(o.BaseEndpoint), "http://") {
			return
		}
		client := cfg.HTTPClient
		if client == nil {
			client = awshttp.NewBuildableClient()
		}
		o.HTTPClient = plainBody{client}
	})
}

// plainBody hides the request body's WriteTo. A server on the same machine can answer
// before net/http has written the whole request. The transport then closes the body
// while the SDK's WriteTo still reads it, and reports a good answer, with its received
// messages, as "use of closed network connection".
type plainBody struct{ next aws.HTTPClient }

func (c plainBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return c.next.Do(r)
	}
	plain := r.Clone(r.Context())
	plain.Body = struct{ io.ReadCloser }{r.Body}
	return c.next.Do(plain)
}
