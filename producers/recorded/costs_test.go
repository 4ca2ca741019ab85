package recorded_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/costexplorer"
	"polo/producers/recorded"
	"polo/producers/tree"
	"polo/producers/tree/treetest"
)

// ledger keeps events as the tables do: of one event the greatest observed_at, and of a
// source's day nothing older than its latest completion.
type ledger struct {
	events   map[uuid.UUID]envelope.ResourceEvent
	rejected int
}

func (l *ledger) Emit(_ context.Context, events ...envelope.ResourceEvent) error {
	for _, e := range events {
		if err := e.Validate(); err != nil {
			return err
		}
		if before, ok := l.events[e.EventID]; !ok || !e.ObservedAt.Before(before.ObservedAt) {
			l.events[e.EventID] = e
		}
	}
	return nil
}

func (l *ledger) Reject(context.Context, queue.Failure) error { l.rejected++; return nil }
func (l *ledger) Flush(context.Context) error                 { return nil }

// costs returns the days that cost anything, as "day amount services".
func (l *ledger) costs() []string {
	payerOf := func(e envelope.ResourceEvent) string {
		if p := e.Properties.Get(envelope.PropPayerAccount); p != "" {
			return p
		}
		return e.AccountID
	}
	sums, by := map[string]decimal.Decimal{}, map[string][]string{}
	for _, e := range l.events {
		if e.EventType != envelope.TypeCostAccrued {
			continue
		}
		gone := false
		for _, s := range l.events {
			gone = gone || s.EventType == envelope.TypeScanCompleted && s.Source == e.Source && s.AccountID == payerOf(e) &&
				!e.TS.Before(s.TS) && e.TS.Before(s.PeriodEnd) && s.ObservedAt.After(e.ObservedAt)
		}
		if !gone {
			day := e.TS.Format(time.DateOnly)
			sums[day] = sums[day].Add(e.CostAmount.Decimal)
			by[day] = append(by[day], e.Service)
		}
	}
	var out []string
	for _, day := range slices.Sorted(maps.Keys(sums)) {
		slices.Sort(by[day])
		out = append(out, strings.TrimSpace(day+" "+sums[day].String()+" "+strings.Join(slices.Compact(by[day]), " ")))
	}
	return out
}

// bring reads the responses of a folder, by file name, in one run.
func (l *ledger) bring(t *testing.T, payer string, answers map[string]string) recorded.Summary {
	t.Helper()
	in, err := tree.Open(t.Context(), treetest.Folder(t, answers))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := recorded.Files{
		Tree: in, Names: slices.Sorted(maps.Keys(answers)), AccountID: payer, ObservedAt: time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC), Identity: producers.DefaultIdentity(),
	}.Collect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func newLedger() *ledger { return &ledger{events: map[uuid.UUID]envelope.ResourceEvent{}} }

// ask returns a Cost Explorer response, grouped by dimensions or by nothing, for periods
// "from to", each with groups "key=amount" whose keys are separated by "|".
func ask(by string, periods ...[]string) string {
	var results []string
	for _, p := range periods {
		from, to, _ := strings.Cut(p[0], " ")
		var groups []string
		total := ""
		for _, g := range p[1:] {
			key, amount, _ := strings.Cut(g, "=")
			cost := fmt.Sprintf(`{"UnblendedCost":{"Amount":%q,"Unit":"USD"}}`, amount)
			if by == "" {
				total = cost
				continue
			}
			keys := `"` + strings.ReplaceAll(key, "|", `","`) + `"`
			groups = append(groups, `{"Keys":[`+keys+`],"Metrics":`+cost+`}`)
		}
		if total == "" {
			total = "{}"
		}
		results = append(results, fmt.Sprintf(`{"TimePeriod":{"Start":%q,"End":%q},"Total":%s,"Groups":[%s],"Estimated":false}`, from, to, total, strings.Join(groups, ",")))
	}
	definitions := ""
	if by != "" {
		for _, d := range strings.Split(by, "|") {
			typ, key, found := strings.Cut(d, ":")
			if !found {
				typ, key = "DIMENSION", d
			}
			definitions += fmt.Sprintf(`,{"Type":%q,"Key":%q}`, typ, key)
		}
		definitions = `"GroupDefinitions":[` + definitions[1:] + `],`
	}
	return `{` + definitions + `"ResultsByTime":[` + strings.Join(results, ",") + `]}`
}

const tenth = "2026-03-10 2026-03-11"

