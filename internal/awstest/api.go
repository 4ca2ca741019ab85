package awstest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// API is a server that stands for AWS. It speaks the protocols of the SDK's services: JSON, the
// Query protocol (and EC2's), and CBOR. It is safe for concurrent use.
type API struct {
	// URL is the server's.
	URL string

	answer  func(call string, body []byte) (status int, answer []byte)
	mu      sync.Mutex
	calls   []string
	regions []string
}

// Serve starts an API that ends with the test. answer gets a call's name and body (JSON, a form
// or CBOR) and returns the status and the body of the response.
func Serve(t testing.TB, answer func(call string, body []byte) (status int, answer []byte)) *API {
	t.Helper()
	a := &API{answer: answer}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	call, isCBOR := "", r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor"
	switch _, target, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), "."); {
	case isJSON:
		call = target
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	case isCBOR:
		call = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		w.Header().Set("Content-Type", "application/cbor")
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	default:
		if form, err := url.ParseQuery(string(body)); err == nil {
			call = form.Get("Action")
		}
		w.Header().Set("Content-Type", "text/xml")
	}
	a.mu.Lock()
	a.calls = append(a.calls, call)
	a.mu.Unlock()
	status, answer := a.answer(call, body)
	w.WriteHeader(status)
	_, _ = w.Write(answer) // a client that has gone needs none
}

// Config returns a configuration of the SDK for the server, as collectors' sessions do. It is
// tried once.
func (a *API) Config(_ context.Context, _, region string) (aws.Config, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.regions = append(a.regions, region)
	return aws.Config{
		Region: region, BaseEndpoint: &a.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), Retryer: Retryer,
	}, nil
}

// Count returns how often a call was made.
func (a *API) Count(call string) int {
	n := 0
	for _, c := range a.Calls() {
		if c == call {
			n++
		}
	}
	return n
}

// Calls returns the names of all calls, in order.
func (a *API) Calls() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// Regions returns the regions that configurations were asked for, in order.
func (a *API) Regions() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.regions)
}
