package channel_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/alerts/channel"
)

var at = time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC)

// message is about a firing, a reminded and a resolved episode.
func message(change ...func(*channel.Message)) channel.Message {
	m := channel.Message{
		Key: "k-1", ID: "m-1", Alert: "leak", Title: "Something leaks", Text: "It costs.", Severity: "high", Runbook: "https://docs.example/runbook#leak",
		Link: "https://polo.example/alerts?alert=leak", At: at, Open: 2,
		Firing: []channel.Item{
			{Labels: []channel.Pair{{Name: "account_id", Value: "012345678901"}, {Name: "name", Value: "tap"}}, Values: []channel.Pair{{Name: "litres", Value: "7"}}, Since: at},
			{Labels: []channel.Pair{{Name: "name", Value: "pipe"}}, Since: at.Add(-24 * time.Hour), Reminder: true, Link: "https://polo.example/alerts?alert=leak&episode=e"},
		},
		Resolved: []channel.Item{{Labels: []channel.Pair{{Name: "name", Value: "roof"}}, Since: at}},
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

// hostile has data that tries to be markup, headers, or more than fits.
func hostile(m *channel.Message) {
	m.Title = "a\r\nBcc: x@example.com\u2028<!channel>"
	m.Firing[0].Labels[1].Value = "<https://evil.example|click> & <script>\x00\u202e " + strings.Repeat("x", 10_000) + "\xff"
	for len(m.Firing) < 100 {
		m.Firing = append(m.Firing, m.Firing[0])
	}
	m.MoreFiring = 212
}

// kinds are the channels that send over HTTP, with a secret in each.
func kinds(t *testing.T, address string) map[string]channel.Channel {
	t.Helper()
	client := &http.Client{Timeout: 2 * time.Second}
	slack, err1 := channel.NewSlack(address+"/services/T0/SECRETPATH", client)
	duty, err2 := channel.NewPagerDuty(address, "SECRETKEY", client)
	hook, err3 := channel.NewWebhook(address+"/in?token=SECRETTOKEN", "SECRETSIGNATUREKEY", client, func() time.Time { return at })
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return map[string]channel.Channel{"slack": slack, "pagerduty": duty, "webhook": hook}
}

func TestAnswersAreClassified(t *testing.T) {
	t.Parallel()
	type verdict struct {
		Failed, Unknown, Permanent bool
		After                      time.Duration
	}
	answer := func(status int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "invalid_payload")
		}
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    verdict
	}{
		{"200", answer(200), verdict{}},
		{"202", answer(202), verdict{}},
		{"429 with seconds", answer(429, "Retry-After", "7"), verdict{Failed: true, After: 7 * time.Second}},
		{"429 for ever", answer(429, "Retry-After", "999999"), verdict{Failed: true, After: time.Hour}},
		{"429 with nonsense", answer(429, "Retry-After", "soon"), verdict{Failed: true}},
		{"500", answer(500), verdict{Failed: true, Unknown: true}},
		{"503", answer(503, "Retry-After", "3"), verdict{Failed: true, Unknown: true, After: 3 * time.Second}},
		{"400", answer(400), verdict{Failed: true, Permanent: true}},
		{"403", answer(403), verdict{Failed: true, Permanent: true}},
		{"404", answer(404), verdict{Failed: true, Permanent: true}},
		{"redirect", answer(302, "Location", elsewhere.URL), verdict{Failed: true, Permanent: true}},
		{"closed after reading", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}, verdict{Failed: true, Unknown: true}},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, verdict{Failed: true, Unknown: true}},
		{"an endless answer", func(w http.ResponseWriter, _ *http.Request) {
			for range 1000 {
				_, _ = io.WriteString(w, strings.Repeat("x", 1<<10))
			}
		}, verdict{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { requests++; c.handler(w, r) }))
			defer server.Close()
			for kind, to := range kinds(t, server.URL) {
				requests = 0
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				err := to.Send(ctx, message())
				cancel()
				var got verdict
				if err != nil {
					var e *channel.Error
					if !errors.As(err, &e) {
						t.Fatalf("%s: %v is no *channel.Error", kind, err)
					}
					got = verdict{true, e.Unknown, e.Permanent, e.RetryAfter}
					if strings.Contains(err.Error(), "SECRET") {
						t.Errorf("%s: the error tells a secret: %v", kind, err)
					}
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s\n%v", kind, diff, err)
				}
				if requests != 1 {
					t.Errorf("%s: %d requests", kind, requests)
				}
			}
		})
	}
}

// What never left is known not to have arrived.
func TestARefusedConnectionIsKnown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	_ = listener.Close()
	for kind, to := range kinds(t, address) {
		err := to.Send(t.Context(), message())
		var e *channel.Error
		if !errors.As(err, &e) || e.Unknown || e.Permanent || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %#v", kind, err)
		}
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "http://example.com/x", "ftp://example.com", "https://", "https://user:SECRET@example.com", "://SECRET", "http://127.example.com"} {
		if _, err := channel.NewSlack(address, &http.Client{}); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// sent returns what a channel sends.
func sent(t *testing.T, kind string, m channel.Message) (map[string]any, *http.Request, []byte) {
	t.Helper()
	var body []byte
	var request *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		request = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	if err := kinds(t, server.URL)[kind].Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatal(err)
	}
	return out, request, body
}
