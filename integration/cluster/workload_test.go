package cluster_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// accounts is how many accounts the workload describes: too many to fit one shard by
// chance.
const accounts = 200

var day = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

// workload returns statements of every kind that a view reads, a third of them restated,
// shuffled; from and to select a part of it. It is the same on every run.
func workload(from, to int) [][]byte {
	var lines [][]byte
	for i := from; i < to; i++ {
		e := stated(rand.New(rand.NewPCG(uint64(i), 3)), i)
		lines = append(lines, e.AppendJSON(nil))
		if i%3 == 0 {
			e.ObservedAt = e.ObservedAt.Add(time.Hour)
			e.ResourceName += " restated"
			e.Properties = envelope.PairsOf(map[string]string{"n": fmt.Sprint(i), "restated": "yes"})
			lines = append(lines, e.AppendJSON(nil))
		}
	}
	if from == 0 {
		lines = append(lines, alertEvents()...)
	}
	rand.New(rand.NewPCG(uint64(from), 4)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines
}

// alertEvents are what a few runs of alerts published: states that change, notifications stated twice, a silence.
func alertEvents() [][]byte {
	var lines [][]byte
	add := func(eventType, subject, state string, at, observed time.Time, properties map[string]string) {
		properties["alert"], properties["run"] = "stale_source", "run-"+at.Format(time.TimeOnly)
		e := envelope.ResourceEvent{
			EventID: envelope.NewEventID("polo.alerts", at, eventType, subject), EventType: eventType, Source: "polo.alerts", TS: at, ObservedAt: observed,
			ResourceID: subject, State: state, Properties: envelope.PairsOf(properties),
		}
		lines = append(lines, e.AppendJSON(nil))
	}
	for n := range 12 {
		at := day.Add(time.Duration(n) * 5 * time.Minute)
		since := at.Format("2006-01-02T15:04:05.000Z")
		run := "run-" + at.Format(time.TimeOnly)
		add("alert.claimed", run, "claimed", at, at, map[string]string{"claimed_at": since, "lease_s": "240"})
		add("alert.evaluated", run, "finished", at, at.Add(time.Second), map[string]string{"alerts": "12", "sent": "1"})
		subject, episode := fmt.Sprint("subject ", n%4), fmt.Sprint("episode ", n%4)
		add("alert.transitioned", subject, []string{"pending", "firing", "resolved"}[n/4], at, at, map[string]string{
			"title": "Source has gone silent", "severity": "high", "on": "firing", "since": since, "fired_at": since, "count": "1", "episode": episode,
			"labels": fmt.Sprintf(`{"source":"s%d"}`, n%4), "values": `{"hours":"7"}`,
		})
		for i, state := range []string{"intended", "sent"} {
			add("alert.notified", fmt.Sprint("notification ", n), state, at, at.Add(time.Duration(i)*time.Second), map[string]string{
				"fingerprint": subject, "episode": episode, "transition": "firing", "channel": "ops", "repetition": fmt.Sprint(n / 4), "message": "m", "message_key": "k", "attempts": "1",
			})
		}
	}
	add("alert.silenced", "s1", "active", day, day, map[string]string{
		"pattern": "stale_*", "labels": `{"source":"s1"}`, "author": "ada", "reason": "known", "starts": "2026-02-01T00:00:00.000Z", "expires": "2026-02-02T00:00:00.000Z",
	})
	return lines
}

// stated returns the nth statement.
func stated(r *rand.Rand, n int) envelope.ResourceEvent {
	ts := day.Add(time.Duration(r.IntN(27*24*3600)) * time.Second)
	account := fmt.Sprintf("%012d", 1+r.IntN(5))
	resource := r.IntN(300)
	arn := func(kind string, n int) string {
		return fmt.Sprintf("arn:aws:ec2:eu-west-1:%s:%s/%s-%08x", account, kind, kind[:1], n)
	}
	e := envelope.ResourceEvent{
		Source: "test", TS: ts, ObservedAt: day.AddDate(0, 3, 0).Add(time.Duration(n) * time.Second), Platform: envelope.PlatformAWS,
		AccountID: account, Region: "eu-west-1", Service: "ec2", ARN: arn("instance", resource), ResourceType: "ec2:instance",
		ResourceID: fmt.Sprintf("i-%08x", resource), ResourceName: fmt.Sprint("name ", n),
		Ancestors:  []string{arn("subnet", resource%7), arn("vpc", resource%3)},
		Relations:  []envelope.Relation{{Type: "attached_to", TargetARN: arn("volume", r.IntN(50))}},
		Tags:       envelope.PairsOf(map[string]string{"team": fmt.Sprint(r.IntN(4))}),
		Properties: envelope.PairsOf(map[string]string{"n": fmt.Sprint(n)}),
	}
	whole := func() { e.TS = ts.Truncate(24 * time.Hour) }
	switch n % 9 {
	case 0, 1:
		e.EventType, e.Actor = envelope.TypeAPICall, "arn:aws:iam::"+account+":user/jo"
	case 2, 3, 4:
		e.EventType, e.State = []string{envelope.TypeResourceCreated, envelope.TypeResourceUpdated, envelope.TypeResourceDeleted, envelope.TypeSnapshot}[r.IntN(4)], "running"
	case 5:
		e.EventType, e.PeriodEnd, e.Currency = envelope.TypeCostAccrued, ts.Add(time.Hour), "USD"
		e.CostAmount = decimal.NullDecimal{Decimal: decimal.New(r.Int64N(1e9)-1e8, -7), Valid: true}
	case 6:
		e.EventType, e.ARN = envelope.TypeScanCompleted, ""
		if r.IntN(2) == 0 {
			e.ResourceType, e.Region = "", ""
			whole()
			e.PeriodEnd = e.TS.AddDate(0, 0, 1+r.IntN(3))
		}
	case 7:
		e.EventType, e.ARN, e.State, e.ErrorCode, e.Region = envelope.TypeScanIncomplete, "", "denied", "AccessDenied", "eu-west-2"
	case 8:
		e.EventType, e.ARN, e.ResourceType, e.AccountID = envelope.TypeAccountDescribed, "", "", fmt.Sprintf("%012d", 1000+n/9%accounts)
	}
	e.EventID = envelope.NewEventID(e.Source, e.TS, fmt.Sprint(n))
	return e
}

// packs returns messages of a few statements each.
func packs(t *testing.T, lines [][]byte, each int) []string {
	t.Helper()
	var bodies []string
	for len(lines) > 0 {
		n := min(each, len(lines))
		made, tooLarge, err := envelope.EncodePacks("test", lines[:n], 256<<10)
		if err != nil || len(tooLarge) > 0 {
			t.Fatalf("packing: %v, %d too large", err, len(tooLarge))
		}
		for _, p := range made {
			bodies = append(bodies, p.Body)
		}
		lines = lines[n:]
	}
	return bodies
}
