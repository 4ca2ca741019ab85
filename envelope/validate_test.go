package envelope_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
)

func TestValidateRules(t *testing.T) {
	t.Parallel()
	year := func(y int) time.Time { return time.Date(y, 6, 1, 0, 0, 0, 0, time.UTC) }
	long := strings.Repeat("x", 257)
	nines := strings.Repeat("9", 38)
	type event = envelope.ResourceEvent
	for _, tc := range []struct {
		name   string
		change func(*event)
		fields []string // at fault, none where the event is valid
	}{
		{"full", func(*event) {}, nil},
		{"no id", func(e *event) { e.EventID = uuid.Nil }, []string{"event_id"}},
		{"no type", func(e *event) { e.EventType = "" }, []string{"event_type"}},
		{"type without a dot", func(e *event) { e.EventType = "secret" }, []string{"event_type"}},
		{"type of three words", func(e *event) { e.EventType = "a.b.secret" }, []string{"event_type"}},
		{"type in capitals", func(e *event) { e.EventType = "Cost.secret" }, []string{"event_type"}},
		{"type that begins with a digit", func(e *event) { e.EventType = "cost.1secret" }, []string{"event_type"}},
		{"type that ends early", func(e *event) { e.EventType = "cost." }, []string{"event_type"}},
		{"long type", func(e *event) { e.EventType = "a." + long }, []string{"event_type"}},
		{"type of a later producer", func(e *event) { e.EventType = "build_2.ran_once" }, nil},
		{"no source", func(e *event) { e.Source = "" }, []string{"source"}},
		{"long source", func(e *event) { e.Source = long }, []string{"source"}},
		{"source not UTF-8", func(e *event) { e.Source = "secret\xff" }, []string{"source"}},
		{"no ts", func(e *event) { e.TS = time.Time{} }, []string{"ts"}},
		{"ts before 1971", func(e *event) { e.TS = year(1970) }, []string{"ts"}},
		{"ts after 2200", func(e *event) { e.TS, e.PeriodEnd = year(2201), time.Time{} }, []string{"ts"}},
		{"ts in 2200", func(e *event) { e.TS, e.PeriodEnd = year(2200), time.Time{} }, nil},
		{"ts of 1970 in UTC", func(e *event) { e.TS = time.Date(1971, 1, 1, 1, 0, 0, 0, time.FixedZone("", 7200)) }, []string{"ts"}},
		{"ts too fine", func(e *event) { e.TS = e.TS.Add(time.Microsecond) }, []string{"ts"}},
		{"period ends before ts", func(e *event) { e.PeriodEnd = e.TS.Add(-time.Millisecond) }, []string{"period_end"}},
		{"period ends at ts", func(e *event) { e.PeriodEnd = e.TS }, nil},
		{"period too long", func(e *event) { e.PeriodEnd = year(2201) }, []string{"period_end"}},
		{"no observed_at", func(e *event) { e.ObservedAt = time.Time{} }, []string{"observed_at"}},
		{"observed before 1971", func(e *event) { e.ObservedAt = year(1969) }, []string{"observed_at"}},
		{"observed in 2109", func(e *event) { e.ObservedAt = year(2109) }, []string{"observed_at"}},
		{"observed in 2108", func(e *event) { e.ObservedAt = year(2108) }, nil},
		{"no ARN", func(e *event) { e.ARN = "" }, nil},
		{"not an ARN", func(e *event) { e.ARN = "i-0secret" }, []string{"arn"}},
		{"ARN not UTF-8", func(e *event) { e.ARN += "secret\xff" }, []string{"arn"}},
		{"resource event without ARN", func(e *event) { e.ARN, e.EventType = "", envelope.TypeSnapshot }, []string{"arn"}},
		{"platform not UTF-8", func(e *event) { e.Platform = "secret\xff" }, []string{"platform"}},
		{"account not UTF-8", func(e *event) { e.AccountID = "secret\xff" }, []string{"account_id"}},
		{"usage unit not UTF-8", func(e *event) { e.UsageUnit = "secret\xff" }, []string{"usage_unit"}},
		{"cost without currency", func(e *event) { e.Currency = "" }, []string{"currency"}},
		{"cost event without cost", func(e *event) { e.CostAmount.Valid = false }, []string{"cost_amount"}},
		{"76 digits", func(e *event) { e.CostAmount = amount("-" + nines + "." + nines) }, nil},
		{"39 digits before the point", func(e *event) { e.CostAmount = amount("1" + nines) }, []string{"cost_amount"}},
		{"39 digits by exponent", func(e *event) { e.UsageQuantity = amount("1e38") }, []string{"usage_quantity"}},
		{"38 digits by exponent", func(e *event) { e.UsageQuantity = amount("9e37") }, nil},
		{"39 digits after the point", func(e *event) { e.CostAmount = amount("0." + nines + "9") }, []string{"cost_amount"}},
		{"39 digits, the last zero", func(e *event) { e.CostAmount = amount("0." + nines + "0") }, nil},
		{"tiny", func(e *event) { e.UsageQuantity = amount("1e-39") }, []string{"usage_quantity"}},
		{"tiny, huge exponent", func(e *event) {
			e.UsageQuantity = decimal.NullDecimal{Decimal: decimal.New(1, math.MinInt32), Valid: true}
		}, []string{"usage_quantity"}},
		{"huge exponent", func(e *event) {
			e.UsageQuantity = decimal.NullDecimal{Decimal: decimal.New(1, math.MaxInt32), Valid: true}
		}, []string{"usage_quantity"}},
		{"zero", func(e *event) { e.CostAmount = amount("0") }, nil},
		{"metric is no number", func(e *event) { e.MetricValue = ptr(math.NaN()) }, []string{"metric_value"}},
		{"metric is infinite", func(e *event) { e.MetricValue = ptr(math.Inf(1)) }, []string{"metric_value"}},
		{"sample without value", func(e *event) { e.EventType, e.MetricValue = envelope.TypeMetricSampled, nil }, []string{"metric_value"}},
		{"account without id", func(e *event) { e.EventType, e.AccountID = envelope.TypeAccountDescribed, "" }, []string{"account_id"}},
		{"scan without account", func(e *event) { e.EventType, e.AccountID = envelope.TypeScanCompleted, "" }, []string{"account_id"}},
		{"scan of nothing", func(e *event) {
			e.EventType, e.ResourceType, e.PeriodEnd = envelope.TypeScanCompleted, "", time.Time{}
		}, []string{"resource_type"}},
		{"cost scan", func(e *event) { e.EventType, e.ResourceType = envelope.TypeScanCompleted, "" }, nil},
		{"resource scan", func(e *event) { e.EventType, e.PeriodEnd = envelope.TypeScanCompleted, time.Time{} }, nil},
		{"ancestor", func(e *event) { e.Ancestors = []string{e.ARN, "secret"} }, []string{"ancestors[1]"}},
		{"relation without type", func(e *event) { e.Relations[0].Type = "" }, []string{"relations[0].type"}},
		{"relation not UTF-8", func(e *event) { e.Relations[1].Type = "secret\xff" }, []string{"relations[1].type"}},
		{"relation to nothing", func(e *event) { e.Relations[1].TargetARN = "" }, []string{"relations[1].target_arn"}},
		{"relation to no UTF-8", func(e *event) { e.Relations[1].TargetARN += "secret\xff" }, []string{"relations[1].target_arn"}},
		{"tags out of order", func(e *event) { e.Tags = envelope.Pairs{{Key: "b"}, {Key: "a"}} }, []string{"tags"}},
		{"property twice", func(e *event) { e.Properties = envelope.Pairs{{Key: "b"}, {Key: "b"}} }, []string{"properties"}},
		{"tag name not UTF-8", func(e *event) { e.Tags = envelope.PairsOf(map[string]string{"secret\xff": ""}) }, []string{"tags"}},
		{"tag not UTF-8", func(e *event) { e.Tags = envelope.PairsOf(map[string]string{"b": "secret\xff", "a": "secret\xff"}) }, []string{`tags["a"]`, `tags["b"]`}},
		{"property not UTF-8", func(e *event) { e.Properties = envelope.PairsOf(map[string]string{long: "secret\xff"}) }, []string{`properties["` + long[:64] + `"]`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := fullEvent()
			tc.change(&e)
			err := e.Validate()
			if diff := cmp.Diff(tc.fields, faultFields(t, err)); diff != "" {
				t.Fatalf("error %v, fields at fault:\n%s", err, diff)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats a value: %v", err)
			}
		})
	}
	minimal := minimalEvent()
	if err := minimal.Validate(); err != nil {
		t.Errorf("minimal: %v", err)
	}
}

