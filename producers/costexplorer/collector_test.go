package costexplorer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
	"polo/producers/costexplorer"
)

func TestCollectDaily(t *testing.T) {
	t.Parallel()
	a := serve(t, func(in request) (int, string) {
		body := days(in, func(day string) string {
			if day != "2024-02-01" {
				return ""
			}
			return `{"Keys":["012345678901","Amazon Simple Storage Service"],"Metrics":{
				"UnblendedCost":{"Amount":"-0.00000000000000000012","Unit":"USD"},"BlendedCost":{"Amount":"1.50","Unit":"USD"},
				"AmortizedCost":{"Amount":"2E-3","Unit":"USD"},"NetUnblendedCost":{"Amount":"0","Unit":"USD"},
				"NetAmortizedCost":{"Amount":"4","Unit":"USD"},"UsageQuantity":{"Amount":"9312771.098461578","Unit":"N/A"}}}`
		})
		return http.StatusOK, `{"GroupDefinitions":[],"ResultsByTime":[` + body + `]}`
	})
	rec, sum := collect(t, a, "", 0, 0)
	lines := rec.Of(envelope.TypeCostAccrued)
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1: %+v", len(lines), sum)
	}
	e := lines[0]
	type fields struct {
		Source, Account, Service, Cost, Currency, Quantity, Unit, ARN string
		TS, End                                                       string
	}
	got := fields{
		e.Source, e.AccountID, e.Service, e.CostAmount.Decimal.String(), e.Currency, e.UsageQuantity.Decimal.String(), e.UsageUnit, e.ARN,
		e.TS.Format(time.RFC3339), e.PeriodEnd.Format(time.RFC3339),
	}
	want := fields{
		"aws.cost_explorer", "012345678901", "s3", "-0.00000000000000000012", "USD", "9312771.098461578", "", "",
		"2024-02-01T00:00:00Z", "2024-02-02T00:00:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	properties := envelope.PairsOf(map[string]string{
		"blended_cost": "1.5", "effective_cost": "0.002", "net_unblended_cost": "0", "net_effective_cost": "4", "estimated": "true",
		"granularity": "DAILY", "service_name": "Amazon Simple Storage Service", "payer_account_id": payer,
	})
	if diff := cmp.Diff(properties, e.Properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{payer + " 2024-01-01/2024-02-06"}, rec.completed()); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
	var in request
	err := json.Unmarshal([]byte(`{"Granularity":"DAILY","TimePeriod":{"Start":"2024-01-01","End":"2024-02-06"},
		"Metrics":["UnblendedCost","BlendedCost","AmortizedCost","NetUnblendedCost","NetAmortizedCost","UsageQuantity"],
		"GroupBy":[{"Type":"DIMENSION","Key":"LINKED_ACCOUNT"},{"Type":"DIMENSION","Key":"SERVICE"}]}`), &in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]request{in}, a.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"us-east-1"}, a.Regions()); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
}

// TestPaging reads the groups of one day from three pages.
func TestPaging(t *testing.T) {
	t.Parallel()
	a := paged(t, 3)
	rec, sum := collect(t, a, "", 0, 0)
	if n := len(rec.Of(envelope.TypeCostAccrued)); n != 3 {
		t.Errorf("%d lines, want 3", n)
	}
	if len(rec.completed()) != 1 || sum.Counts.Pages != 3 || sum.Counts.CostMicros != 30_000 {
		t.Errorf("completed %v, %d pages, cost %d", rec.completed(), sum.Counts.Pages, sum.Counts.CostMicros)
	}
}

// paged returns an API that answers with so many pages, each with one group of 2024-01-02.
func paged(t testing.TB, pages int) *api {
	t.Helper()
	return serve(t, page(pages))
}

// page returns the responses of paged.
func page(pages int) func(request) (int, string) {
	return func(in request) (int, string) {
		n := 0
		if in.NextPageToken != "" {
			_, _ = fmt.Sscan(in.NextPageToken, &n)
		}
		token := ""
		if n+1 < pages {
			token = fmt.Sprintf(`"NextPageToken":"%d",`, n+1)
		}
		return http.StatusOK, `{` + token + `"ResultsByTime":[` + days(in, func(day string) string {
			if day != "2024-01-02" {
				return ""
			}
			return cost("1", payer, fmt.Sprint("service ", n))
		}) + `]}`
	}
}

