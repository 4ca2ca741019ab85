package datadog_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/datadog"
	"polo/producers/exchange"
)

const api = "GET https://api.us3.datadoghq.com/api/"

func data(items ...string) string {
	text := ""
	for _, item := range items {
		if text != "" {
			text += ","
		}
		text += item
	}
	return `{"data":[` + text + `]}`
}

// Recorded costs: which answer of a month counts, who pays, and what completes the month.
func TestRecordedCosts(t *testing.T) {
	t.Parallel()
	var (
		final    = data(stated("parent", "2026-02-01", "1", "logs total 1"), stated("sub", "2026-02-01", "2", "logs total 2"))
		sum      = data(stated("parent", "2026-02-01", "3", "logs total 3"))
		estimate = data(
			stated("sub", "2026-02-01", "5", "logs total 5"), stated("sub", "2026-02-02", "4", "logs total 4"),
			stated("parent", "2026-02-01", "1", "logs total 1"), stated("parent", "2026-02-03", "1.5", "logs total 1.5"),
		)
		both = []string{"parent logs total 02-01/03-01 1 false", "sub logs total 02-01/03-01 2 false"}
		days = []string{
			"parent logs total 02-01/02-02 1 true", "parent logs total 02-02/02-04 0.5 true", "sub logs total 02-01/02-02 5 true", "sub logs total 02-02/02-03 -1 true",
		}
	)
	const historical, estimated, subOrgs = "v2/usage/historical_cost?", "v2/usage/estimated_cost?", "&view=sub-org"
	type answer struct{ query, body string }
	for name, c := range map[string]struct {
		payer          string
		answers        []answer
		at             time.Time
		lines, done    []string
		left, payments []string
	}{
		"a final month": {
			payer: "parent", answers: []answer{{historical + "start_month=2026-02&end_month=2026-02" + subOrgs, final}},
			lines: both, done: []string{"parent 2026-02-01/2026-03-01"}, payments: []string{"sub parent"},
		},
		"the organisations pay for themselves where nothing says who does": {
			answers: []answer{{historical + "start_month=2026-02-10T10:00:00Z" + subOrgs, final}},
			lines:   both, done: []string{"parent 2026-02-01/2026-03-01", "sub 2026-02-01/2026-03-01"},
		},
		"what is no public id pays for nothing": {
			payer: "Acme Inc", answers: []answer{{"v2/usage/cost_by_org?start_month=2026-02", final}},
			lines: both, done: []string{"parent 2026-02-01/2026-03-01", "sub 2026-02-01/2026-03-01"},
		},
		"a sum over organisations completes nothing": {
			payer: "parent", answers: []answer{{historical + "start_month=2026-02", sum}}, lines: []string{"parent logs total 02-01/03-01 3 false"},
		},
		"nor does a month that was not asked for": {
			payer: "parent", answers: []answer{{historical + "start_month=2026-01" + subOrgs, final}}, lines: both, payments: []string{"sub parent"},
		},
		"nor one before": {
			payer: "parent", answers: []answer{{historical + "start_month=2026-03" + subOrgs, final}}, lines: both, payments: []string{"sub parent"},
		},
		"organisations before their sum": {
			payer: "parent", answers: []answer{{historical + "start_month=2026-02" + subOrgs, final}, {historical + "start_month=2026-02", sum}},
			lines: both, done: []string{"parent 2026-02-01/2026-03-01"}, payments: []string{"sub parent"},
			left: []string{"GET api.us3.datadoghq.com/api/v2/usage/historical_cost: another answer states the same month's costs 1"},
		},
		"final before estimated": {
			payer: "parent", answers: []answer{{historical + "start_month=2026-02" + subOrgs, final}, {estimated + "start_date=2026-02-01&end_date=2026-02-28" + subOrgs, estimate}},
			lines: both, done: []string{"parent 2026-02-01/2026-03-01"}, payments: []string{"sub parent"},
			left: []string{"GET api.us3.datadoghq.com/api/v2/usage/estimated_cost: another answer states the same month's costs 4"},
		},
		"days since the 1st, one restated downwards": {
			payer: "parent", answers: []answer{{estimated + "start_date=2026-02-01&end_date=2026-02-28" + subOrgs, estimate}},
			lines: days, done: []string{"parent 2026-02-01/2026-02-04"}, payments: []string{"sub parent", "sub parent"},
		},
		"of two answers the last": {
			payer: "parent", answers: []answer{{estimated + "start_date=2026-02-01&end_date=2026-02-01" + subOrgs, data(stated("parent", "2026-02-01", "9", "logs total 9"))}, {estimated + "start_date=2026-02-01" + subOrgs, estimate}},
			lines: days, done: []string{"parent 2026-02-01/2026-02-04"}, payments: []string{"sub parent", "sub parent"},
			left: []string{"GET api.us3.datadoghq.com/api/v2/usage/estimated_cost: another answer states the same month's costs 1"},
		},
		"days since another day": {
			payer: "parent", answers: []answer{{estimated + "start_date=2026-02-02&end_date=2026-02-28" + subOrgs, estimate}},
			left: []string{"GET api.us3.datadoghq.com/api/v2/usage/estimated_cost: estimates that count from another day than the 1st of their month give no exact days 4"},
		},
		"a month so far": {
			payer: "parent", answers: []answer{{estimated + "start_month=2026-02" + subOrgs, final}}, at: day("2026-02-10").Add(time.Hour),
			lines: []string{"parent logs total 02-01/02-11 1 true", "sub logs total 02-01/02-11 2 true"}, done: []string{"parent 2026-02-01/2026-02-11"}, payments: []string{"sub parent"},
		},
		"an amount since the 1st": {
			payer: "parent", answers: []answer{{estimated + "start_date=2026-02-01" + subOrgs, final}}, at: day("2026-02-10"),
			lines: []string{"parent logs total 02-01/02-11 1 true", "sub logs total 02-01/02-11 2 true"}, done: []string{"parent 2026-02-01/2026-02-11"}, payments: []string{"sub parent"},
		},
		"nothing": {
			payer: "parent", answers: []answer{{historical + "start_month=2026-02" + subOrgs, data()}},
			left: []string{"GET api.us3.datadoghq.com/api/v2/usage/historical_cost: the answer is empty: no costs yet, or none 1"},
		},
		"an answer alone is an estimate": {
			payer: "parent", answers: []answer{{"", final}}, lines: []string{"parent logs total 02-01/03-01 1 true", "sub logs total 02-01/03-01 2 true"}, payments: []string{"sub parent"},
		},
		"days alone": {
			payer: "parent", answers: []answer{{"", estimate}}, left: []string{": several days of a month, without the request that says which day they count from 4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all []exchange.Exchange
			for _, a := range c.answers {
				e := bare(a.body)
				if a.query != "" {
					e = asked(t, api+a.query, http.StatusOK, a.body)
				}
				e.At = c.at
				all = append(all, e)
			}
			o := read(t, c.payer, all...)
			want(t, "lines", c.lines, lines(o.Recorder))
			want(t, "completions", c.done, o.completions())
			want(t, "left", c.left, o.whys())
			want(t, "gaps", nil, o.missed())
			var payments []string
			for _, e := range o.Of(envelope.TypeCostAccrued) {
				if p := e.Properties.Get(envelope.PropPayerAccount); p != "" {
					payments = append(payments, e.AccountID+" "+p)
				}
				if site := "us3.datadoghq.com"; c.answers[0].query != "" && e.Region != site {
					t.Errorf("region %q", e.Region)
				}
			}
			want(t, "payers", c.payments, payments)
			want(t, "ids", eventIDs(o), eventIDs(read(t, c.payer, all...)))
		})
	}
}

