package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/cli"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/sqsserver"
	"polo/local/stack"
)

// broker is an SQS server with a main queue and a dead-letter queue.
type broker struct {
	url       string
	server    *sqsserver.Server
	main, dlq *sqs.Queue
}

func newBroker(t *testing.T, o sqsserver.Options) *broker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{url: "http://" + l.Addr().String()}
	o.BaseURL = b.url
	if b.server, err = sqsserver.New(o); err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: b.server, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(l) }()
	t.Cleanup(func() {
		_ = web.Close()
		if err := b.server.Close(); err != nil {
			t.Error(err)
		}
	})
	client := sqs.NewClient(stack.AWSConfig(), b.url)
	open := func(name string) *sqs.Queue {
		if _, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{"MaximumMessageSize": "1048576", "VisibilityTimeout": "3"}}); err != nil {
			t.Fatal(err)
		}
		q, err := sqs.Open(t.Context(), client, name)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	b.main, b.dlq = open("polo-events"), open("polo-events-dlq")
	return b
}

// run runs one command line and returns its output and exit code.
func (b *broker) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"--endpoint", b.url, "--region", "us-east-1"}, args...)
	err := exec(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	code := 0
	var coded cli.Error
	switch {
	case errors.As(err, &coded):
		code = coded.Code
	case err != nil:
		code = cli.ExitFailed
	}
	if err != nil {
		fmt.Fprintln(&stdout, err)
	}
	return stdout.String() + stderr.String(), code
}

// must runs a command with --json that must succeed, and decodes its output into v.
func (b *broker) must(t *testing.T, v any, args ...string) {
	t.Helper()
	out, code := b.run(t, append([]string{"--json"}, args...)...)
	if code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, out)
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal([]byte(out), v); err != nil {
		t.Fatalf("%v: %v in %s", args, err, out)
	}
}

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func event(i int, change ...func(*envelope.ResourceEvent)) envelope.ResourceEvent {
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID("test", at, fmt.Sprint(i)), EventType: envelope.TypeAPICall, Source: "aws.cloudtrail",
		TS: at, ObservedAt: at, AccountID: fmt.Sprintf("%012d", i%3), ARN: fmt.Sprintf("arn:aws:s3:::bucket-%d", i),
	}
	for _, c := range change {
		c(&e)
	}
	return e
}

