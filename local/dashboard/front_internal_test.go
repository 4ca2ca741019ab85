package dashboard

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const testKey = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// door is a front door with a stand-in for workerd, which echoes what reaches it.
type door struct {
	t      *testing.T
	url    string
	issuer *issuer
	cookie string
	now    time.Time
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t, now: time.Now()}
	worker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"host": r.Host, "path": r.URL.RequestURI(), "headers": r.Header})
	}))
	t.Cleanup(worker.Close)
	now := func() time.Time { return d.now }
	var err error
	if d.issuer, err = newIssuer("http://127.0.0.1:1", "owner@localhost", now); err != nil {
		t.Fatal(err)
	}
	files := assets{fstest.MapFS{"index.html": {Data: []byte("the application")}}}
	s := sessions{key: testKey, cookie: "polo_test", now: now}
	front := httptest.NewServer(newFront(s, files, d.issuer, worker.Listener.Addr().String(), slog.New(slog.DiscardHandler)))
	t.Cleanup(front.Close)
	d.url = front.URL
	return d
}

// reply is an answer of the front door.
type reply struct {
	status int
	header http.Header
	text   string
}

// do sends a request, with the session's cookie if there is one. Headers are "Name: value".
func (d *door) do(method, path, body string, headers ...string) reply {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if d.cookie != "" {
		r.Header.Set("Cookie", d.cookie)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

// signIn opens the address with the key.
func (d *door) signIn() {
	d.t.Helper()
	r := d.do(http.MethodGet, "/?key="+testKey, "")
	d.cookie, _, _ = strings.Cut(r.header.Get("Set-Cookie"), ";")
	if d.cookie == "" {
		d.t.Fatalf("no cookie: status %d: %s", r.status, r.text)
	}
}

const asBrowser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"

func TestFrontDoorAsksForTheKey(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		says                     string
	}{
		{"a page", http.MethodGet, "/costs?by=team&key=a%26b#x", "", []string{asBrowser}, 401, `name="to" value="/costs?by=team&amp;key=a%26b"`},
		{"a script", http.MethodGet, "/_app/main.js", "", nil, 401, "not signed in"},
		{"the API", http.MethodGet, "/api/me", "", []string{asBrowser}, 401, `"code":"unauthenticated"`},
		{"the API with a token of its own", http.MethodGet, "/api/me", "", []string{assertionHeader + ": x.y.z", "Cookie: CF_Authorization=x"}, 401, `"code":"unauthenticated"`},
		{"the API with the key", http.MethodGet, "/api/me?key=" + testKey, "", nil, 401, `"code":"unauthenticated"`},
		{"a page's request", http.MethodGet, "/x", "", []string{asBrowser, "X-Requested-With: XMLHttpRequest"}, 401, `"code":"unauthenticated"`},
		{"a wrong key", http.MethodGet, "/?key=" + testKey[1:], "", []string{asBrowser}, 401, wrongKey},
		{"an empty key", http.MethodGet, "/?key=", "", []string{asBrowser}, 401, wrongKey},
		{"the form with a wrong key", http.MethodPost, signInPath, "key=x&to=/costs", []string{form}, 401, `value="/costs"`},
		{"a link from elsewhere", http.MethodGet, "/costs?a=1", "", []string{asBrowser, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 401, `content="0; url=/costs?a=1"`},
		{"no session", http.MethodGet, "/", "", []string{asBrowser, "Cookie: polo_test=" + strings.Replace(expired(time.Hour), ".", "0.", 1)}, 401, "polo up"},
		{"an empty session", http.MethodGet, "/", "", []string{asBrowser, "Cookie: polo_test="}, 401, "polo up"},
		{"the key as session", http.MethodGet, "/", "", []string{asBrowser, "Cookie: polo_test=" + testKey}, 401, "polo up"},
		{"an expired session", http.MethodGet, "/", "", []string{asBrowser, "Cookie: polo_test=" + expired(-time.Minute)}, 401, "polo up"},
		{"a session", http.MethodGet, "/", "", []string{asBrowser, "Cookie: polo_test=" + expired(time.Minute)}, 200, "the application"},
	} {
		r := d.do(c.method, c.path, c.body, c.headers...)
		if r.status != c.status || !strings.Contains(r.text, c.says) {
			t.Errorf("%s: status %d, want %d and %q:\n%s", c.name, r.status, c.status, c.says, r.text)
		}
		if r.status != http.StatusOK && (r.header.Get("Set-Cookie") != "" || strings.Contains(r.text, testKey)) {
			t.Errorf("%s: signed in, or the key is given away: %v\n%s", c.name, r.header, r.text)
		}
	}
}

const form = "Content-Type: application/x-www-form-urlencoded"

// expired returns a session that ends after a time.
func expired(after time.Duration) string {
	s := sessions{key: testKey}
	return s.sealed(time.Now().Add(after))
}

func TestFrontDoorSignsIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, path, body, to string }{
		{"the address", http.MethodGet, "/?key=" + testKey, "", "/"},
		{"with a query", http.MethodGet, "/costs?by=team&key=" + testKey + "&key=mine&from=month-1m", "", "/costs?by=team&key=mine&from=month-1m"},
		{"a path with escapes", http.MethodGet, "/r/arn%3Aaws%2Fx?key=" + testKey, "", "/r/arn%3Aaws%2Fx"},
		{"another host", http.MethodGet, "//evil.example/?key=" + testKey, "", "/"},
		{"the form", http.MethodPost, signInPath, "key=+" + testKey + "%0A&to=/costs%3Fby%3Dteam", "/costs?by=team"},
		{"the form with another host", http.MethodPost, signInPath, "key=" + testKey + "&to=//evil.example", "/"},
		{"the form with another host's address", http.MethodPost, signInPath, "key=" + testKey + "&to=https://evil.example", "/"},
		{"the form with a backslash", http.MethodPost, signInPath, "key=" + testKey + `&to=/\evil.example`, "/"},
		{"the form with a tab", http.MethodPost, signInPath, "key=" + testKey + "&to=/%09/evil.example", "/"},
		{"the form without a place", http.MethodPost, signInPath, "key=" + testKey, "/"},
	} {
		d := newDoor(t)
		r := d.do(c.method, c.path, c.body, asBrowser, form)
		if r.status != http.StatusSeeOther || r.header.Get("Location") != c.to {
			t.Errorf("%s: status %d to %q, want %q", c.name, r.status, r.header.Get("Location"), c.to)
		}
		cookie := r.header.Get("Set-Cookie")
		for _, want := range []string{"polo_test=", "; HttpOnly", "; SameSite=Strict", "; Path=/"} {
			if !strings.Contains(cookie, want) {
				t.Errorf("%s: the cookie %q has no %q", c.name, cookie, want)
			}
		}
		if strings.Contains(cookie, testKey) || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the key is given away or stored: %v", c.name, r.header)
		}
		d.cookie, _, _ = strings.Cut(cookie, ";")
		if r := d.do(http.MethodGet, "/tags?key=team", "", asBrowser); r.status != http.StatusOK || r.text != "the application" {
			t.Errorf("%s: afterwards: status %d: %s", c.name, r.status, r.text)
		}
		d.now = d.now.Add(sessionLife)
		if r := d.do(http.MethodGet, "/", "", asBrowser); r.status != http.StatusUnauthorized {
			t.Errorf("%s: the session does not end: status %d", c.name, r.status)
		}
	}
}

