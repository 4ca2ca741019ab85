package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/cli"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// dollars is a bill of one dollar without its currency.
func dollars(e *envelope.ResourceEvent) {
	e.EventType, e.CostAmount = envelope.TypeCostAccrued, decimal.NullDecimal{Decimal: decimal.NewFromInt(1), Valid: true}
}

// hundredfold is a correction that must not be made twice.
const hundredfold = `.currency = "USD" | .cost_amount = ((.cost_amount | tonumber) * 100 | tostring)`

// amounts counts the events of messages by cost.
func amounts(t *testing.T, messages []queue.Message) map[string]int {
	t.Helper()
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, m := range messages {
		p, err := d.Decode([]byte(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			if l.Event.EventType == envelope.TypeCostAccrued {
				out[l.Event.CostAmount.Decimal.String()]++
			}
		}
	}
	return out
}

// An edit that is killed and run again corrects each letter once, and leaves no old letter beside
// its correction.
func TestEditIsKilled(t *testing.T) {
	t.Parallel()
	const letters = 600
	b := newBroker(t, sqsserver.Options{})
	var bills []queue.Failure
	for i := range letters {
		bills = append(bills, failure(queue.ReasonInvalidEvent, event(i, dollars)))
	}
	b.fail(t, bills...)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // kill it once some are corrected
		for held := false; ctx.Err() == nil; {
			s, err := b.dlq.Stats(ctx)
			held = held || err == nil && s.InFlight == letters
			if err == nil && held && s.Visible >= 100 {
				cancel()
			}
		}
	}()
	args := []string{"--endpoint", b.url, "--hold", "4s", "edit", "--reason", "invalid_event", "--apply", "--expr", hundredfold}
	cmd := osexec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), commandEnv+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	var exit *osexec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("it was not killed: %v: %s", err, out.String())
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if s, err := b.dlq.Stats(t.Context()); err == nil && s.InFlight == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatal("what it held does not come back")
		}
	}
	again, code := b.run(t, args[2:]...)
	if code != 0 || !strings.Contains(again, "were corrected before and are skipped") {
		t.Fatalf("exit code %d: %s", code, again)
	}
	if out, code := b.run(t, "replay", "--all", "--apply", "--journal", filepath.Join(t.TempDir(), "j"), "--slow-start", "0s"); code != 0 {
		t.Fatal(out)
	}
	if got := amounts(t, all(t, b.main)); len(got) != 1 || got["100"] != letters {
		t.Errorf("%d events were to cost 100 each, and were sent once each; by amount: %v", letters, got)
	}
}

// leave puts letters on the queue as an edit leaves them if it is killed after sending a correction
// and before deleting the old letter.
func (b *broker) leave(t *testing.T, expr string, e envelope.ResourceEvent) (old string) {
	t.Helper()
	b.fail(t, failure(queue.ReasonInvalidEvent, e))
	var p []letterView
	b.must(t, &p, "peek")
	edit := editCmd{Expr: expr}
	change, err := edit.change(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.dlq.Receive(t.Context(), 10, 0)
	if err != nil || len(got) != 1 {
		t.Fatal(len(got), err)
	}
	if errs := b.dlq.ExtendBatch(t.Context(), []string{got[0].Receipt}, 0); errs != nil {
		t.Fatal(errs)
	}
	x := correct(opening(t, got[0]), change, nil)
	if err := errors.Join(x.err, x.pack(edit.by(), b.dlq.Limits())); err != nil {
		t.Fatal(err)
	}
	if err := queue.SendAll(t.Context(), b.dlq, []queue.Outgoing{x.message}, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
	return p[0].ID
}

// The same edit deletes the old letter that a killed edit left, and another edit skips it. A
// corrected letter is corrected again only on demand.
func TestEditOfCorrectedLetters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		code int
		says string
		left map[string]int // by amount
	}{
		"the same":               {[]string{"--expr", hundredfold}, 0, "only the old letters are deleted", map[string]int{"100": 1}},
		"the same, of corrected": {[]string{"--corrected", "--expr", hundredfold}, 0, "0 of 1", map[string]int{"1": 1, "100": 1}},
		"another":                {[]string{"--expr", `.currency = "EUR"`}, cli.ExitIncomplete, "an interrupted edit", map[string]int{"1": 1, "100": 1}},
		"another, of corrected":  {[]string{"--corrected", "--expr", `.cost_amount = "7"`}, 0, "1 of 1", map[string]int{"1": 1, "7": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBroker(t, sqsserver.Options{})
			b.leave(t, hundredfold, event(1, dollars))
			out, code := b.run(t, append([]string{"edit", "--reason", "invalid_event", "--apply"}, c.args...)...)
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit code %d: %s", code, out)
			}
			got := map[string]int{}
			for _, m := range all(t, b.dlq) {
				e, err := envelope.DecodeEvent([]byte(m.Body))
				if err != nil {
					t.Fatal(err)
				}
				got[e.CostAmount.Decimal.String()]++
			}
			if len(got) != len(c.left) {
				t.Errorf("there are letters of %v, want %v", got, c.left)
			}
			for amount, n := range c.left {
				if got[amount] != n {
					t.Errorf("there are letters of %v, want %v", got, c.left)
				}
			}
		})
	}
}

