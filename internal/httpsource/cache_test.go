package httpsource_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/internal/httpsource"
	"polo/internal/meter"
)

// library answers each path with a body and a header, and "not modified" where the client has it.
type library struct {
	mu     sync.Mutex
	header http.Header
	body   string
	// conditions are the ones that requests had, "" for none.
	conditions []string
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	condition := r.Header.Get("If-None-Match") + r.Header.Get("If-Modified-Since")
	l.conditions = append(l.conditions, condition)
	for name, values := range l.header {
		w.Header()[name] = values
	}
	if condition != "" && (condition == l.header.Get("Etag") || condition == l.header.Get("Last-Modified")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(r.URL.Path + l.body))
}

func (l *library) set(body string, header ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.body, l.header, l.conditions = body, http.Header{}, nil
	for i := 0; i < len(header); i += 2 {
		l.header.Set(header[i], header[i+1])
	}
}

func bearer(token string) func(context.Context, *http.Request) error {
	return func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
}

// cached returns a client of a token that shares a cache.
func cached(t *testing.T, base, token, accept string, cache *httpsource.Cache) *httpsource.Client {
	t.Helper()
	c, err := httpsource.New(httpsource.Config{Base: base, Cache: cache, Header: http.Header{"Accept": {accept}}, Authorize: bearer(token)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCache(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header []string
		// sent is the condition of a second request, "" if it has none.
		sent string
	}{
		"ETag":             {header: []string{"ETag", `W/"1"`}, sent: `W/"1"`},
		"Last-Modified":    {header: []string{"Last-Modified", "Mon, 02 Mar 2026 00:00:00 GMT"}, sent: "Mon, 02 Mar 2026 00:00:00 GMT"},
		"neither":          {header: []string{"X-Other", "1"}},
		"no-store":         {header: []string{"ETag", `"1"`, "Cache-Control", "private, No-Store"}},
		"varies by all":    {header: []string{"ETag", `"1"`, "Vary", "*"}},
		"private, for now": {header: []string{"ETag", `"1"`, "Cache-Control", "private, max-age=0"}, sent: `"1"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &library{}
			server := httptest.NewServer(l)
			defer server.Close()
			l.set("one", c.header...)
			client := cached(t, server.URL, "a", "x", httpsource.NewCache(httpsource.CacheLimits{Entries: 9, Bytes: 1 << 10, Body: 1 << 9}))
			m := &meter.Meter{}
			ctx := meter.With(t.Context(), m)
			for range 3 {
				a, err := client.Get(ctx, "/p", nil)
				if err != nil || a.Status != http.StatusOK || string(a.Body) != "/pone" {
					t.Fatalf("%+v, %v", a, err)
				}
			}
			kept := int64(0)
			if c.sent != "" {
				kept = 2
			}
			if l.conditions[1] != c.sent || l.conditions[2] != c.sent || m.Counts().Requests != 3 || m.Counts().NotModified != kept {
				t.Errorf("conditions %q, %+v", l.conditions, m.Counts())
			}
			l.set("two", append(c.header, "ETag", `"2"`, "Last-Modified", "Tue, 03 Mar 2026 00:00:00 GMT")...)
			if a, err := client.Get(ctx, "/p", nil); err != nil || string(a.Body) != "/ptwo" || a.NotModified {
				t.Errorf("changed: %+v, %v", a, err)
			}
		})
	}
}

// An answer is of its credential, address and Accept, and of GET.
func TestCacheSharesNothing(t *testing.T) {
	t.Parallel()
	l := &library{}
	server := httptest.NewServer(l)
	defer server.Close()
	l.set("", "ETag", `"1"`)
	cache := httpsource.NewCache(httpsource.CacheLimits{Entries: 9, Bytes: 1 << 10, Body: 1 << 9})
	get := func(token, accept, path, method string) string {
		t.Helper()
		if _, err := cached(t, server.URL, token, accept, cache).Do(t.Context(), httpsource.Request{Method: method, Path: path}); err != nil {
			t.Fatal(err)
		}
		return l.conditions[len(l.conditions)-1]
	}
	get("a", "x", "/p", "GET")
	for name, condition := range map[string]string{
		"token": get("b", "x", "/p", "GET"), "Accept": get("a", "y", "/p", "GET"), "path": get("a", "x", "/q", "GET"), "method": get("a", "x", "/p", "POST"),
	} {
		if condition != "" {
			t.Errorf("another %s has the first one's version", name)
		}
	}
	if got := get("a", "x", "/p", "GET"); got != `"1"` {
		t.Errorf("another client of the credential sends %q", got)
	}
}

// The cache keeps what fits, and of that what was used last. What is refused is not kept.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	l := &library{}
	server := httptest.NewServer(l)
	defer server.Close()
	for name, c := range map[string]struct {
		limits httpsource.CacheLimits
		size   int
		kept   string
	}{
		"by entries": {httpsource.CacheLimits{Entries: 2, Bytes: 1 << 20, Body: 1 << 20}, 10, "/a /c"},
		"by bytes":   {httpsource.CacheLimits{Entries: 9, Bytes: 3000, Body: 1 << 20}, 1000, "/a /c"},
		"by body":    {httpsource.CacheLimits{Entries: 9, Bytes: 1 << 20, Body: 999}, 1000, ""},
		"all":        {httpsource.CacheLimits{Entries: 3, Bytes: 1 << 20, Body: 1 << 20}, 1000, "/a /c /b"},
		"by nothing": {httpsource.CacheLimits{}, 10, ""},
	} {
		l.set(strings.Repeat("x", c.size), "ETag", `"1"`)
		client := cached(t, server.URL, "a", "x", httpsource.NewCache(c.limits))
		get := func(path string) *httpsource.Answer {
			a, err := client.Get(t.Context(), path, nil)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		for _, path := range []string{"/a", "/b", "/a", "/c"} {
			get(path)
		}
		var kept []string
		for _, path := range []string{"/a", "/c", "/b"} { // b last, for it would drop another
			if a := get(path); a.NotModified {
				kept = append(kept, path)
			}
		}
		if diff := cmp.Diff(strings.Fields(c.kept), append([]string{}, kept...)); diff != "" {
			t.Errorf("%s (-want +kept):\n%s", name, diff)
		}
	}
}

// Forget and a newer answer that may not be kept drop an answer.
func TestCacheForgets(t *testing.T) {
	t.Parallel()
	l := &library{}
	server := httptest.NewServer(l)
	defer server.Close()
	client := cached(t, server.URL, "a", "x", httpsource.NewCache(httpsource.CacheLimits{Entries: 9, Bytes: 1 << 10, Body: 1 << 9}))
	get := func() *httpsource.Answer {
		a, err := client.Get(t.Context(), "/p", nil)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	l.set("one", "ETag", `"1"`)
	get().Forget()
	if a := get(); a.NotModified {
		t.Error("it was to be forgotten")
	}
	l.set("two", "ETag", `"2"`, "Cache-Control", "no-store")
	get()
	l.set("one", "ETag", `"1"`)
	if a := get(); a.NotModified || string(a.Body) != "/pone" {
		t.Errorf("an older answer is still kept: %s", a.Body)
	}
	// The newest headers count, and of the others those that were kept.
	l.set("one", "ETag", `"1"`, "X-Scopes", "less")
	if a := get(); !a.NotModified || a.Header.Get("X-Scopes") != "less" {
		t.Errorf("%+v", a)
	}
	(&httpsource.Answer{}).Forget() // of no cache
}