func TestFrontDoorPassesOnTheAPIWithItsOwnToken(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.signIn()
	r := d.do(http.MethodGet, "/api/query/x?a=b%2Cc&key="+testKey, "", assertionHeader+": forged", "Cf-Access-Authenticated-User-Email: boss@example.com",
		"Authorization: Bearer x", "Polo-Tile: t1", "X-Forwarded-For: 1.2.3.4")
	var got struct {
		Host, Path string
		Headers    http.Header
	}
	if err := json.Unmarshal([]byte(r.text), &got); err != nil {
		t.Fatalf("%v in %s", err, r.text)
	}
	if got.Path != "/api/query/x?a=b%2Cc&key="+testKey || "http://"+got.Host != d.url || got.Headers.Get("Polo-Tile") != "t1" {
		t.Errorf("the request has changed: %+v", got)
	}
	for _, name := range []string{"Cookie", "Authorization", "Cf-Access-Authenticated-User-Email", "X-Forwarded-For"} {
		if _, ok := got.Headers[name]; ok {
			t.Errorf("%s reaches the Worker: %q", name, got.Headers[name])
		}
	}
	if tokens := got.Headers[assertionHeader]; len(tokens) != 1 || tokens[0] == "forged" || strings.Count(tokens[0], ".") != 2 {
		t.Errorf("the tokens are %q", tokens)
	}
	if r := d.do(http.MethodGet, "/api", ""); !strings.Contains(r.text, `"path":"/api"`) {
		t.Errorf("/api does not reach the Worker: %s", r.text)
	}
	if r := d.do(http.MethodGet, "/cdn-cgi/access/certs", "", asBrowser); r.status != http.StatusNotFound {
		t.Errorf("the certs: status %d", r.status)
	}
	for _, h := range []string{"Origin: http://localhost:1", "Sec-Fetch-Site: same-site"} {
		if r := d.do(http.MethodGet, "/api/me", "", h); r.status != http.StatusForbidden {
			t.Errorf("another page, %s: status %d: %s", h, r.status, r.text)
		}
	}
	if r := d.do(http.MethodPost, "/api/query/x", "{}", "Origin: "+d.url, "Sec-Fetch-Site: same-origin"); r.status != http.StatusOK {
		t.Errorf("its own page: status %d: %s", r.status, r.text)
	}
	out := d.do(http.MethodGet, logoutPath, "", asBrowser)
	if cookie := out.header.Get("Set-Cookie"); out.status != http.StatusOK || !strings.Contains(cookie, "polo_test=;") || !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("signing out: status %d, cookie %q", out.status, cookie)
	}
}

