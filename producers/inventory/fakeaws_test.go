package inventory_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// fakeAWS answers calls by name: from the header in the JSON protocol, from the form's Action in
// EC2's and the Query protocol.
type fakeAWS struct {
	mu    sync.Mutex
	calls []string
	// answer returns the status and body for a call; about is its JSON body or its form.
	answer func(call, about string) (status int, body string)
}

// start serves until the test ends.
func (f *fakeAWS) start(t *testing.T) sessions {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return sessions{endpoint: server.URL}
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, r.ContentLength)
	for n := 0; n < len(body); {
		m, err := r.Body.Read(body[n:])
		n += m
		if err != nil {
			break
		}
	}
	about := string(body)
	_, call, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if isJSON {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	} else if form, err := url.ParseQuery(about); err == nil {
		call = form.Get("Action")
		w.Header().Set("Content-Type", "text/xml")
	}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	status, answer := f.answer(call, about)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(answer)) // the client reports a missing answer
}

func (f *fakeAWS) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == call {
			n++
		}
	}
	return n
}

// refusal returns an error in the JSON protocol.
func refusal(code string) string { return fmt.Sprintf(`{"__type":%q,"message":"refused"}`, code) }

// ec2Refusal returns an error in EC2's protocol.
func ec2Refusal(code string) string {
	return "<Response><Errors><Error><Code>" + code + "</Code><Message>refused</Message></Error></Errors><RequestID>1</RequestID></Response>"
}

// member returns a text member of a JSON body.
func member(about, name string) string {
	var m map[string]any
	if err := json.Unmarshal([]byte(about), &m); err != nil {
		return ""
	}
	s, _ := m[name].(string)
	return s
}