// TestBudget allows two of three pages: the third is not requested, and nothing is completed.
func TestBudget(t *testing.T) {
	t.Parallel()
	a := paged(t, 3)
	rec, sum := collect(t, a, "", 0, 29_999)
	if len(a.requests) != 2 || sum.Counts.CostMicros != 20_000 {
		t.Errorf("%d requests, cost %d", len(a.requests), sum.Counts.CostMicros)
	}
	if len(rec.completed()) != 0 || len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapBudget {
		t.Errorf("completed %v, gaps %v", rec.completed(), sum.Gaps)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code string
		want producers.GapReason
	}{
		{"AccessDeniedException", producers.GapDenied},
		{"LimitExceededException", producers.GapThrottled},
		{"ThrottlingException", producers.GapThrottled},
		{"DataUnavailableException", producers.GapFailed},
		{"BillExpirationException", producers.GapFailed},
		{"ValidationException", producers.GapFailed},
	} {
		for failing := range 2 {
			t.Run(fmt.Sprint(c.code, failing), func(t *testing.T) {
				t.Parallel()
				good := page(2)
				a := serve(t, func(in request) (int, string) {
					if failing == 1 && in.NextPageToken == "" {
						return good(in)
					}
					return http.StatusBadRequest, `{"__type":"com.amazon.aws.insights#` + c.code + `","message":"no"}`
				})
				rec, sum := collect(t, a, "", 0, 0)
				if len(sum.Gaps) != 1 || sum.Gaps[0].Reason != c.want || sum.Gaps[0].Code != c.code || sum.Gaps[0].What != "" {
					t.Errorf("gaps %+v", sum.Gaps)
				}
				if len(rec.completed()) != 0 || len(rec.Of(envelope.TypeCostAccrued)) != failing {
					t.Errorf("completed %v, %d lines", rec.completed(), len(rec.Of(envelope.TypeCostAccrued)))
				}
			})
		}
	}
}

// TestSamePageAgain: an API that repeats a page must not cause a loop.
func TestSamePageAgain(t *testing.T) {
	t.Parallel()
	a := serve(t, func(in request) (int, string) {
		return http.StatusOK, `{"NextPageToken":"x","ResultsByTime":[` + days(in, func(string) string { return "" }) + `]}`
	})
	rec, sum := collect(t, a, "", 0, 0)
	if len(a.requests) != 2 || len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapInvalid || len(rec.completed()) != 0 {
		t.Errorf("%d requests, gaps %+v, completed %v", len(a.requests), sum.Gaps, rec.completed())
	}
}

// TestUnansweredDays: a day that the answer leaves out is not completed, so its events stay.
func TestUnansweredDays(t *testing.T) {
	t.Parallel()
	a := serve(t, func(in request) (int, string) {
		none := func(string) string { return "" }
		first, second := in, in
		first.TimePeriod.Start, first.TimePeriod.End, second.TimePeriod.Start = "2024-01-03", "2024-01-09", "2024-01-10"
		return http.StatusOK, `{"ResultsByTime":[` + days(first, none) + "," + days(second, none) + `]}`
	})
	rec, sum := collect(t, a, "", 0, 0)
	want := []string{payer + " 2024-01-03/2024-01-09", payer + " 2024-01-10/2024-02-06"}
	if diff := cmp.Diff(want, rec.completed()); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
	if len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapInvalid || !strings.Contains(sum.Gaps[0].Error, "2024-01-01/2024-01-03, 2024-01-09/2024-01-10") {
		t.Errorf("gaps %+v", sum.Gaps)
	}
}

