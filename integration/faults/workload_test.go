package faults_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// statements is the size of the standard workload.
const statements = 6_000

// workload returns the statements that every test sends: API calls, resources that
// appear, change and vanish, bills that are restated, scans that make what they no
// longer contain vanish, accounts. A third of them restate earlier ones, with other
// values, ARNs and types. It is the same on every run.
func workload() [][]byte { return workloadOf(statements, 1) }

func workloadOf(n int, seed uint64) [][]byte {
	r := rand.New(rand.NewPCG(seed, 2))
	var events []envelope.ResourceEvent
	lines := make([][]byte, 0, n)
	for i := range n {
		var e envelope.ResourceEvent
		if len(events) > 0 && r.IntN(3) == 0 {
			e = restated(r, events[r.IntN(len(events))], i)
		} else {
			e = stated(r, i)
			events = append(events, e)
		}
		lines = append(lines, e.AppendJSON(nil))
	}
	return lines
}

var day = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func stated(r *rand.Rand, i int) envelope.ResourceEvent {
	ts := day.Add(time.Duration(r.IntN(60*24*3600)) * time.Second)
	account := fmt.Sprintf("%012d", 1+r.IntN(5))
	e := envelope.ResourceEvent{
		Source: "test", TS: ts, ObservedAt: day.AddDate(0, 3, 0).Add(time.Duration(i) * time.Second), Platform: "aws",
		AccountID: account, Region: "eu-west-1", Service: "ec2", Properties: envelope.PairsOf(map[string]string{"n": fmt.Sprint(i)}),
	}
	describe(r, &e)
	switch r.IntN(8) {
	case 0, 1:
		e.EventType, e.Actor = envelope.TypeAPICall, "arn:aws:iam::"+account+":user/jo"
	case 2, 3, 4:
		types := []string{envelope.TypeResourceCreated, envelope.TypeResourceUpdated, envelope.TypeResourceDeleted, envelope.TypeSnapshot}
		e.EventType, e.State = types[r.IntN(len(types))], []string{"running", "stopped"}[r.IntN(2)]
	case 5, 6:
		e.EventType, e.PeriodEnd, e.Currency = envelope.TypeCostAccrued, ts.Add(time.Hour), "USD"
		e.CostAmount = amount(r)
	case 7:
		switch r.IntN(3) {
		case 0:
			e.EventType, e.ARN, e.ResourceType, e.Region = envelope.TypeScanCompleted, "", "", ""
			e.TS = ts.Truncate(24 * time.Hour)
			e.PeriodEnd = e.TS.AddDate(0, 0, 1+r.IntN(3))
		case 1:
			e.EventType, e.ARN, e.ResourceType = envelope.TypeScanCompleted, "", "ec2:instance"
		default:
			e.EventType, e.ARN, e.ResourceName = envelope.TypeAccountDescribed, "", fmt.Sprint("account ", i)
		}
	}
	e.EventID = envelope.NewEventID(e.Source, e.TS, fmt.Sprint(i))
	return e
}

// describe picks one of few resources, so that many events describe each.
func describe(r *rand.Rand, e *envelope.ResourceEvent) {
	n := r.IntN(200)
	arn := func(kind string, n int) string {
		return fmt.Sprintf("arn:aws:ec2:eu-west-1:%s:%s/%s-%08x", e.AccountID, kind, kind[:1], n)
	}
	e.ARN, e.ResourceType, e.ResourceID = arn("instance", n), "ec2:instance", fmt.Sprintf("i-%08x", n)
	e.Ancestors = []string{arn("subnet", n%7), arn("vpc", n%3)}
	e.Relations = nil
	for k := range r.IntN(3) {
		e.Relations = append(e.Relations, envelope.Relation{Type: []string{"attached_to", "member_of"}[k], TargetARN: arn("volume", r.IntN(50))})
	}
	e.Tags = envelope.PairsOf(map[string]string{"team": fmt.Sprint(r.IntN(4))})
}

// restated returns another statement of the same fact: any column may change except
// those that make up its identity.
func restated(r *rand.Rand, e envelope.ResourceEvent, i int) envelope.ResourceEvent {
	e.ObservedAt = day.AddDate(0, 3, 0).Add(time.Duration(i) * time.Second)
	e.Properties = envelope.PairsOf(map[string]string{"n": fmt.Sprint(i)})
	switch e.EventType {
	case envelope.TypeCostAccrued:
		e.CostAmount = amount(r)
	case envelope.TypeResourceCreated, envelope.TypeResourceUpdated, envelope.TypeSnapshot, envelope.TypeResourceDeleted:
		describe(r, &e)
		e.EventType = []string{envelope.TypeResourceUpdated, envelope.TypeResourceDeleted}[r.IntN(2)]
	case envelope.TypeAPICall:
		describe(r, &e)
	case envelope.TypeAccountDescribed:
		e.ResourceName = fmt.Sprint("account ", i)
	}
	return e
}

func amount(r *rand.Rand) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: decimal.New(r.Int64N(1e9)-1e8, -7), Valid: true}
}
