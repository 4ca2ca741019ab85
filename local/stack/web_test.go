package stack_test

import (
	"net/http"
	"strings"
	"testing"

	"polo/local/stack"
)

// A browser sends a page's simple requests without a preflight: they must be refused.
func TestQueueIsClosedToWebPages(t *testing.T) {
	t.Parallel()
	s := open(t, stack.Options{Dir: t.TempDir()})
	defer closed(t, s)
	for name, c := range map[string]struct {
		host, header, value string
		want                int
	}{
		"program":             {want: http.StatusOK},
		"page":                {header: "Origin", value: "https://evil.example", want: http.StatusForbidden},
		"page without a name": {header: "Origin", value: "null", want: http.StatusForbidden},
		"form":                {header: "Sec-Fetch-Site", value: "cross-site", want: http.StatusForbidden},
		"rebound name":        {host: "evil.example:9324", want: http.StatusForbidden},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Endpoints.SQS, strings.NewReader(`{"QueueUrl":"`+s.Endpoints.QueueURL+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "AmazonSQS.PurgeQueue")
		r.Host = c.host
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if resp.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", name, resp.StatusCode, c.want)
		}
	}
}
