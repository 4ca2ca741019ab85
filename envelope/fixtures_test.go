package envelope_test

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
)

func amount(text string) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: decimal.RequireFromString(text), Valid: true}
}

func ptr[T any](v T) *T { return &v }

// fullEvent has every field set.
func fullEvent() envelope.ResourceEvent {
	ts := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	return envelope.ResourceEvent{
		EventID: envelope.NewEventID("aws.cur", ts, "line-1", "2026-02"), EventType: envelope.TypeCostAccrued, Source: "aws.cur",
		TS: ts, PeriodEnd: ts.Add(time.Hour), ObservedAt: time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC),
		ARN: "arn:aws:ec2:us-east-1:000011112222:instance/i-0abc", Platform: envelope.PlatformAWS,
		AccountID: "000011112222", AccountRole: "production", Region: "us-east-1", Service: "ec2",
		ResourceType: "ec2:instance", ResourceID: "i-0abc", ResourceName: "web \"1\" \u00fcber\n<b>&",
		MarqoCustomer: "acme", MarqoCluster: "c-1", MarqoIndex: "books",
		Actor: "arn:aws:iam::000011112222:user/jo", State: "running", ErrorCode: "Client.InvalidState",
		CostAmount: amount("-0.00000000012345678901234567890123456789"), Currency: "USD",
		UsageQuantity: amount("1.50"), UsageUnit: "Hrs", MetricValue: ptr(0.1),
		Ancestors: []string{"arn:aws:ec2:us-east-1:000011112222:subnet/subnet-1", "arn:aws:iam::000011112222:root"},
		Relations: []envelope.Relation{
			{Type: "attached_to", TargetARN: "arn:aws:ec2:us-east-1:000011112222:volume/vol-1"},
			{Type: "uses_role", TargetARN: "arn:aws:iam::000011112222:role/web"},
		},
		Tags:       envelope.PairsOf(map[string]string{"Name": "web", "empty": "", "": "no key", "aws:team": "\U0001f600"}),
		Properties: envelope.PairsOf(map[string]string{"pricing": `{"term":"OnDemand"}`, envelope.PropBillingPeriod: "2026-02-01"}),
	}
}

// minimalEvent has only the required fields.
func minimalEvent() envelope.ResourceEvent {
	ts := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	return envelope.ResourceEvent{
		EventID:   envelope.NewEventID("aws.cloudtrail", ts, "b9c3d881"),
		EventType: envelope.TypeAPICall, Source: "aws.cloudtrail", TS: ts, ObservedAt: ts.Add(time.Minute),
	}
}

// randomEvent sets a random subset of the fields to any content that the wire format
// carries.
func randomEvent(r *rand.Rand) envelope.ResourceEvent {
	var e envelope.ResourceEvent
	for i := range e.EventID {
		e.EventID[i] = byte(r.Uint32())
	}
	for _, s := range []*string{
		&e.EventType, &e.Source, &e.ARN, &e.Platform, &e.AccountID, &e.AccountRole, &e.Region, &e.Service,
		&e.ResourceType, &e.ResourceID, &e.ResourceName, &e.MarqoCustomer, &e.MarqoCluster, &e.MarqoIndex,
		&e.Actor, &e.State, &e.ErrorCode, &e.Currency, &e.UsageUnit,
	} {
		*s = randomText(r)
	}
	for _, t := range []*time.Time{&e.TS, &e.PeriodEnd, &e.ObservedAt} {
		if r.IntN(4) > 0 {
			*t = time.UnixMilli(r.Int64N(8e12) - 1e12).UTC()
		}
	}
	e.CostAmount, e.UsageQuantity = randomAmount(r), randomAmount(r)
	if r.IntN(2) == 0 {
		e.MetricValue = ptr(r.NormFloat64() * float64(r.Uint64()>>r.IntN(64)))
	}
	for range r.IntN(4) {
		e.Ancestors = append(e.Ancestors, randomText(r))
		e.Relations = append(e.Relations, envelope.Relation{Type: randomText(r), TargetARN: randomText(r)})
	}
	e.Tags, e.Properties = randomPairs(r), randomPairs(r)
	return e
}

// randomText mixes plain characters and ones that need escaping, of every UTF-8 length.
func randomText(r *rand.Rand) string {
	alphabet := []rune("abcXYZ019 \"\\/<>&{}[]:,\x00\x01\b\t\n\f\r\x1f\x7f\u0080\u00e9\u2028\u2029\ufeff\ufffd\ufffe\uffff\u4e16\U0001f600\U0010ffff")
	var b strings.Builder
	for range max(0, r.IntN(24)-4) {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	if r.IntN(16) == 0 {
		return strings.Repeat(b.String(), 20)
	}
	return b.String()
}

func randomPairs(r *rand.Rand) envelope.Pairs {
	switch r.IntN(6) {
	case 0:
		return nil
	case 1:
		return envelope.Pairs{}
	}
	m := make(map[string]string)
	for range r.IntN(40) {
		m[randomText(r)] = randomText(r)
	}
	return envelope.PairsOf(m)
}

// randomAmount has up to 76 digits, 38 of them after the point.
func randomAmount(r *rand.Rand) decimal.NullDecimal {
	if r.IntN(4) == 0 {
		return decimal.NullDecimal{}
	}
	n := new(big.Int)
	for range r.IntN(77) {
		n.Mul(n, big.NewInt(10))
		n.Add(n, big.NewInt(r.Int64N(10)))
	}
	if r.IntN(2) == 0 {
		n.Neg(n)
	}
	return decimal.NullDecimal{Decimal: decimal.NewFromBigInt(n, -int32(r.IntN(39))), Valid: true}
}

// withID gives the event an id that does not depend on NewEventID.
func withID(e envelope.ResourceEvent, id string) envelope.ResourceEvent {
	e.EventID = uuid.MustParse(id)
	return e
}