// A Worker that is given up is reported as one that is unavailable.
func TestFrontDoorWithoutWorker(t *testing.T) {
	t.Parallel()
	i, err := newIssuer("http://127.0.0.1:1", "owner@localhost", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := sessions{key: testKey, cookie: "polo_test", now: time.Now}
	front := httptest.NewServer(newFront(s, http.NotFoundHandler(), i, "127.0.0.1:1", slog.New(slog.DiscardHandler)))
	defer front.Close()
	d := &door{t: t, url: front.URL}
	d.signIn()
	r := d.do(http.MethodGet, "/api/me", "")
	var got apiError
	if err := json.Unmarshal([]byte(r.text), &got); err != nil || r.status != http.StatusServiceUnavailable || got.Error.Code != "unavailable" || got.RequestID == "" {
		t.Errorf("status %d: %s", r.status, r.text)
	}
}

// The sign-in page runs no script, and cannot be shown in a frame.
func TestSignInPageIsClosed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	r := d.do(http.MethodGet, `/"><script>alert(1)</script>?a="><b>`, "", asBrowser)
	policy := r.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the headers are %v", r.header)
	}
	if strings.Contains(r.text, "<script>") || strings.Contains(r.text, "<b>") {
		t.Errorf("the path is not escaped:\n%s", r.text)
	}
	action := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(r.text)
	to := regexp.MustCompile(`name="to" value="([^"]*)"`).FindStringSubmatch(r.text)
	if action == nil || to == nil {
		t.Fatalf("there is no form:\n%s", r.text)
	}
	in := d.do(http.MethodPost, action[1], url.Values{"key": {testKey}, "to": {"/x"}}.Encode(), form, "Origin: "+d.url)
	if in.status != http.StatusSeeOther {
		t.Errorf("the form: %s", fmt.Sprint(in))
	}
}
