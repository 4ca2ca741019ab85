package producers_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

const source = "aws.cloudtrail"

// event returns the i-th valid test event.
func event(i int) envelope.ResourceEvent {
	ts := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	id := fmt.Sprintf("i-%08x", i)
	return envelope.ResourceEvent{
		EventID:   envelope.NewEventID(source, ts, id),
		EventType: envelope.TypeAPICall, Source: source, TS: ts, ObservedAt: ts,
		ARN: "arn:aws:ec2:us-east-1:000011112222:instance/" + id, Platform: envelope.PlatformAWS,
		AccountID: "000011112222", Region: "us-east-1", Service: "ec2", ResourceType: "ec2:instance", ResourceID: id,
		Actor: "arn:aws:iam::000011112222:user/jo",
		Properties: envelope.PairsOf(map[string]string{
			"event_name": "StopInstances", "event_source": "ec2.amazonaws.com", "user_agent": "aws-cli/2.1",
			"source_ip": "10.1.2.3", "read_only": "false", "event_version": "1.08", "recipient_account_id": "000011112222",
			"request_parameters": `{"instancesSet":{"items":[{"instanceId":"` + id + `"}]},"force":false}`,
		}),
	}
}

func events(n int) []envelope.ResourceEvent {
	all := make([]envelope.ResourceEvent, n)
	for i := range all {
		all[i] = event(i)
	}
	return all
}

// invalid breaks two rules.
func invalid(i int) envelope.ResourceEvent {
	e := event(i)
	e.ARN, e.EventType = "no arn", "resource.created"
	return e
}

// incompressible returns an event with n bytes that no compression reduces to less than
// about three quarters.
func incompressible(i, n int) envelope.ResourceEvent {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	random := rand.New(rand.NewPCG(1, uint64(i)))
	var b strings.Builder
	for range n {
		b.WriteByte(letters[random.IntN(len(letters))])
	}
	e := event(i)
	e.Properties.Set("noise", b.String())
	return e
}

func line(e envelope.ResourceEvent) string { return string(e.AppendJSON(nil)) }

// arrived collects the messages of a queue and its dead-letter queue.
type arrived struct {
	mu sync.Mutex
	// events counts arrivals by line; largest is the most events in one pack.
	events  map[string]int
	largest int
	// failures are letters by body.
	failures map[string]queue.Failure
}

func newArrived() *arrived {
	return &arrived{events: make(map[string]int), failures: make(map[string]queue.Failure)}
}

func (a *arrived) pack(t *testing.T, body string) {
	t.Helper()
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Decode([]byte(body))
	if err != nil {
		t.Errorf("a published pack does not decode: %v", err)
		return
	}
	if p.Source != source {
		t.Errorf("pack of source %q", p.Source)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.largest = max(a.largest, len(p.Lines))
	for _, l := range p.Lines {
		if l.Err != nil {
			t.Errorf("a published event does not decode: %v", l.Err)
		}
		a.events[string(l.Raw)]++
	}
}

func (a *arrived) failure(t *testing.T, m queue.Message) {
	t.Helper()
	f, err := queue.ParseFailure(m)
	if err != nil {
		t.Errorf("a published failure does not parse: %v", err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures[string(f.Body)] = f
}

// check compares with what was emitted: each event arrived at least once and, if exact,
// only once.
func (a *arrived) check(t *testing.T, want []envelope.ResourceEvent, exact bool) {
	t.Helper()
	missing, doubled := 0, 0
	for _, e := range want {
		switch n := a.events[line(e)]; {
		case n == 0:
			missing++
		case n > 1:
			doubled++
		}
	}
	if missing > 0 || len(a.events) != len(want) || exact && doubled > 0 {
		t.Errorf("of %d events %d are missing, %d doubled; %d different ones came", len(want), missing, doubled, len(a.events))
	}
}
