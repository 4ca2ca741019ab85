package loopback_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"polo/local/loopback"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewServer(loopback.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })))
	defer server.Close()
	addr := server.Listener.Addr().String()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, host, header, value string
		want                      bool
	}{
		{name: "by address", host: addr, want: true},
		{name: "by name", host: "localhost:" + port, want: true},
		{name: "by name in capitals", host: "LOCALHOST:" + port, want: true},
		{name: "by another loopback address", host: "127.8.8.8:" + port, want: true},
		{name: "by IPv6", host: "[::1]:" + port, want: true},
		{name: "typed into a browser", host: addr, header: "Sec-Fetch-Site", value: "none", want: true},
		{name: "name of somebody else", host: "evil.example:" + port},
		{name: "name that begins as this machine's", host: "localhost.evil.example:" + port},
		{name: "address that begins as this machine's", host: "127.0.0.1.evil.example:" + port},
		{name: "address of somebody else", host: "10.0.0.1:" + port},
		{name: "any address", host: "0.0.0.0:" + port},
		{name: "another port", host: "127.0.0.1:1"},
		{name: "no port", host: "127.0.0.1"},
		{name: "address in brackets without a port", host: "[::1]"},
		{name: "user before the host", host: "localhost@evil.example:" + port},
		{name: "page of another site", host: addr, header: "Origin", value: "https://evil.example"},
		{name: "page of a file", host: addr, header: "Origin", value: "null"},
		{name: "page with an empty origin", host: addr, header: "Origin"},
		{name: "page of this machine", host: addr, header: "Origin", value: "http://" + addr},
		{name: "image on a page", host: addr, header: "Sec-Fetch-Site", value: "cross-site"},
		{name: "image on a page of this machine", host: addr, header: "Sec-Fetch-Site", value: "same-site"},
		{name: "image on a page of this server", host: addr, header: "Sec-Fetch-Site", value: "same-origin"},
		{name: "question before a request", host: addr, header: "Access-Control-Request-Method", value: "POST"},
	} {
		reached = false
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
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
		if passed := resp.StatusCode == http.StatusOK; passed != c.want || reached != c.want {
			t.Errorf("%s: status %d, reached %t, want passed %t", c.name, resp.StatusCode, reached, c.want)
		}
	}
}
