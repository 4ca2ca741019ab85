package channel_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
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

// kinds are the channels that send over HTTP, with a secret in each.
func kinds(t *testing.T, address string) map[string]channel.Channel {
	t.Helper()
	client := &http.Client{Timeout: 2 * time.Second}
	slack, err1 := channel.NewSlack(address+"/services/T0/SECRETPATH", client)
	duty, err2 := channel.NewPagerDuty(address+"/v2/enqueue", "SECRETKEY", client)
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
		{"429 with seconds", answer(429, "Retry-After", "7"), verdict{Failed: true, After: 7 * time.Second}},
		{"429 for ever", answer(429, "Retry-After", "999999"), verdict{Failed: true, After: time.Hour}},
		{"429 until a date that passed", answer(429, "Retry-After", "Mon, 01 Jan 2001 00:00:00 GMT"), verdict{Failed: true}},
		{"429 until a far date", answer(429, "Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT"), verdict{Failed: true, After: time.Hour}},
		{"429 with less than nothing", answer(429, "Retry-After", "-5"), verdict{Failed: true}},
		{"408", answer(408), verdict{Failed: true}},
		{"401", answer(401), verdict{Failed: true, Permanent: true}},
		{"410", answer(410), verdict{Failed: true, Permanent: true}},
		{"413", answer(413), verdict{Failed: true, Permanent: true}},
		{"429 with nonsense", answer(429, "Retry-After", "soon"), verdict{Failed: true}},
		{"500", answer(500), verdict{Failed: true, Unknown: true}},
		{"503", answer(503, "Retry-After", "3"), verdict{Failed: true, Unknown: true, After: 3 * time.Second}},
		{"400", answer(400), verdict{Failed: true, Permanent: true}},
		{"403", answer(403), verdict{Failed: true, Permanent: true}},
		{"404", answer(404), verdict{Failed: true, Permanent: true}},
		{"301", answer(301, "Location", elsewhere.URL), verdict{Failed: true, Permanent: true}},
		{"302", answer(302, "Location", elsewhere.URL), verdict{Failed: true, Permanent: true}},
		{"307", answer(307, "Location", elsewhere.URL), verdict{Failed: true, Permanent: true}},
		{"308 to this machine's metadata", answer(308, "Location", "http://169.254.169.254/latest/meta-data/"), verdict{Failed: true, Permanent: true}},
		{"302 to no address that quotes the secret", answer(302, "Location", "https://[x/services/T0/SECRETPATH?token=SECRETTOKEN"), verdict{Failed: true, Permanent: true}},
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

// Each receiver has its own idea of success. Another one's, which may be a proxy's, is none.
func TestSuccess(t *testing.T) {
	t.Parallel()
	for status, want := range map[int][]string{200: {"slack", "webhook"}, 202: {"pagerduty", "webhook"}, 203: {"webhook"}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			for { // until the channel has had enough
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
					return
				}
			}
		}))
		t.Cleanup(server.Close)
		for kind, to := range kinds(t, server.URL) {
			start := time.Now()
			err := to.Send(t.Context(), message())
			if time.Since(start) > time.Second { // the client's own time is two
				t.Errorf("%s, status %d: it reads an endless answer", kind, status)
			}
			var e *channel.Error
			if slices.Contains(want, kind) != (err == nil) || err != nil && (!errors.As(err, &e) || !e.Unknown || e.Permanent) {
				t.Errorf("%s, status %d: %v", kind, status, err)
			}
		}
	}
}

// A receiver that sends back what it got makes no error tell what authenticates.
func TestAnAnswerThatQuotesTheSecret(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1<<20)
		n, _ := io.ReadFull(r.Body, body)
		w.WriteHeader(http.StatusBadRequest)
		routing, _, _ := strings.Cut(string(body[max(0, strings.Index(string(body[:n]), `"routing_key"`)):n]), ",")
		_, _ = io.WriteString(w, r.URL.RawQuery+" "+r.URL.Path[strings.LastIndex(r.URL.Path, "/"):]+" "+routing)
	}))
	defer server.Close()
	for kind, to := range kinds(t, server.URL) {
		if err := to.Send(t.Context(), message()); err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "status 400") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	client := &http.Client{Transport: failing{}}
	slack, err := channel.NewSlack("https://hooks.example.com/services/T0/SECRETPATH", client)
	if err != nil {
		t.Fatal(err)
	}
	var e *channel.Error
	if err := slack.Send(t.Context(), message()); !errors.As(err, &e) || !e.Unknown || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%#v %v", e, err)
	}
}

// failing is a transport whose error quotes the address, and that does not say what was written.
type failing struct{}

func (failing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("proxy: cannot get " + r.URL.String())
}

// A refusal is explained by the beginning of the answer, in a line.
func TestARefusalIsExplained(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "invalid_blocks\r\n\x1b[31m"+strings.Repeat("y", 5000))
	}))
	defer server.Close()
	for kind, to := range kinds(t, server.URL) {
		err := to.Send(t.Context(), message())
		if err == nil || !strings.Contains(err.Error(), "status 400: invalid_blocks") || len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\r\n\x1b") {
			t.Errorf("%s: %q", kind, err)
		}
	}
}

// No connection is kept: one that the receiver closes meanwhile would make the next message uncertain.
func TestConnectionsAreNotKept(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v2") {
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	for kind, to := range kinds(t, server.URL) {
		connections.Store(0)
		for range 3 {
			if err := to.Send(t.Context(), message()); err != nil {
				t.Fatal(err)
			}
		}
		if n := connections.Load(); n != 3 {
			t.Errorf("%s: %d connections for 3 messages", kind, n)
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