// A recorded line is the collector's own.
func TestRecordedIsTheSame(t *testing.T) {
	t.Parallel()
	month := stated("sub", "2026-02-01", "2", "logs total 2")
	days := stated("sub", "2026-03-01", "1", "logs total 1")
	rec, _ := collect(t, &account{final: map[string]string{"2026-02": month}, estimates: map[string]string{"2026-03-01": days}}, "2026-03-05")
	o := read(t, "parent",
		asked(t, "GET https://api.datadoghq.eu/api/v2/usage/historical_cost?start_month=2026-02&view=sub-org", http.StatusOK, data(month)),
		asked(t, "GET https://api.datadoghq.eu/api/v2/usage/estimated_cost?start_date=2026-03-01&end_date=2026-03-04&view=sub-org", http.StatusOK, data(days)),
	)
	live, recorded := rec.Of(envelope.TypeCostAccrued), o.Of(envelope.TypeCostAccrued)
	for _, all := range [][]envelope.ResourceEvent{live, recorded} {
		for i := range all {
			all[i].ObservedAt = time.Time{}
		}
		slices.SortFunc(all, func(a, b envelope.ResourceEvent) int { return a.TS.Compare(b.TS) })
	}
	if diff := cmp.Diff(live, recorded); diff != "" || len(live) != 2 {
		t.Errorf("(-live +recorded):\n%s", diff)
	}
}