// A valid key of a fact cannot be changed; an invalid one can be set.
func TestEditKeepsTheKeysOfAFact(t *testing.T) {
	t.Parallel()
	valid := string(failure(queue.ReasonRefusedEvent, event(1)).Body)
	id := event(1).EventID.String()
	for name, c := range map[string]struct {
		body, expr string
		code       int
		says       string
	}{
		"time":                  {valid, `.ts = "2026-03-05T00:00:00Z"`, cli.ExitIncomplete, "ts: a correction cannot change it"},
		"family":                {valid, `.event_type = "metric.sampled" | .metric_value = 1`, cli.ExitIncomplete, "event_type before the dot"},
		"id":                    {valid, `.event_id = "9b2158c0-8c21-5b23-b227-521f3032ba5a"`, cli.ExitIncomplete, "event_id: a correction cannot change it"},
		"id, beside a fault":    {strings.Replace(valid, `"aws.cloudtrail"`, `17`, 1), `.source = "aws.cloudtrail" | .event_id = "9b2158c0-8c21-5b23-b227-521f3032ba5a"`, cli.ExitIncomplete, "event_id: a correction cannot change it"},
		"the same time":         {valid, `.ts = "2026-03-04T05:06:07Z" | .region = "x"`, 0, "1 of 1 letters corrected"},
		"the verb":              {valid, `.event_type = "activity.seen"`, 0, "1 of 1 letters corrected"},
		"a time that was not":   {strings.Replace(valid, `"ts":"2026-03-04T05:06:07.000Z",`, ``, 1), `.ts = "2026-03-05T00:00:00Z"`, 0, "1 of 1 letters corrected"},
		"a time that was wrong": {strings.Replace(valid, `"ts":"2026-03-04T05:06:07.000Z"`, `"ts":"yesterday"`, 1), `.ts = "2026-03-05T00:00:00Z"`, 0, "1 of 1 letters corrected"},
		"a family that was not": {strings.Replace(valid, `"`+envelope.TypeAPICall+`"`, `"api call"`, 1), `.event_type = "activity.api_call"`, 0, "1 of 1 letters corrected"},
		"an id that was wrong":  {strings.Replace(valid, id, "17", 1), `.event_id = "` + id + `"`, 0, "1 of 1 letters corrected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBroker(t, sqsserver.Options{})
			b.fail(t, queue.Failure{Reason: queue.ReasonRefusedEvent, Err: "e", Unit: queue.UnitEvent, Body: []byte(c.body), LastSeen: at})
			out, code := b.run(t, "edit", "--reason", "refused_event", "--expr", c.expr, "--apply")
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit code %d: %s", code, out)
			}
		})
	}
}

// A correction is a later statement than the corrected one, even if a collector's clock is fast or
// the expression sets an earlier time.
func TestEditIsTheLaterStatement(t *testing.T) {
	t.Parallel()
	ahead := time.Now().UTC().Add(time.Hour).Truncate(time.Millisecond)
	for name, expr := range map[string]string{
		"a fast clock":    `.region = "x"`,
		"an earlier time": `.region = "x" | .observed_at = "2026-03-04T05:06:07Z"`,
	} {
		b := newBroker(t, sqsserver.Options{})
		b.fail(t, failure(queue.ReasonRefusedEvent, event(1, func(e *envelope.ResourceEvent) { e.ObservedAt = ahead })))
		if out, code := b.run(t, "edit", "--reason", "refused_event", "--expr", expr, "--apply"); code != 0 {
			t.Fatal(out)
		}
		for _, m := range all(t, b.dlq) {
			got, err := envelope.DecodeEvent([]byte(m.Body))
			if err != nil || !got.ObservedAt.After(ahead) {
				t.Errorf("%s: observed %s, corrected and observed %s: %v", name, ahead, got.ObservedAt, err)
			}
		}
	}
}

// A letter whose correction fits no message is unchanged; the others are corrected.
func TestEditThatBecomesTooLarge(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, failure(queue.ReasonRefusedEvent, event(100, func(e *envelope.ResourceEvent) {
		e.Properties = envelope.PairsOf(map[string]string{"x": noise(600 << 10)})
	})))
	for i := range 40 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	args := []string{"edit", "--reason", "refused_event", "--expr", `.region = "x" | if .properties.x then .properties.y = (.properties.x | @base64) else . end`, "--show", "1"}
	for _, apply := range []bool{false, true} {
		if apply {
			args = append(args, "--apply")
		}
		if out, code := b.run(t, args...); code != cli.ExitIncomplete || !strings.Contains(out, "40 of 41") || !strings.Contains(out, "1 cannot be corrected this way") {
			t.Errorf("exit code %d: %s", code, out)
		}
	}
	var l listing
	b.must(t, &l, "list", "--corrected")
	if l.Letters != 41 || l.Matched != 40 {
		t.Errorf("%d letters, %d of them corrected", l.Letters, l.Matched)
	}
}
