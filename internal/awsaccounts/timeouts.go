package awsaccounts

import (
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Timeouts bound one try of one request, so that a region that is down costs seconds.
// Zero means the default.
type Timeouts struct {
	// Connect bounds the connection, 3 s: AWS's endpoints answer within 0.3 s from the
	// other side of the world. TLS bounds the handshake, 5 s.
	Connect, TLS time.Duration
	// Answer bounds the wait for the answer's first byte, 20 s: the slowest calls (Cost
	// Explorer's groups, a wide Describe) take up to about 10 s.
	Answer time.Duration
	// Whole bounds the whole try, the body included: 60 s.
	Whole time.Duration
}

func (t Timeouts) withDefaults() Timeouts {
	for _, d := range []struct {
		d        *time.Duration
		fallback time.Duration
	}{{&t.Connect, 3 * time.Second}, {&t.TLS, 5 * time.Second}, {&t.Answer, 20 * time.Second}, {&t.Whole, time.Minute}} {
		if *d.d == 0 {
			*d.d = d.fallback
		}
	}
	return t
}

// newHTTPClient returns the client that all accounts and regions share.
func newHTTPClient(t Timeouts) aws.HTTPClient {
	return plainBody{awshttp.NewBuildableClient().
		WithTimeout(t.Whole).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = t.Connect }).
		WithTransportOptions(func(tr *http.Transport) {
			tr.TLSHandshakeTimeout = t.TLS
			tr.ResponseHeaderTimeout = t.Answer
			// Several scopes use one regional endpoint at once; with the default of 10,
			// connections would be closed and reopened all the time.
			tr.MaxIdleConnsPerHost = 64
		})}
}

// plainBody hides the request body's WriteTo from plain HTTP. A server on the same
// machine can answer before net/http has written the whole request. The transport then
// closes the body while WriteTo still reads it, and reports a good answer as "use of
// closed network connection".
type plainBody struct{ next aws.HTTPClient }

func (c plainBody) Do(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "http" || r.Body == nil || r.Body == http.NoBody {
		return c.next.Do(r)
	}
	plain := r.Clone(r.Context())
	plain.Body = struct{ io.ReadCloser }{r.Body}
	return c.next.Do(plain)
}
