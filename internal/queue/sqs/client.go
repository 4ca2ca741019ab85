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

// EndpointOf returns the server that a queue's URL names where that is not AWS, whose URLs
// are https: one on this machine. It is empty for every other queue.
func EndpointOf(queue string) string {
	rest, plain := strings.CutPrefix(queue, "http://")
	if !plain {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return "http://" + host
}

// plainBody hides the request body's WriteTo. A server on the same machine can
// answer before net/http is done writing the request; the transport then closes
// the body while the SDK's WriteTo still reads it, and a good answer, received
// messages with it, is reported as "use of closed network connection".
type plainBody struct{ next aws.HTTPClient }

func (c plainBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return c.next.Do(r)
	}
	plain := r.Clone(r.Context())
	plain.Body = struct{ io.ReadCloser }{r.Body}
	return c.next.Do(plain)
}