// groupings returns one day of 10 dollars in every grouping.
func groupings() map[string]string {
	hours := func(by string, key string) string {
		var all [][]string
		for h := range 24 {
			from := time.Date(2026, 3, 10, h, 0, 0, 0, time.UTC)
			amount := "0"
			if h == 3 {
				amount = "10"
			}
			all = append(all, []string{from.Format(time.RFC3339) + " " + from.Add(time.Hour).Format(time.RFC3339), key + "=" + amount})
		}
		return ask(by, all...)
	}
	return map[string]string{
		"total": ask("", []string{tenth, "=10"}), "service": ask("SERVICE", []string{tenth, "AWS Lambda=4", "Amazon Simple Storage Service=6"}),
		"region": ask("REGION", []string{tenth, "eu-west-1=10"}), "usage": ask("USAGE_TYPE", []string{tenth, "a-b=9", "c-d=1"}),
		"tag": ask("TAG:team", []string{tenth, "team$a=7", "team$=3"}), "other tag": ask("TAG:env", []string{tenth, "env$a=7", "env$=3"}),
		"primary": ask("LINKED_ACCOUNT|SERVICE", []string{tenth, "000000000001|AWS Lambda=4", "000000000002|Amazon Simple Storage Service=6"}),
		"account": ask("LINKED_ACCOUNT", []string{tenth, "000000000001=4", "000000000002=6"}),
		"longer":  ask("", []string{"2026-03-10 2026-04-01", "=10"}), "month": ask("SERVICE", []string{"2026-03-01 2026-04-01", "AWS Lambda=10"}),
		"hours": hours("", ""), "hours by service": hours("SERVICE", "AWS Lambda"),
		"amortized": strings.ReplaceAll(ask("SERVICE", []string{tenth, "AWS Lambda=3", "Amazon Simple Storage Service=6"}), "UnblendedCost", "AmortizedCost"),
	}
}

// A day that is stated in several groupings counts once, whether they come in one run or
// in two, in either order.
func TestOneDayInManyGroupings(t *testing.T) {
	t.Parallel()
	all := groupings()
	names := slices.Sorted(maps.Keys(all))
	file := func(name string) string {
		return "ce.get-cost-and-usage_" + strings.ReplaceAll(name, " ", "-") + ".json"
	}
	for _, payer := range []string{"", "000000000009"} {
		for i, a := range names {
			for _, b := range names[i+1:] {
				if a == "longer" && b == "month" || a == "amortized" && (b == "longer" || b == "month") {
					continue // not ten dollars of one day
				}
				t.Run(payer+" "+a+" and "+b, func(t *testing.T) {
					t.Parallel()
					together := newLedger()
					together.bring(t, payer, map[string]string{file(a): all[a], file(b): all[b]})
					want := together.costs()
					if len(want) != 1 || !strings.HasPrefix(want[0], "2026-03-10 10") {
						t.Errorf("in one run: %q, want 10 on 2026-03-10", want)
					}
					for _, order := range [][]string{{a, b}, {b, a}, {b, a, b}} {
						l := newLedger()
						for _, name := range order {
							l.bring(t, payer, map[string]string{file(name): all[name]})
						}
						if d := cmp.Diff(want, l.costs()); d != "" {
							t.Errorf("%q, one after the other (-in one run +got):\n%s", order, d)
						}
					}
				})
			}
		}
	}
}

// The grouping by account and service counts; without it, the one by service.
func TestWhichGroupingCounts(t *testing.T) {
	t.Parallel()
	all := groupings()
	for _, tc := range []struct {
		without string
		lines   int // that count as costs
		views   []string
	}{
		{"", 2, []string{
			"aws.cost_explorer.daily_by_linked_account", "aws.cost_explorer.daily_by_region", "aws.cost_explorer.daily_by_service", "aws.cost_explorer.daily_by_service_effective_cost",
			"aws.cost_explorer.daily_by_tag_env_1edu1u0", "aws.cost_explorer.daily_by_tag_team_ulotdu", "aws.cost_explorer.daily_by_usage_type", "aws.cost_explorer.daily_total",
			"aws.cost_explorer.hourly_by_service", "aws.cost_explorer.hourly_total", "aws.cost_explorer.monthly_by_service", "aws.cost_explorer.monthly_total",
		}},
		{"primary", 2, nil},
	} {
		l := newLedger()
		files := map[string]string{}
		for name, text := range all {
			if name != tc.without {
				files["ce.get-cost-and-usage_"+strings.ReplaceAll(name, " ", "-")+".json"] = text
			}
		}
		sum := l.bring(t, "000000000009", files)
		counted, views := 0, map[string]bool{}
		for _, e := range l.events {
			switch e.EventType {
			case envelope.TypeCostAccrued:
				counted++
				if e.Service == "" || e.Source != costexplorer.Source {
					t.Errorf("counts: %+v", e)
				}
			case costexplorer.TypeCostViewed:
				views[e.Source] = true
			}
		}
		if d := cmp.Diff([]string{"2026-03-10 10 lambda s3"}, l.costs()); d != "" || counted != tc.lines || sum.Uncounted != 1 {
			t.Errorf("%d lines, %d of them views, %d uncounted (-want +got):\n%s", counted, sum.Views, sum.Uncounted, d)
		}
		if got := slices.Sorted(maps.Keys(views)); tc.views != nil && !slices.Equal(got, tc.views) {
			t.Errorf("views (-want +got):\n%s", cmp.Diff(tc.views, got))
		}
	}
}

