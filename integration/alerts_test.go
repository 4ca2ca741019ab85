package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/alerts/channel"
	"polo/alerts/journal"
	"polo/envelope"
	"polo/local/lambda"
	"polo/local/stack"
)

// mailbox is a receiver of a signed webhook and of Slack's, on one address.
type mailbox struct {
	secret, path string

	mu sync.Mutex
	// got are the webhook's messages, slack counts Slack's.
	got    []letter
	slack  int
	faults []string
	// status answers the next requests, 200 after them.
	status []int
}

// letter is what a test reads of a message.
type letter struct {
	Alert    string
	Repeated bool
	Open     int
	Firing   []struct{ Labels map[string]string }
	Resolved []struct{ Labels map[string]string }
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.status) > 0 {
		status := m.status[0]
		if m.status = m.status[1:]; status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
	}
	if r.URL.Path == m.path {
		m.slack++
		return
	}
	if want := "v1=" + channel.Sign([]byte(m.secret), r.Header.Get(channel.HeaderTimestamp), body); err != nil || r.Header.Get(channel.HeaderSignature) != want {
		m.faults = append(m.faults, fmt.Sprintf("a wrong signature on %s: %v", r.URL.Path, err))
	}
	var l letter
	if err := json.Unmarshal(body, &l); err != nil {
		m.faults = append(m.faults, err.Error())
	}
	m.got = append(m.got, l)
}

// read returns short forms of the messages since the last call.
func (m *mailbox) read() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, l := range m.got {
		text := l.Alert
		if l.Repeated {
			text += " repeated"
		}
		for _, i := range l.Firing {
			text += " +" + i.Labels["account_id"] + " " + i.Labels["use"]
		}
		for _, i := range l.Resolved {
			text += " -" + i.Labels["account_id"] + " " + i.Labels["use"]
		}
		out = append(out, fmt.Sprintf("%s (%d open)", text, l.Open))
	}
	m.got = nil
	slices.Sort(out)
	return append(out, fmt.Sprintf("%d to Slack", m.slack))
}

// TestAlertsThroughLambda runs the function of alerts on the whole stack: an event of the root user fires an alert, which is told on two
// channels; runs at once, a channel that fails and an evaluation that is repeated tell nothing twice; a restated event resolves it.
func TestAlertsThroughLambda(t *testing.T) {
	t.Parallel()
	p := planted{}
	box := &mailbox{secret: p.secret("the webhook's key"), path: "/services/" + p.secret("Slack's address")}
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	secrets := newVault(t)
	programs := buildFunctions(t, "alerts")
	routes := fmt.Sprintf(`{"channels": {"hook": {"webhook": {"url": "%s/in", "secret": "hook_key"}}, "ops": {"slack": {"secret": "slack_url"}}},
		"routes": [{"alert": ["root_sign_in"], "send": ["hook", "ops"]}, {"send": []}], "default": ["ops"]}`, server.URL)
	data := t.TempDir()
	withStack(t, data, func(s *stack.Stack) {
		functions := s.Functions(programs, slog.New(slog.DiscardHandler))
		consumer, closeSink, err := s.Consumer(nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := consumer.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		defer func() {
			cancel()
			running.Wait()
			if err := errors.Join(functions.Close(), closeSink()); err != nil {
				t.Error(err)
			}
		}()
		fn, err := functions.Alerts(5*time.Minute, map[string]string{
			"POLO_ALERTS": routes, "POLO_ALERTS_SECRET": secrets.put(t, "alerts", map[string]string{"hook_key": box.secret, "slack_url": server.URL + box.path}),
			"AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets.url,
		})
		if err != nil {
			t.Fatal(err)
		}
		evaluate := func(at time.Time, times int) {
			t.Helper()
			var runs sync.WaitGroup
			for range times {
				runs.Go(func() {
					answer, err := fn.Invoke(t.Context(), lambda.Invocation{Payload: []byte(`{"scheduled":"` + at.Format(time.RFC3339) + `"}`)})
					if err != nil {
						t.Errorf("at %s: %v", at, err)
					}
					if where := p.found(string(answer) + fmt.Sprint(err)); where != nil {
						t.Errorf("the function answers with secrets of %q", where)
					}
				})
			}
			runs.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := stack.AwaitEmpty(ctx, s.Queue, 50*time.Millisecond, nil); err != nil {
				t.Fatal(err)
			}
		}
		want := func(what string, lines ...string) {
			t.Helper()
			if diff := cmp.Diff(lines, box.read()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		now := time.Now().UTC().Truncate(time.Second)
		root := func(actor string, observed time.Time) envelope.ResourceEvent {
			ts := now.Add(-time.Hour)
			return envelope.ResourceEvent{
				EventID: envelope.NewEventID("aws.cloudtrail", ts, "1"), EventType: envelope.TypeAPICall, Source: "aws.cloudtrail", TS: ts, ObservedAt: observed,
				Platform: "aws", AccountID: "111122223333", Service: "iam", Actor: actor, Properties: envelope.PairsOf(map[string]string{"event_name": "CreateUser"}),
			}
		}
		log := journal.New(s.Queue, s.DLQ, slog.New(slog.DiscardHandler))
		publish := func(e envelope.ResourceEvent) {
			t.Helper()
			if err := log.Publish(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := stack.AwaitEmpty(ctx, s.Queue, 50*time.Millisecond, nil); err != nil {
				t.Fatal(err)
			}
		}
		at := now.Add(-30 * time.Minute)
		evaluate(at, 1)
		want("nothing is wrong", "0 to Slack")

		publish(root("arn:aws:iam::111122223333:root", now.Add(-time.Minute)))
		box.status = []int{http.StatusTooManyRequests}
		at = at.Add(5 * time.Minute)
		evaluate(at, 2)
		evaluate(at, 1)
		want("two runs at once, one request too many, and the same time again", "root_sign_in +111122223333 call (1 open)", "1 to Slack")

		at = at.Add(5 * time.Minute)
		evaluate(at, 1)
		want("it was told", "1 to Slack")

		publish(root("arn:aws:iam::111122223333:user/ada", now))
		at = at.Add(5 * time.Minute)
		evaluate(at, 1)
		want("restated: it was not the root user", "root_sign_in -111122223333 call (0 open)", "2 to Slack")
		if box.faults != nil {
			t.Error(strings.Join(box.faults, "\n"))
		}
		conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Reader)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		(&platforms{planted: p, stack: s, conn: conn}).lookIn(t, "root_sign_in")
	})
	p.checkFiles(t, data)
}