// What does not add up is a gap; the other answers are read.
func TestRecordedCostsThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	o := read(t, "parent",
		asked(t, api+"v2/usage/historical_cost?start_month=2026-01&view=sub-org", http.StatusOK, data(stated("parent", "2026-01-01", "2", "logs total 1"))),
		asked(t, api+"v2/usage/historical_cost?start_month=2026-02&view=sub-org", http.StatusOK, data(stated("parent", "2026-02-01", "1", "logs total 1"))),
		asked(t, api+"v2/usage/historical_cost?start_month=2026-03&view=sub-org", http.StatusOK, data(stated("", "2026-03-01", "1", "logs total 1"))),
		asked(t, api+"v2/usage/estimated_cost?start_month=2026-03&view=sub-org", http.StatusOK, `{"data":`),
		asked(t, api+"v2/usage/estimated_cost?start_month=2026-04&view=sub-org", http.StatusOK, `{}`),
	)
	want(t, "lines", []string{"parent logs total 02-01/03-01 1 false"}, lines(o.Recorder))
	want(t, "completions", []string{"parent 2026-02-01/2026-03-01"}, o.completions())
	want(t, "gaps", []string{
		"datadog:cost 2026-01 parent invalid", "datadog:cost GET api.us3.datadoghq.com/api/v2/usage/estimated_cost invalid", "datadog:cost GET api.us3.datadoghq.com/api/v2/usage/historical_cost invalid",
	}, o.missed())
	want(t, "left", []string{"GET api.us3.datadoghq.com/api/v2/usage/estimated_cost: the answer is not as documented 1"}, o.whys())
}

// Recorded costs by tag are views, and complete a month with all its pages.
func TestRecordedAttribution(t *testing.T) {
	t.Parallel()
	const call = api + "v2/cost_by_tag/monthly_cost_attribution?start_month=2026-02&end_month=2026-02&fields=*"
	page := func(team, next string) string {
		return `{"data":[{"type":"cost_by_tag","id":"x","attributes":{"public_id":"sub","org_name":"Sub","month":"2026-02","tags":{"team":["` + team + `"]},
			"values":{"logs_on_demand_cost":1.5,"logs_total_cost":1.5}}}],"meta":{"pagination":{"next_record_id":` + next + `}}}`
	}
	first, last := asked(t, call, http.StatusOK, page("web", `"n"`)), asked(t, call+"&next_record_id=n", http.StatusOK, page("search", "null"))
	for name, c := range map[string]struct {
		payer string
		all   []exchange.Exchange
		done  []string
		views int
	}{
		"all pages":           {"parent", []exchange.Exchange{first, last}, []string{"parent 2026-02-01/2026-03-01"}, 2},
		"the first one":       {"parent", []exchange.Exchange{first}, nil, 1},
		"the last one":        {"parent", []exchange.Exchange{last}, nil, 1},
		"one of another list": {"parent", []exchange.Exchange{asked(t, call, http.StatusOK, page("web", "null")), last}, nil, 2},
		"no payer":            {"", []exchange.Exchange{first, last}, nil, 2},
		"alone":               {"parent", []exchange.Exchange{bare(page("web", "null"))}, nil, 1},
	} {
		o := read(t, c.payer, c.all...)
		want(t, name, c.done, o.completions())
		if views := o.Of("cost.viewed"); len(views) != c.views || len(lines(o.Recorder)) != 0 || views[0].Source != datadog.AttributionSource {
			t.Errorf("%s: %+v", name, views)
		}
	}
}