// Parts of one response, and parts of a day, are added up once.
func TestPartsOfAnswers(t *testing.T) {
	t.Parallel()
	page := func(next bool, groups ...string) string {
		text := ask("SERVICE", append([]string{tenth}, groups...))
		if next {
			text = `{"NextPageToken":"x",` + text[1:]
		}
		return text
	}
	total := ask("", []string{tenth, "=10"})
	for _, tc := range []struct {
		name string
		runs []map[string]string
		want []string
	}{
		{"pages in files of their own", []map[string]string{{"a_by_service.json": page(true, "AWS Lambda=4"), "b_by_service.json": page(false, "AWS Glue=6"), "c_total.json": total}}, []string{"2026-03-10 10 glue lambda"}},
		{"no last page", []map[string]string{{"a.json": page(true, "AWS Lambda=4")}}, []string{"2026-03-10 4 lambda"}},
		{"no last page, and a whole answer", []map[string]string{{"a.json": page(true, "AWS Lambda=4"), "c_total.json": total}}, []string{"2026-03-10 10"}},
		{"a group that is none", []map[string]string{{"a.json": page(false, "AWS Lambda=4", "AWS Glue=none"), "c_total.json": total}}, []string{"2026-03-10 10"}},
		{"a group that is none, alone", []map[string]string{{"a.json": page(false, "AWS Lambda=4", "AWS Glue=none")}}, []string{"2026-03-10 4 lambda"}},
		{"resources of one service", []map[string]string{{"a.json": ask("RESOURCE_ID", []string{tenth, "i-1=4"}), "c_total.json": total}}, []string{"2026-03-10 10"}},
		{"an hour, and the day", []map[string]string{{"a.json": ask("SERVICE", []string{"2026-03-10T00:00:00Z 2026-03-10T01:00:00Z", "AWS Lambda=4"}), "c_total.json": total}}, []string{"2026-03-10 10"}},
		{"one question twice, a line gone", []map[string]string{{"ce.GetCostAndUsage_1.json": page(false, "AWS Lambda=4", "AWS Glue=6")}}, []string{"2026-03-10 10 glue lambda"}},
		{"several days, not the same", []map[string]string{{
			"a.json": ask("SERVICE", []string{tenth, "AWS Lambda=4", "AWS Glue=6"}), "b.json": ask("", []string{tenth, "=10"}, []string{"2026-03-11 2026-03-12", "=2"}),
		}}, []string{"2026-03-10 10 glue lambda", "2026-03-11 2"}},
		{"several days, in two runs", []map[string]string{
			{"b.json": ask("", []string{tenth, "=10"}, []string{"2026-03-11 2026-03-12", "=2"})}, {"a.json": ask("SERVICE", []string{tenth, "AWS Lambda=4", "AWS Glue=6"})},
		}, []string{"2026-03-10 10 glue lambda", "2026-03-11 2"}},
		{"a month alone", []map[string]string{{"a.json": ask("SERVICE", []string{"2026-03-01 2026-04-01", "AWS Lambda=4"})}}, nil},
		{"nothing was told", []map[string]string{{"a.json": total, "b.json": `{"ResultsByTime":[{"TimePeriod":{"Start":"2026-03-10","End":"2026-03-11"},"Total":{},"Groups":[]}]}`}}, []string{"2026-03-10 10"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			for _, files := range tc.runs {
				l.bring(t, "000000000009", files)
			}
			if d := cmp.Diff(tc.want, l.costs()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A completion states how many lines it covers, and which days.
func TestRecordedCompletions(t *testing.T) {
	t.Parallel()
	l := newLedger()
	l.bring(t, "000000000009", map[string]string{"a.json": ask("SERVICE", []string{tenth, "AWS Lambda=4", "AWS Glue=6"}, []string{"2026-03-11 2026-03-12"}, []string{"2026-03-13 2026-03-14", "AWS Glue=1"})})
	var got []string
	for _, e := range l.events {
		if e.EventType == envelope.TypeScanCompleted {
			got = append(got, e.AccountID+" "+e.TS.Format(time.DateOnly)+" "+e.PeriodEnd.Format(time.DateOnly)+" "+e.Properties.Get("events"))
		}
	}
	slices.Sort(got)
	if d := cmp.Diff([]string{"000000000009 2026-03-10 2026-03-12 2", "000000000009 2026-03-13 2026-03-14 1"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
