package loopback_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"polo/local/loopback"
)

func TestGuardPages(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewServer(loopback.GuardPages(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })))
	defer server.Close()
	addr := server.Listener.Addr().String()
	type headers map[string]string
	for _, c := range []struct {
		name, method, host string
		headers            headers
		want               bool
	}{
		{name: "a program", want: true},
		{name: "typed into a browser", headers: headers{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, want: true},
		{name: "its own page's request", headers: headers{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, want: true},
		{name: "its own page's post", method: http.MethodPost, headers: headers{"Sec-Fetch-Site": "same-origin", "Origin": "http://" + addr}, want: true},
		{name: "a link on another site", headers: headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, want: true},
		{name: "a link on another server of this machine", headers: headers{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, want: true},
		{name: "another site's form", method: http.MethodPost, headers: headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}},
		{name: "another site's form, with its origin", method: http.MethodPost, headers: headers{"Origin": "https://evil.example"}},
		{name: "a page of a file", method: http.MethodPost, headers: headers{"Origin": "null"}},
		{name: "an empty origin", headers: headers{"Origin": ""}},
		{name: "another server of this machine", method: http.MethodPost, headers: headers{"Origin": "http://127.0.0.1:1"}},
		{name: "the same server by another name", headers: headers{"Origin": "http://localhost"}},
		{name: "the same server by https", headers: headers{"Origin": "https://" + addr}},
		{name: "a frame on another site", headers: headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}},
		{name: "an image on another site", headers: headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}},
		{name: "an image on another server of this machine", headers: headers{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}},
		{name: "a rebound name", host: "evil.example:80"},
		{name: "a rebound name's own page", host: "evil.example:80", headers: headers{"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example:80"}},
		{name: "a question before a request", headers: headers{"Access-Control-Request-Method": "POST"}},
	} {
		reached = false
		method := http.MethodGet
		if c.method != "" {
			method = c.method
		}
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		for name, value := range c.headers {
			r.Header[name] = []string{value}
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if reached != c.want || !c.want && resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: passed on: %v, status %d; want %v", c.name, reached, resp.StatusCode, c.want)
		}
	}
}