// TestHourlyView: hours have their own source and type.
func TestHourlyView(t *testing.T) {
	t.Parallel()
	const config = `{"views":[{"name":"hourly","granularity":"HOURLY","group_by":["SERVICE"]}]}`
	hours := func(until time.Time) *api {
		return serve(t, func(in request) (int, string) {
			var results []string
			from, _ := time.Parse(time.RFC3339, in.TimePeriod.Start)
			for h := from; h.Before(until); h = h.Add(time.Hour) {
				results = append(results, fmt.Sprintf(`{"TimePeriod":{"Start":"%s","End":"%s"},"Groups":[%s],"Estimated":true}`,
					h.Format(time.RFC3339), h.Add(time.Hour).Format(time.RFC3339), cost("0.25", "AWS Lambda")))
			}
			return http.StatusOK, `{"ResultsByTime":[` + strings.Join(results, ",") + `]}`
		})
	}
	for name, c := range map[string]struct {
		until time.Time
		want  string
	}{
		"to the end of the day": {time.Date(2024, 2, 6, 0, 0, 0, 0, time.UTC), payer + " 2024-01-23/2024-02-06"},
		"to the last full hour": {scheduled, payer + " 2024-01-23/2024-02-05"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := hours(c.until)
			rec, sum := collect(t, a, config, 1, 0)
			lines := rec.Of(costexplorer.TypeCostViewed)
			if len(lines) == 0 || len(rec.Of(envelope.TypeCostAccrued)) != 0 || lines[0].Source != "aws.cost_explorer.hourly" || lines[0].Service != "lambda" {
				t.Errorf("%d lines: %+v", len(lines), sum)
			}
			if in := a.requests[0]; in.TimePeriod.Start != "2024-01-23T00:00:00Z" || in.TimePeriod.End != "2024-02-06T00:00:00Z" {
				t.Errorf("asked for %+v", in.TimePeriod)
			}
			if diff := cmp.Diff([]string{c.want}, rec.completed()); diff != "" || len(sum.Gaps) != 0 {
				t.Errorf("gaps %v, completions (-want +got):\n%s", sum.Gaps, diff)
			}
			for _, e := range rec.Of(envelope.TypeScanCompleted) {
				if e.Source != "aws.cost_explorer.hourly" {
					t.Errorf("the completion has the source %s", e.Source)
				}
			}
		})
	}
}

// TestBadGroups: a group that is not a cost becomes a letter, its neighbours become lines, and
// nothing is completed.
func TestBadGroups(t *testing.T) {
	t.Parallel()
	for name, groups := range map[string]string{
		"not a number": cost("NaN", payer, "A") + "," + cost("1", payer, "B"),
		"no metric":    `{"Keys":["1","A"],"Metrics":{}},` + cost("1", payer, "B"),
		"twice":        cost("1", payer, "B") + "," + cost("2", payer, "B") + "," + cost("1", payer, "B"),
		"too fine":     cost("0.000000000000000000000000000000000000001", payer, "A") + "," + cost("1", payer, "B"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(in request) (int, string) {
				return http.StatusOK, `{"ResultsByTime":[` + days(in, func(day string) string {
					if day != "2024-01-31" {
						return ""
					}
					return groups
				}) + `]}`
			})
			rec, sum := collect(t, a, "", 0, 0)
			if len(rec.Failures) != 1 || len(rec.Of(envelope.TypeCostAccrued)) != 1 || len(rec.completed()) != 0 || len(sum.Gaps) != 1 {
				t.Errorf("failures %+v, %d lines, completed %v, gaps %v", rec.Failures, len(rec.Of(envelope.TypeCostAccrued)), rec.completed(), sum.Gaps)
			}
		})
	}
}

// TestIdentity: a restated line has the same id; a line of another key has another.
func TestIdentity(t *testing.T) {
	t.Parallel()
	ids := func(amount, config string, i int) []string {
		a := serve(t, func(in request) (int, string) {
			return http.StatusOK, `{"ResultsByTime":[` + days(in, func(day string) string {
				if day < "2024-02-01" {
					return ""
				}
				return cost(amount, "a$b", "A") + "," + cost(amount, "a$b", "B")
			}) + `]}`
		})
		rec, _ := collect(t, a, config, i, 0)
		var out []string
		for _, e := range append(rec.Of(envelope.TypeCostAccrued), rec.Of(costexplorer.TypeCostViewed)...) {
			out = append(out, e.EventID.String())
		}
		return out
	}
	const tagged = `{"group_by":["TAG:a","SERVICE"],"views":[{"name":"other","group_by":["TAG:a","SERVICE"]}]}`
	first := ids("1", tagged, 0)
	seen := map[string]bool{}
	for _, id := range first {
		seen[id] = true
	}
	if len(first) != 10 || len(seen) != 10 {
		t.Fatalf("%d lines with %d ids", len(first), len(seen))
	}
	if diff := cmp.Diff(first, ids("2", tagged, 0)); diff != "" {
		t.Errorf("restated (-want +got):\n%s", diff)
	}
	for name, others := range map[string][]string{
		"another view": ids("1", tagged, 1), "another grouping": ids("1", `{"group_by":["COST_CATEGORY:a","SERVICE"]}`, 0),
	} {
		for _, id := range others {
			if seen[id] {
				t.Errorf("%s: the same id", name)
			}
		}
	}
}
