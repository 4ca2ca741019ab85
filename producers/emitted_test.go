package producers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/producers"
)

// scanEvents returns the scan events of a type, each as "account region type: events".
func scanEvents(r *recorder, eventType string) []string {
	var all []string
	for _, e := range r.Events {
		if e.EventType == eventType {
			all = append(all, fmt.Sprintf("%s %s %s: %s", e.AccountID, e.Region, e.ResourceType, e.Properties.Get(envelope.PropEvents)))
		}
	}
	slices.Sort(all)
	return all
}

// A completion states how many distinct snapshots of the run its scope has.
func TestCompletionsCountTheirSnapshots(t *testing.T) {
	t.Parallel()
	var out recorder
	_, err := run(t, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
		older := snapshot(s, thing, "older")
		older.TS = older.TS.Add(-time.Hour)
		elsewhere := snapshot(s, other, "3")
		elsewhere.Region = "r9"
		if err := s.Emit(ctx, snapshot(s, thing, "1"), snapshot(s, thing, "1"), snapshot(s, thing, "2"), older, snapshot(s, other, "1"), elsewhere); err != nil {
			return err
		}
		s.Completed(thing)
		s.CompletedAnywhere(other)
		return nil
	}), &out, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		// The other things of both regions, and the two of r9.
		"a * fake:other: 4", "a r1 fake:thing: 2", "a r2 fake:thing: 2",
		"b * fake:other: 4", "b r1 fake:thing: 2", "b r2 fake:thing: 2",
	}
	if diff := cmp.Diff(want, scanEvents(&out, envelope.TypeScanCompleted)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Costs without a delivery are counted by payer and billing day. A later run's completion
// does not replace an earlier one.
func TestCompletionsCountTheirCosts(t *testing.T) {
	t.Parallel()
	from := scheduled.AddDate(0, 0, -10).Truncate(24 * time.Hour)
	cost := func(account, id string, day int, properties map[string]string) envelope.ResourceEvent {
		ts := from.AddDate(0, 0, day)
		return envelope.ResourceEvent{
			EventID: envelope.NewEventID(fakeSource, ts, id), EventType: envelope.TypeCostAccrued, TS: ts, PeriodEnd: ts.Add(time.Hour), AccountID: account,
			CostAmount: decimal.NullDecimal{Decimal: decimal.New(1, 0), Valid: true}, Currency: "USD", Properties: envelope.PairsOf(properties),
		}
	}
	collect := collectorFunc(func(ctx context.Context, s *producers.Scan) error {
		err := s.Emit(ctx,
			cost("a", "1", 0, nil), cost("a", "1", 0, nil), cost("a", "2", 1, nil), cost("a", "out", 2, nil),
			cost("m", "3", 0, map[string]string{envelope.PropPayerAccount: "a"}),
			cost("a", "4", 0, map[string]string{envelope.PropPayerAccount: "b"}),
			cost("a", "5", 5, map[string]string{envelope.PropBillingPeriod: from.Format(time.DateOnly)}),
			cost("a", "6", 0, map[string]string{envelope.PropDelivery: "d"}))
		s.CompletedCosts("a", from, from.AddDate(0, 0, 2))
		return err
	})
	ids := map[string]bool{}
	for i := range 2 {
		var out recorder
		_, err := run(t, collect, &out, func(c *producers.RunConfig) {
			c.Accounts, c.Regions, c.Scheduled = accounts("a"), []string{""}, scheduled.Add(time.Duration(i)*time.Hour)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a  : 4"}, scanEvents(&out, envelope.TypeScanCompleted)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, e := range out.Events {
			if e.EventType == envelope.TypeScanCompleted {
				ids[e.EventID.String()] = true
			}
		}
	}
	if len(ids) != 2 {
		t.Errorf("two runs' completions have %d ids", len(ids))
	}
}

// The event for a delivery's end names it and counts its lines, with one id however it
// ended. A gap elsewhere in the scope does not withdraw it.
func TestBills(t *testing.T) {
	t.Parallel()
	bill := producers.Bill{
		Source: "azure.cost", PayerAccount: "p", From: scheduled.Truncate(24 * time.Hour), To: scheduled.Truncate(24*time.Hour).AddDate(0, 1, 0),
		Delivery: "d1", ReportAccount: "m", Lines: 7,
	}
	ends := map[string]envelope.ResourceEvent{}
	for _, eventType := range []string{envelope.TypeScanCompleted, envelope.TypeScanIncomplete} {
		var out recorder
		_, err := run(t, collectorFunc(func(_ context.Context, s *producers.Scan) error {
			if eventType == envelope.TypeScanCompleted {
				s.CompletedBill(bill)
			} else {
				s.IncompleteBill(bill, "bill of p", producers.GapPartial, errors.New("a part is missing"))
			}
			return errors.New("another bill could not be read")
		}), &out, func(c *producers.RunConfig) { c.Accounts, c.Regions = accounts("a"), []string{""} })
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			if e.Properties.Get(envelope.PropDelivery) != "" {
				ends[e.EventType] = e
			}
		}
	}
	whole, partial := ends[envelope.TypeScanCompleted], ends[envelope.TypeScanIncomplete]
	if whole.EventID != partial.EventID || partial.State != "partial" || partial.Properties.Get("error") != "a part is missing" {
		t.Errorf("whole %+v, partial %+v", whole, partial)
	}
	for _, e := range ends {
		got := []string{e.Source, e.Platform, e.AccountID, e.TS.Format(time.DateOnly), e.PeriodEnd.Format(time.DateOnly), e.Properties.Get("delivery"), e.Properties.Get("report_account"), e.Properties.Get("events")}
		if diff := cmp.Diff([]string{"azure.cost", "azure", "p", "2026-03-04", "2026-04-04", "d1", "m", "7"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.EventType, diff)
		}
	}
}
