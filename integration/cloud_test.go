package integration_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"polo/internal/queue/queuetest"
)

// cloud is AWS for tests: moto, which has many accounts, behind a proxy that adds what
// moto lacks: latency and faults.
type cloud struct {
	// URL is the proxy's, moto is moto's own.
	URL, moto string

	mu sync.Mutex
	// accounts maps the access keys from AssumeRole to their accounts.
	accounts map[string]string
	faults   faults
	// answers caches EC2's answers by account and request while nothing changes: moto
	// is one Python process, and slower than AWS.
	answers map[string]answer
}

// faults are the injected faults and the latency.
type faults struct {
	// denied is an account whose role may not be assumed. throttled is an account whose
	// EC2 requests are all throttled. down is a region that closes every connection.
	denied, throttled, down string
	latency                 time.Duration
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// management is the account of moto's clients that assume no role.
const management = "123456789012"

// startCloud starts moto and its proxy. Without moto the test is skipped, or fails if
// POLO_REQUIRE_MOTO is set.
func startCloud(t *testing.T) *cloud {
	t.Helper()
	if _, err := exec.LookPath("moto_server"); err != nil && os.Getenv("POLO_REQUIRE_MOTO") != "" {
		t.Fatalf("POLO_REQUIRE_MOTO is set: %v", err)
	}
	c := &cloud{moto: queuetest.StartMoto(t), accounts: map[string]string{}, answers: map[string]answer{}}
	web := httptest.NewServer(c)
	t.Cleanup(web.Close)
	c.URL = web.URL
	return c
}

func (c *cloud) set(f faults) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = f
}

// forget drops the cached answers of an action.
func (c *cloud) forget(action string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for same := range c.answers {
		if strings.Contains(same, "Action="+action+"&") {
			delete(c.answers, same)
		}
	}
}

// scope matches key, region and service in a request's signature.
var scope = regexp.MustCompile(`Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request`)

// ServeHTTP implements http.Handler.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	signed := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if signed == nil {
		http.Error(w, "not signed", http.StatusForbidden)
		return
	}
	key, region, service := signed[1], signed[2], signed[3]
	c.mu.Lock()
	f, account := c.faults, c.accounts[key]
	c.mu.Unlock()
	if account == "" {
		account = management
	}
	time.Sleep(f.latency)
	assuming := assumed(body)
	switch {
	case region == f.down:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close() // the injected fault
		}
		return
	case assuming.role != "" && (assuming.externalID != externalID || !strings.HasSuffix(assuming.role, "/prod-PoloReadRole") || assuming.account() == f.denied):
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole on resource: %s</Message></Error><RequestId>1</RequestId></ErrorResponse>`, assuming.role)
		return
	case service == "ec2" && account == f.throttled:
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>1</RequestID></Response>`)
		return
	}
	a, err := c.answer(r, body, account+" "+region+" "+service)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if assuming.role != "" {
		if got := accessKey.FindSubmatch(a.body); got != nil {
			c.mu.Lock()
			c.accounts[string(got[1])] = assuming.account()
			c.mu.Unlock()
		}
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may have disconnected
}

var accessKey = regexp.MustCompile(`<AccessKeyId>([^<]+)</AccessKeyId>`)

// answer returns moto's answer, or the cached one.
func (c *cloud) answer(r *http.Request, body []byte, who string) (answer, error) {
	same := who + " " + r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("X-Amz-Target") + " " + string(body)
	c.mu.Lock()
	kept, found := c.answers[same]
	c.mu.Unlock()
	if found {
		return kept, nil
	}
	on, err := http.NewRequestWithContext(r.Context(), r.Method, c.moto+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	on.Header = r.Header.Clone()
	on.Header.Del("Accept-Encoding")
	resp, err := http.DefaultClient.Do(on)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: text}
	a.header.Del("Content-Length")
	if strings.HasPrefix(string(body), "Action=Describe") && a.status == http.StatusOK {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.answers[same] = a
	}
	return a, nil
}

// assumption is a request of sts:AssumeRole; zero for any other request.
type assumption struct{ role, externalID string }

func assumed(body []byte) assumption {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("Action") != "AssumeRole" {
		return assumption{}
	}
	return assumption{role: form.Get("RoleArn"), externalID: form.Get("ExternalId")}
}

func (a assumption) account() string {
	if parts := strings.Split(a.role, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}
