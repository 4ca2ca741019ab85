// Package queuetest is the conformance suite of the queue contract. Every adapter must
// pass it on every server it supports.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/internal/queue"
)

// Queue is what the suite tests.
type Queue interface {
	queue.Sender
	queue.Receiver
	queue.Inspector
}

// patience is how long the suite waits for an expected message.
const patience = 20 * time.Second

// Quirk is a known difference between a server and the contract. The suite skips only
// what the quirk affects.
type Quirk string

// Quirks.
const (
	// TakesAnyText: the server accepts characters that SQS refuses.
	TakesAnyText Quirk = "takes any text"
	// GhostPolls: a poll whose client has disconnected swallows the next message for a
	// whole visibility timeout.
	GhostPolls Quirk = "ghost polls"
)

// Suite runs each test on its own empty queue, returned by open, with a visibility
// timeout of at least 30 s. It assumes no order of delivery and tolerates duplicates.
func Suite(t *testing.T, open func(t *testing.T) Queue, quirks ...Quirk) {
	has := func(k Quirk) bool { return slices.Contains(quirks, k) }
	for name, test := range map[string]func(t *testing.T, q Queue){
		"round trip":         roundTrip,
		"bodies":             bodies,
		"attributes":         attributes,
		"largest message":    largestMessage,
		"full batch":         fullBatch,
		"refused characters": func(t *testing.T, q Queue) { refusedCharacters(t, q, has(TakesAnyText)) },
		"send all splits":    sendAllSplits,
		"receive count":      receiveCount,
		"visibility":         visibility,
		"delete twice":       deleteTwice,
		"foreign receipt":    foreignReceipt,
		"cancelled receive":  func(t *testing.T, q Queue) { cancelledReceive(t, q, has(GhostPolls)) },
		"stats":              stats,
		"failure records":    failureRecords,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func send(t *testing.T, q Queue, messages ...queue.Outgoing) {
	t.Helper()
	if err := queue.SendAll(t.Context(), q, messages, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
}

// take receives until it holds want distinct messages, and returns them by body.
func take(t *testing.T, q Queue, want int) map[string]queue.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := make(map[string]queue.Message)
	for len(got) < want {
		messages, err := q.Receive(ctx, queue.MaxReceipts, time.Second)
		if err != nil && !errors.Is(err, queue.ErrTransient) {
			t.Fatalf("receiving, with %d of %d messages: %v", len(got), want, err)
		}
		for _, m := range messages {
			got[m.Body] = m
		}
	}
	return got
}

// takeOne receives one message.
func takeOne(t *testing.T, q Queue) queue.Message {
	t.Helper()
	for _, m := range take(t, q, 1) {
		return m
	}
	return queue.Message{}
}

// takeNone fails if a message arrives within a second.
func takeNone(t *testing.T, q Queue) {
	t.Helper()
	messages, err := q.Receive(t.Context(), 1, time.Second)
	if err != nil || len(messages) != 0 {
		t.Fatalf("receiving from an empty queue: %d messages, error %v", len(messages), err)
	}
}

func roundTrip(t *testing.T, q Queue) {
	var out []queue.Outgoing
	for i := range 25 {
		out = append(out, queue.Outgoing{Body: fmt.Sprintf("message %d", i)})
	}
	before := time.Now().Add(-time.Minute)
	send(t, q, out...)
	got := take(t, q, len(out))
	var receipts []string
	for _, o := range out {
		m, ok := got[o.Body]
		if !ok {
			t.Fatalf("%q was not delivered", o.Body)
		}
		if m.ID == "" || m.Queue == "" || m.Receipt == "" || m.ReceiveCount < 1 || len(m.Attributes) != 0 || m.DeadLetterSource != "" {
			t.Errorf("%q came as %+v", o.Body, m)
		}
		if m.SentAt.Before(before) || m.SentAt.After(time.Now().Add(time.Minute)) || m.FirstReceivedAt.Before(m.SentAt) {
			t.Errorf("%q sent at %v, first received at %v", o.Body, m.SentAt, m.FirstReceivedAt)
		}
		receipts = append(receipts, m.Receipt)
	}
	if err := queue.DeleteAll(t.Context(), q, receipts, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
	takeNone(t, q)
}

func bodies(t *testing.T, q Queue) {
	want := []string{
		"x", " ", "\t\n\r", "öäü 漢字 \U0001F680 \uFFFD \uE000 \U0010FFFF", `{"a":"<&>\u0000"}`,
		"  leading and trailing \n", strings.Repeat("é", 4096),
	}
	var out []queue.Outgoing
	for _, body := range want {
		out = append(out, queue.Outgoing{Body: body})
	}
	send(t, q, out...)
	got := take(t, q, len(want))
	for _, body := range want {
		if _, ok := got[body]; !ok {
			t.Errorf("body %.40q was changed", body)
		}
	}
}

func attributes(t *testing.T, q Queue) {
	want := map[string]string{"ReplayCount": "3", "with.dot-and_": "öäü 漢字 \U0001F680\n"}
	for i := len(want); i < queue.MaxAttributes; i++ {
		want[fmt.Sprintf("Name%d", i)] = strings.Repeat("v", i)
	}
	send(t, q, queue.Outgoing{Body: "body", Attributes: want})
	got := takeOne(t, q).Attributes
	if len(got) != len(want) {
		t.Errorf("%d attributes received of %d", len(got), len(want))
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("attribute %s: got %q, want %q", name, got[name], value)
		}
	}
}

func largestMessage(t *testing.T, q Queue) {
	attr := map[string]string{"Reason": "size counts attributes"}
	o := queue.Outgoing{Body: "a", Attributes: attr}
	o.Body = strings.Repeat("a", q.Limits().MaxMessage-o.Size()+1)
	send(t, q, o)
	if got := takeOne(t, q); got.Body != o.Body || got.Attributes["Reason"] != attr["Reason"] {
		t.Errorf("the largest message was received with %d bytes of %d", len(got.Body), len(o.Body))
	}
	o.Body += "a"
	for i, err := range q.SendBatch(t.Context(), []queue.Outgoing{o}) {
		if !errors.Is(err, queue.ErrTooLarge) && !errors.Is(err, queue.ErrRefused) {
			t.Errorf("one byte more: answer %d is %v", i, err)
		}
	}
	if err := queue.SendAll(t.Context(), q, []queue.Outgoing{o}, queue.Retry{}); !errors.Is(err, queue.ErrTooLarge) {
		t.Errorf("one byte more, by SendAll: %v", err)
	}
}

func fullBatch(t *testing.T, q Queue) {
	limits := q.Limits()
	out := make([]queue.Outgoing, limits.MaxEntries)
	for i := range out {
		size := min(limits.MaxBytes/limits.MaxEntries, limits.MaxMessage)
		out[i].Body = string(rune('a'+i)) + strings.Repeat("x", size-1)
	}
	if errs := q.SendBatch(t.Context(), out); errs != nil {
		t.Fatalf("a batch at its limits: %v", errors.Join(errs...))
	}
	got := take(t, q, len(out))
	for _, o := range out {
		if _, ok := got[o.Body]; !ok {
			t.Errorf("message %c was not delivered", o.Body[0])
		}
	}
	if errs := q.SendBatch(t.Context(), append(out, queue.Outgoing{Body: "one more"})); len(errs) != len(out)+1 ||
		slices.Contains(errs, nil) {
		t.Errorf("a batch beyond its limits: %d answers", len(errs))
	}
}

func refusedCharacters(t *testing.T, q Queue, takesAnyText bool) {
	out := []queue.Outgoing{{Body: "good"}, {Body: "nul \x00"}, {Body: "good too"}, {Body: "broken \xff"}, {Body: "bad \uFFFE"}}
	err := queue.SendAll(t.Context(), q, out, queue.Retry{})
	var failed *queue.SendError
	if !errors.As(err, &failed) || len(failed.Failed) != 3 || !failed.Permanent() || !errors.Is(err, queue.ErrNotText) {
		t.Errorf("three of five with bad characters: %v", err)
	}
	got := take(t, q, 2)
	for _, body := range []string{"good", "good too"} {
		if _, ok := got[body]; !ok {
			t.Errorf("%q was not delivered", body)
		}
	}
	if takesAnyText {
		return
	}
	// Test the server's own check, in case ours misses something. Invalid UTF-8 cannot
	// even be sent as JSON.
	for _, body := range []string{"nul \x00", "escape \x1b", "bad \uFFFE"} {
		errs := q.SendBatch(t.Context(), []queue.Outgoing{{Body: body}})
		if len(errs) != 1 || errs[0] == nil || errors.Is(errs[0], queue.ErrTransient) {
			t.Errorf("sending %q unchecked: %v", body, errs)
		}
	}
}

func sendAllSplits(t *testing.T, q Queue) {
	limits := q.Limits()
	var out []queue.Outgoing
	for i := range 2*limits.MaxEntries + 1 {
		out = append(out, queue.Outgoing{Body: fmt.Sprintf("small %d", i)})
	}
	for i := range 3 {
		out = append(out, queue.Outgoing{Body: string(rune('a'+i)) + strings.Repeat("x", limits.MaxMessage-1)})
	}
	send(t, q, out...)
	got := take(t, q, len(out))
	for _, o := range out {
		if _, ok := got[o.Body]; !ok {
			t.Errorf("%.10q of %d bytes was not delivered", o.Body, len(o.Body))
		}
	}
}

func receiveCount(t *testing.T, q Queue) {
	send(t, q, queue.Outgoing{Body: "again"})
	first := takeOne(t, q)
	if err := queue.ExtendAll(t.Context(), q, []string{first.Receipt}, 0, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
	second := takeOne(t, q)
	if second.ReceiveCount != first.ReceiveCount+1 {
		t.Errorf("receive count %d, then %d", first.ReceiveCount, second.ReceiveCount)
	}
	if second.ID != first.ID || !second.SentAt.Equal(first.SentAt) || !second.FirstReceivedAt.Equal(first.FirstReceivedAt) {
		t.Errorf("redelivered as %+v after %+v", second, first)
	}
}

func visibility(t *testing.T, q Queue) {
	send(t, q, queue.Outgoing{Body: "hidden"})
	m := takeOne(t, q)
	takeNone(t, q)
	start := time.Now()
	if err := queue.ExtendAll(t.Context(), q, []string{m.Receipt}, 2*time.Second, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
	again := takeOne(t, q)
	if hidden := time.Since(start); hidden < 1500*time.Millisecond || hidden > patience/2 {
		t.Errorf("extended by 2 s, it was redelivered after %v", hidden)
	}
	if again.Body != m.Body {
		t.Errorf("%q was redelivered", again.Body)
	}
}

func deleteTwice(t *testing.T, q Queue) {
	send(t, q, queue.Outgoing{Body: "gone"})
	m := takeOne(t, q)
	for range 2 {
		if err := queue.DeleteAll(t.Context(), q, []string{m.Receipt}, queue.Retry{}); err != nil {
			t.Fatal(err)
		}
	}
	takeNone(t, q)
}

func foreignReceipt(t *testing.T, q Queue) {
	send(t, q, queue.Outgoing{Body: "good"})
	m := takeOne(t, q)
	errs := q.ExtendBatch(t.Context(), []string{"no receipt of this queue", m.Receipt}, time.Minute)
	if len(errs) != 2 || errs[0] == nil || errs[1] != nil {
		t.Fatalf("extending one bad and one good receipt: %v", errs)
	}
	if errors.Is(errs[0], queue.ErrTransient) {
		t.Errorf("an invalid receipt counts as transient: %v", errs[0])
	}
}

func cancelledReceive(t *testing.T, q Queue, ghosts bool) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	messages, err := q.Receive(ctx, 1, 20*time.Second)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, queue.ErrTransient) || len(messages) != 0 {
		t.Errorf("a receive whose context ends: %d messages, error %v", len(messages), err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a receive whose context ends after 300 ms took %v", took)
	}
	if ghosts {
		return
	}
	time.Sleep(2 * time.Second) // over a network, and on a busy machine, the server learns of it a moment later
	send(t, q, queue.Outgoing{Body: "not swallowed"})
	if m := takeOne(t, q); m.Body != "not swallowed" {
		t.Errorf("received %q", m.Body)
	}
}

func stats(t *testing.T, q Queue) {
	send(t, q, queue.Outgoing{Body: "one"}, queue.Outgoing{Body: "two"}, queue.Outgoing{Body: "three"})
	messages, err := q.Receive(t.Context(), 1, time.Second)
	if err != nil || len(messages) != 1 {
		t.Fatalf("receiving at most one: %d messages, error %v", len(messages), err)
	}
	s, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Visible != 2 || s.InFlight != 1 || s.Delayed != 0 || s.Empty() {
		t.Errorf("two waiting and one in flight read as %+v", s)
	}
	if s.Retention < time.Minute || s.Visibility < time.Second || s.MaxMessageSize < 1024 {
		t.Errorf("settings read as %+v", s)
	}
}

func failureRecords(t *testing.T, q Queue) {
	limit := q.Limits().MaxMessage
	for name, body := range nastyBodies(limit) {
		want := queue.Failure{
			Reason: queue.ReasonMalformedPack, Err: "line one\nline two \x00 \xff", Unit: queue.UnitPack, Body: body,
			Origin: name + ".json.gz#17", MessageID: "id", ReceiveCount: 2, ReplayCount: 1,
			FirstSeen: time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC), LastSeen: time.Date(2027, 2, 3, 4, 5, 6, 0, time.UTC),
		}
		out, err := want.Message(limit)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		send(t, q, out)
		m := takeOne(t, q)
		got, err := queue.ParseFailure(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(got.Body) != string(body) {
			t.Errorf("%s: %d bytes became %d others, encoding %q", name, len(body), len(got.Body), m.Attributes["Encoding"])
		}
		got.Body, want.Body = nil, nil
		want.Err = "line one\nline two \uFFFD \uFFFD"
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		if err := queue.DeleteAll(t.Context(), q, []string{m.Receipt}, queue.Retry{}); err != nil {
			t.Fatal(err)
		}
	}
}