func faultFields(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var v *envelope.ValidationError
	if !errors.As(err, &v) {
		t.Fatalf("not a ValidationError: %v", err)
	}
	var fields []string
	for _, f := range v.Faults {
		if f.Problem == "" || !strings.Contains(err.Error(), f.Field+": "+f.Problem) {
			t.Errorf("%s is not in the text: %v", f.Field, err)
		}
		fields = append(fields, f.Field)
	}
	return fields
}

func TestValidateReportsEveryFault(t *testing.T) {
	t.Parallel()
	e := envelope.ResourceEvent{
		EventType: envelope.TypeCostAccrued, ARN: "x", Actor: "\xff", Currency: "", UsageQuantity: amount("1e40"),
		MetricValue: ptr(math.NaN()), Ancestors: []string{"x"}, Relations: []envelope.Relation{{}},
		Tags: envelope.PairsOf(map[string]string{"k": "\xff"}),
	}
	want := []string{
		"event_id", "source", "ts", "observed_at", "arn", "actor", "usage_quantity", "metric_value", "cost_amount",
		"ancestors[0]", "relations[0].type", "relations[0].target_arn", `tags["k"]`,
	}
	if diff := cmp.Diff(want, faultFields(t, e.Validate())); diff != "" {
		t.Error(diff)
	}
}