// Nothing of what is stated twice, or without its request, is lost without a reason, or counts twice.
func TestRecordedAttributionTwice(t *testing.T) {
	t.Parallel()
	const query = "?start_month=2026-02&end_month=2026-02&fields=*"
	const costs, usage = "v2/cost_by_tag/monthly_cost_attribution", "v1/usage/monthly-attribution"
	cost := func(tags, amount string) string {
		return `{"data":[{"type":"cost_by_tag","attributes":{"public_id":"sub","month":"2026-02","tags":` + tags + `,"values":{"logs_on_demand_cost":` + amount + `}}}]}`
	}
	used := func(tags, amount string) string {
		return `{"usage":[{"public_id":"sub","month":"2026-02","tags":` + tags + `,"values":{"logs_usage":` + amount + `}}]}`
	}
	const other = ": another answer states the same, split by as many tags or more 1"
	for name, c := range map[string]struct {
		all  []exchange.Exchange
		want []string
		left []string
	}{
		"bare answers": {
			[]exchange.Exchange{bare(cost(`{"team":["a"]}`, "1")), bare(cost(`{"team":["b"]}`, "2")), bare(cost(`{"team":["b"]}`, "2"))},
			[]string{"1", "2"},
			[]string{": the page was asked for again: the later answer counts 1"},
		},
		"again": {
			[]exchange.Exchange{asked(t, api+costs+query, http.StatusOK, cost("null", "1")), asked(t, api+costs+query, http.StatusOK, cost("null", "2"))},
			[]string{"2"},
			[]string{"GET api.us3.datadoghq.com/api/" + costs + ": the page was asked for again: the later answer counts 1"},
		},
		"costs, whole and split": {
			[]exchange.Exchange{
				asked(t, api+costs+query, http.StatusOK, cost("null", "3")), asked(t, api+costs+query+"&tag_breakdown_keys=team,app", http.StatusOK, cost(`{"team":["a"],"app":["x"]}`, "2")),
				asked(t, api+costs+query+"&tag_breakdown_keys=team", http.StatusOK, cost(`{"team":["a"]}`, "3")),
			}, []string{"2"}, []string{"GET api.us3.datadoghq.com/api/" + costs + other, "GET api.us3.datadoghq.com/api/" + costs + other},
		},
		"usage, whole and split": {
			[]exchange.Exchange{asked(t, api+usage+query+"&tag_breakdown_keys=team", http.StatusOK, used(`{"team":["a"]}`, "2")), asked(t, api+usage+query, http.StatusOK, used("null", "3"))},
			[]string{"2"},
			[]string{"GET api.us3.datadoghq.com/api/" + usage + other},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := read(t, "parent", c.all...)
			var got []string
			for _, e := range o.facts() {
				if e.MetricValue != nil {
					got = append(got, fmt.Sprint(*e.MetricValue))
					continue
				}
				got = append(got, e.CostAmount.Decimal.String())
			}
			slices.Sort(got)
			want(t, "events", c.want, got)
			want(t, "left", c.left, o.whys())
		})
	}
}