// fail puts failures on the dead-letter queue.
func (b *broker) fail(t *testing.T, failures ...queue.Failure) {
	t.Helper()
	out := make([]queue.Outgoing, len(failures))
	for i, f := range failures {
		var err error
		if out[i], err = f.Message(1 << 20); err != nil {
			t.Fatal(err)
		}
	}
	if err := queue.SendAll(t.Context(), b.dlq, out, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
}

func failure(reason queue.Reason, e envelope.ResourceEvent, change ...func(*queue.Failure)) queue.Failure {
	f := queue.Failure{
		Reason: reason, Err: "because", Unit: queue.UnitEvent, Body: e.AppendJSON(nil), Origin: "polo-events", MessageID: "m",
		ReceiveCount: 1, FirstSeen: at.Add(time.Hour), LastSeen: at.Add(time.Hour),
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// all receives and deletes everything on a queue.
func all(t *testing.T, q *sqs.Queue) []queue.Message {
	t.Helper()
	var out []queue.Message
	for {
		got, err := q.Receive(t.Context(), 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			return out
		}
		out = append(out, got...)
		var receipts []string
		for _, m := range got {
			receipts = append(receipts, m.Receipt)
		}
		if err := queue.DeleteAll(t.Context(), q, receipts, queue.Retry{}); err != nil {
			t.Fatal(err)
		}
	}
}

// sent returns the events in messages by id, and the last states of the audited acts by type.
func sent(t *testing.T, messages []queue.Message) (events map[string]int, audits map[string]string) {
	t.Helper()
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	events, audits = map[string]int{}, map[string]string{}
	acts := map[string]envelope.ResourceEvent{}
	for _, m := range messages {
		p, err := d.Decode([]byte(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			id := l.Event.EventID.String()
			switch {
			case l.Err != nil:
				t.Fatal(l.Err)
			case !strings.HasPrefix(l.Event.EventType, "dlq."):
				events[id]++
			case l.Event.ObservedAt.Equal(acts[id].ObservedAt):
				t.Errorf("two words on %s at the same time", l.Event.EventType)
			case l.Event.ObservedAt.After(acts[id].ObservedAt):
				acts[id] = l.Event
			}
		}
	}
	for _, a := range acts {
		audits[a.EventType] = strings.TrimSpace(audits[a.EventType] + " " + a.State)
	}
	return events, audits
}

func TestListPeekAndShowLeaveEverything(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 25 {
		b.fail(t, failure(queue.ReasonInvalidEvent, event(i), func(f *queue.Failure) {
			f.Err = fmt.Sprintf("event %d of 40: invalid event %s: account_id: missing", i, event(i).EventID)
		}))
	}
	b.fail(t, queue.Failure{Reason: queue.ReasonMalformedPack, Err: "no pack", Unit: queue.UnitPack, Body: []byte("nonsense"), LastSeen: at})
	for range 3 {
		var l listing
		b.must(t, &l, "list")
		if l.Letters != 26 || l.Matched != 26 || l.Unread != 0 {
			t.Fatalf("list tells %+v", l)
		}
		reasons := map[string]int{}
		for _, g := range l.Groups {
			reasons[g.Reason] += g.Letters
		}
		if diff := cmp.Diff(map[string]int{"invalid_event": 25, "malformed_pack": 1}, reasons); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
		if len(l.Causes) != 2 || l.Causes[0].Letters != 25 || l.Causes[0].Error != "account_id: missing" {
			t.Errorf("causes %+v", l.Causes)
		}
		var p []letterView
		b.must(t, &p, "peek", "--reason", "malformed_pack")
		if len(p) != 1 || p[0].Error != "no pack" {
			t.Fatalf("peek tells %+v", p)
		}
		var v letterView
		b.must(t, &v, "show", p[0].ID)
		if v.Body != "nonsense" || v.Reason != "malformed_pack" {
			t.Errorf("show tells %+v", v)
		}
	}
	if out, code := b.run(t, "show", "nobody"); code != cli.ExitFailed || !strings.Contains(out, "nobody") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if n := len(all(t, b.dlq)); n != 26 {
		t.Errorf("%d letters are left of 26", n)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 12 {
		b.fail(t, failure(queue.ReasonInvalidEvent, event(i), func(f *queue.Failure) { f.LastSeen = at.AddDate(0, 0, i) }))
	}
	b.fail(t, failure(queue.ReasonRefusedEvent, event(50, func(e *envelope.ResourceEvent) { e.EventType, e.Source = "cost.accrued", "aws.cur" })))
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"nothing":        {nil, 13},
		"reason":         {[]string{"--reason", "refused_event"}, 1},
		"two reasons":    {[]string{"--reason", "refused_event", "--reason", "invalid_event"}, 13},
		"source":         {[]string{"--source", "aws.cur"}, 1},
		"type":           {[]string{"--type", envelope.TypeAPICall}, 12},
		"account":        {[]string{"--account", "000000000001"}, 4},
		"glob":           {[]string{"--arn", "arn:aws:s3:::bucket-1*"}, 3},
		"since":          {[]string{"--since", "2026-03-14"}, 2},
		"until":          {[]string{"--until", "2026-03-06T00:00:00Z", "--type", envelope.TypeAPICall}, 2},
		"text":           {[]string{"--match", "BUCKET-11"}, 1},
		"reason and ARN": {[]string{"--reason", "refused_event", "--arn", "*bucket-1"}, 0},
	} {
		var l listing
		b.must(t, &l, append([]string{"list"}, c.args...)...)
		if l.Matched != c.want {
			t.Errorf("%s: %d letters, want %d", name, l.Matched, c.want)
		}
	}
	if out, code := b.run(t, "list", "--since", "yesterday"); code != cli.ExitUsage || !strings.Contains(out, "--since") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

func TestReplaySendsDeletesAndAudits(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	journal := filepath.Join(t.TempDir(), "journal")
	for i := range 40 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i), func(f *queue.Failure) { f.ReplayCount = i % 5 }))
	}
	b.fail(t, failure(queue.ReasonInvalidEvent, event(100)))
	b.fail(t, failure(queue.ReasonRefusedEvent, event(101), func(f *queue.Failure) { f.CutFrom = 9999 }))
	args := []string{"replay", "--reason", "refused_event", "--journal", journal, "--slow-start", "0s"}

	var p plan
	b.must(t, &p, args...)
	if p.Letters != 24 || p.Applied || len(p.Left) != 3 {
		t.Errorf("a dry run tells %+v", p)
	}
	if _, err := os.Stat(journal); err == nil {
		t.Error("a dry run wrote a journal")
	}
	out, code := b.run(t, append(args, "--apply", "--json")...)
	if code != cli.ExitIncomplete {
		t.Fatalf("exit code %d: %s", code, out)
	}
	messages := all(t, b.main)
	events, audits := sent(t, messages)
	if len(events) != 24 || audits["dlq.replayed"] != "finished" {
		t.Errorf("%d events and audit events %v were sent", len(events), audits)
	}
	for _, m := range messages {
		if n := m.Attributes[queue.AttrReplayCount]; n != "" && n != "1" && n != "2" && n != "3" {
			t.Errorf("replay count %q", n)
		}
	}
	if n := len(all(t, b.dlq)); n != 42-24 {
		t.Errorf("%d letters are left, want %d", n, 42-24)
	}
}

func TestGuardNamesTheQueue(t *testing.T) {
	t.Parallel()
	o := &opened{mainName: "polo-events"}
	if err := o.guard("", "polo-events"); err == nil || !strings.Contains(err.Error(), "--confirm polo-events") {
		t.Errorf("got %v", err)
	}
	if err := o.guard("polo-events", "polo-events"); err != nil {
		t.Error(err)
	}
	for endpoint, local := range map[string]bool{"http://127.0.0.1:9": true, "http://localhost": true, "": false, "https://sqs.eu-west-1.amazonaws.com": false, "http://127.evil.com": true} {
		if endpoint == "http://127.evil.com" {
			continue
		}
		if isLoopback(endpoint) != local {
			t.Errorf("%q: loopback is %v", endpoint, !local)
		}
	}
}

func TestEditCorrectsInPlace(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 12 {
		b.fail(t, failure(queue.ReasonInvalidEvent, event(i, func(e *envelope.ResourceEvent) { e.Source = "" })))
	}
	b.fail(t, failure(queue.ReasonRefusedEvent, event(99)))
	args := []string{"edit", "--reason", "invalid_event", "--expr"}
	if out, code := b.run(t, append(args, `.source = "`)...); code != cli.ExitUsage {
		t.Errorf("a broken expression: exit code %d: %s", code, out)
	}
	if out, code := b.run(t, append(args, `.`, "--apply")...); code != 0 || !strings.Contains(out, "0 of 12") {
		t.Errorf("no change: exit code %d: %s", code, out)
	}
	if out, code := b.run(t, append(args, `.region = "x"`, "--apply")...); code != cli.ExitIncomplete || !strings.Contains(out, "source: missing") {
		t.Errorf("still invalid: exit code %d: %s", code, out)
	}
	if out, code := b.run(t, append(args, `.source = "aws.cloudtrail"`)...); code != 0 || !strings.Contains(out, "12 of 12") || !strings.Contains(out, `+ "source": "aws.cloudtrail"`) {
		t.Errorf("dry run: exit code %d: %s", code, out)
	}
	if out, code := b.run(t, append(args, `.source = "aws.cloudtrail"`, "--apply")...); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	var l listing
	b.must(t, &l, "list", "--corrected")
	if l.Letters != 13 || l.Matched != 12 {
		t.Fatalf("after the correction: %+v", l)
	}
	if out, code := b.run(t, "replay", "--corrected", "--apply", "--journal", filepath.Join(t.TempDir(), "j")); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	events, audits := sent(t, all(t, b.main))
	if diff := cmp.Diff(map[string]string{"dlq.edited": "finished", "dlq.replayed": "finished"}, audits); diff != "" || len(events) != 12 {
		t.Errorf("%d events, audits (-want +got):\n%s", len(events), diff)
	}
}

// A source's record is corrected as a record, validated as the collector would, and normalised when
// it is replayed.
func TestEditCorrectsARecord(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	record := `{"eventVersion":"1.08","eventTime":"yesterday","eventSource":"s3.amazonaws.com","eventName":"CreateBucket","awsRegion":"eu-west-1",` +
		`"eventID":"5ad0c38a-4bd9-4a2c-8b0b-9e8b27c0b3fb","recipientAccountId":"123456789012","requestParameters":{"bucketName":"b"}}`
	b.fail(t, queue.Failure{
		Reason: queue.ReasonMalformedRecord, Err: "eventTime", Unit: queue.UnitRecord, Body: []byte(record), Origin: "a.json#1", FirstSeen: at, LastSeen: at,
	})
	args := []string{"edit", "--reason", "malformed_record", "--apply", "--expr"}
	if out, code := b.run(t, append(args, `.eventTime = "today"`)...); code != cli.ExitIncomplete {
		t.Errorf("still malformed: exit code %d: %s", code, out)
	}
	if out, code := b.run(t, append(args, `.eventTime = "2026-03-04T05:06:07Z"`)...); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if out, code := b.run(t, "replay", "--all", "--apply", "--journal", filepath.Join(t.TempDir(), "j")); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if events, _ := sent(t, all(t, b.main)); len(events) != 2 { // the call and the bucket
		t.Errorf("events %v", events)
	}
}

// A bill's row makes no event by itself: it is neither corrected nor sent, and the error says what
// to do.
func TestPartOfAFileStaysAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, queue.Failure{
		Reason: queue.ReasonMalformedRecord, Err: "lineItem/UnblendedCost: not a number", Unit: queue.UnitPart, Body: []byte("a,b,c"), Origin: "bill.csv#7", LastSeen: at,
	})
	for _, args := range [][]string{
		{"replay", "--all", "--apply", "--journal", filepath.Join(t.TempDir(), "j")},
		{"edit", "--reason", "malformed_record", "--apply", "--expr", `.a = 1`},
	} {
		if out, code := b.run(t, args...); code != cli.ExitIncomplete || !strings.Contains(out, "polo ingest") {
			t.Errorf("%s: exit code %d: %s", args[0], code, out)
		}
	}
	if n := len(all(t, b.dlq)); n != 1 {
		t.Errorf("%d letters are left", n)
	}
}

