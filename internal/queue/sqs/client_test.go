package sqs_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"polo/internal/queue/sqs"
)

// bodyKind records whether the SDK's request body has a WriteTo.
type bodyKind struct{ writerTo, asked bool }

func (b *bodyKind) Do(r *http.Request) (*http.Response, error) {
	_, b.writerTo = r.Body.(io.WriterTo)
	b.asked = true
	return nil, errors.New("enough seen")
}

func TestClientHidesWriteTo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		endpoint, base string
		writerTo       bool
	}{
		"local":             {endpoint: "http://127.0.0.1:1"},
		"local, by config":  {base: "http://127.0.0.1:1"},
		"remote, untouched": {endpoint: "https://sqs.test", writerTo: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen bodyKind
			cfg := testConfig()
			cfg.HTTPClient = &seen
			if tt.base != "" {
				cfg.BaseEndpoint = &tt.base
			}
			q := sqs.New(sqs.NewClient(cfg, tt.endpoint), "https://sqs.test/1/q", sqs.Options{})
			if _, err := q.Stats(t.Context()); err == nil || !seen.asked {
				t.Fatalf("asked %v, error %v", seen.asked, err)
			}
			if seen.writerTo != tt.writerTo {
				t.Errorf("the body has a WriteTo: %v", seen.writerTo)
			}
		})
	}
}

func TestEndpointOf(t *testing.T) {
	t.Parallel()
	for queue, want := range map[string]string{
		"http://127.0.0.1:4100/000000000000/polo-events":        "http://127.0.0.1:4100",
		"https://sqs.eu-west-1.amazonaws.com/000000000000/polo": "",
		"polo-events": "",
		"arn:aws:sqs:eu-west-1:000000000000:polo": "",
	} {
		if got := sqs.EndpointOf(queue); got != want {
			t.Errorf("EndpointOf(%q) = %q, want %q", queue, got, want)
		}
	}
}