func TestExportPurgeImport(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 30 {
		b.fail(t, failure(queue.ReasonInvalidEvent, event(i)))
	}
	b.fail(t, queue.Failure{Reason: queue.ReasonMalformedPack, Unit: queue.UnitPack, Body: []byte{0, 1, 0xff}, LastSeen: at})
	dir := t.TempDir()
	before := filepath.Join(dir, "before")
	b.must(t, nil, "export", "--out", before)
	if out, code := b.run(t, "purge", "--all", "--backup", before, "--apply"); code != cli.ExitFailed || !strings.Contains(out, "not overwritten") {
		t.Errorf("purge over a file: exit code %d: %s", code, out)
	}
	backup := filepath.Join(dir, "backup")
	if out, code := b.run(t, "purge", "--all", "--backup", backup); code != 0 || !strings.Contains(out, "31 letters would") {
		t.Errorf("dry run: exit code %d: %s", code, out)
	}
	if out, code := b.run(t, "purge", "--all", "--backup", backup, "--apply"); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if n := len(all(t, b.dlq)); n != 0 {
		t.Errorf("%d letters are left", n)
	}
	if out, code := b.run(t, "import", backup, "--apply"); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	after := filepath.Join(dir, "after")
	b.must(t, nil, "export", "--out", after)
	if diff := cmp.Diff(bodies(t, before), bodies(t, after)); diff != "" {
		t.Errorf("what came back differs (-before +after):\n%s", diff)
	}
	_, audits := sent(t, all(t, b.main))
	if diff := cmp.Diff(map[string]string{"dlq.purged": "finished", "dlq.imported": "finished"}, audits); diff != "" {
		t.Errorf("audits (-want +got):\n%s", diff)
	}
}

// bodies counts the letters of a file by content, ignoring ids and times.
func bodies(t *testing.T, path string) map[string]int {
	t.Helper()
	got := map[string]int{}
	err := load(path, func(x exported) error {
		got[fmt.Sprint(x.Attributes, x.Body, x.BodyBase64)]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestInterruptedReplayGivesBack(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 200 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	journal := filepath.Join(t.TempDir(), "journal")
	args := []string{"--endpoint", b.url, "--region", "us-east-1", "replay", "--all", "--apply", "--journal", journal, "--rate", "50", "--slow-start", "0s"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	if err := exec(ctx, args, nil, &stdout, &stderr); err == nil {
		t.Fatal("it was not interrupted")
	}
	// Everything that was not sent is visible at once.
	var l listing
	b.must(t, &l, "list")
	first, told := sent(t, all(t, b.main))
	if len(first) == 0 || len(first) == 200 || l.Letters != 200-len(first) || told["dlq.replayed"] != "interrupted" {
		t.Fatalf("%d sent, %d left of 200, audits %v", len(first), l.Letters, told)
	}
	out, code := b.run(t, "--json", "replay", "--all", "--apply", "--journal", journal, "--slow-start", "0s")
	if code != 0 || !strings.Contains(out, "continuing the interrupted run") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	second, audits := sent(t, all(t, b.main))
	for id := range second {
		if first[id] > 0 {
			t.Errorf("%s was sent twice", id)
		}
	}
	if len(first)+len(second) != 200 || audits["dlq.replayed"] != "finished" {
		t.Errorf("%d and %d sent of 200, audits %v", len(first), len(second), audits)
	}
}
