package datadog_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
	"polo/producers/datadog"
	"polo/producers/emittertest"
	"polo/producers/exchange/exchangetest"
)

// account is a Datadog account: what it answers of each month, finally, and of each day.
type account struct {
	final, estimates map[string]string // JSON lists by month
	status           map[string]int    // of a path
	asked            []string
}

func (a *account) RoundTrip(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	a.asked = append(a.asked, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]+" "+q.Get("start_month")+q.Get("start_date")+" "+q.Get("end_month")+q.Get("end_date"))
	if r.Header.Get("DD-API-KEY") != "the api key" || r.Header.Get("DD-APPLICATION-KEY") != "the application key" || q.Get("view") != "sub-org" {
		return respond(http.StatusForbidden, `{"errors":["Forbidden"]}`), nil
	}
	if status := a.status[r.URL.Path]; status != 0 {
		return respond(status, `{"errors":["no"]}`), nil
	}
	data := a.estimates[q.Get("start_date")]
	if strings.HasSuffix(r.URL.Path, "historical_cost") {
		data = a.final[q.Get("start_month")]
	}
	return respond(http.StatusOK, `{"data":[`+data+`]}`), nil
}

func respond(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// stated is a statement of an organisation; charges are product type cost.
func stated(org, date, total string, charges ...string) string {
	var all []string
	for _, c := range charges {
		f := strings.Fields(c)
		all = append(all, fmt.Sprintf(`{"product_name":%q,"charge_type":%q,"cost":%s}`, f[0], f[1], f[2]))
	}
	return fmt.Sprintf(`{"type":"cost_by_org","id":"x","attributes":{"org_name":"Org %s","public_id":%q,"date":"%sT00:00:00+00:00","total_cost":%s,"charges":[%s]}}`,
		org, org, date, total, strings.Join(all, ","))
}

func keys(context.Context) (string, string, error) { return "the api key", "the application key", nil }

// collect runs the collector at a time, over the window of the month before and its own.
func collect(t *testing.T, a *account, at string) (*emittertest.Recorder, producers.Summary) {
	t.Helper()
	when, err := time.Parse(time.DateOnly, at)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := datadog.ParseConfig([]byte(`{"site":"datadoghq.eu","organisation":"parent"}`))
	if err != nil {
		t.Fatal(err)
	}
	client, err := datadog.NewClient(cfg, keys, "", a)
	if err != nil {
		t.Fatal(err)
	}
	rec := &emittertest.Recorder{}
	sum, err := producers.Run(t.Context(), producers.RunConfig{
		Collector: datadog.New(cfg, client), Emitter: rec, Scheduled: when, Window: producers.Window{From: when.AddDate(0, -1, 0), To: when},
		Now: func() time.Time { return when.Add(time.Minute) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return rec, sum
}

// lines are the cost lines as text: organisation, product and type, days, cost.
func lines(rec *emittertest.Recorder) []string {
	var all []string
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		all = append(all, fmt.Sprintf("%s %s %s %s/%s %s %s", e.AccountID, e.Service, e.Properties.Get("charge_type"), e.TS.Format("01-02"), e.PeriodEnd.Format("01-02"),
			e.CostAmount.Decimal, e.Properties.Get("estimated")))
	}
	slices.Sort(all)
	return all
}

func completed(rec *emittertest.Recorder) []string {
	var all []string
	for _, e := range rec.Of(envelope.TypeScanCompleted) {
		all = append(all, fmt.Sprintf("%s %s/%s", e.AccountID, e.TS.Format(time.DateOnly), e.PeriodEnd.Format(time.DateOnly)))
	}
	return all
}

// Estimates are totals since the 1st. A day is a difference, also where the total falls or a product is taken back; a day that nobody
// stated is in the next one; two organisations are apart.
func TestDaysOfEstimates(t *testing.T) {
	t.Parallel()
	a := &account{final: map[string]string{"2026-02": stated("parent", "2026-02-01", "1", "logs committed 0.75", "logs committed 0.25")}, estimates: map[string]string{"2026-03-01": strings.Join([]string{
		stated("parent", "2026-03-02", "30.3", "infra_host committed 10", "infra_host on_demand 20.3", "infra_host total 30.3"),
		stated("parent", "2026-03-01", "10.1", "infra_host committed 10", "infra_host on_demand 0.1", "infra_host total 10.1"),
		stated("parent", "2026-03-03", "25", "infra_host committed 10", "infra_host on_demand 15"),
		stated("sub", "2026-03-01", "5", "logs total 5", "apm total 0"),
		stated("sub", "2026-03-04", "0.000000000000000000001", "apm total 0.000000000000000000001"),
	}, ",")}}
	rec, sum := collect(t, a, "2026-03-07")
	want := []string{
		"parent infra_host committed 03-01/03-02 10 true",
		"parent infra_host on_demand 03-01/03-02 0.1 true",
		"parent infra_host on_demand 03-02/03-03 20.2 true",
		"parent infra_host on_demand 03-03/03-04 -5.3 true",
		"parent logs committed 02-01/03-01 1 false",
		"sub apm total 03-02/03-05 0.000000000000000000001 true",
		"sub logs total 03-01/03-02 5 true",
		"sub logs total 03-02/03-05 -5 true",
	}
	if diff := cmp.Diff(want, lines(rec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"parent 2026-02-01/2026-03-01", "parent 2026-03-01/2026-03-05"}, completed(rec)); diff != "" || len(sum.Gaps) != 0 {
		t.Errorf("completions (-want +got):\n%s\ngaps %v", diff, sum.Gaps)
	}
	if diff := cmp.Diff([]string{"historical_cost 2026-02 2026-02", "estimated_cost 2026-03-01 2026-03-07"}, a.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	again, _ := collect(t, a, "2026-03-07")
	if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
		t.Errorf("the same time again has other ids:\n%s", diff)
	}
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		if e.AccountID == "sub" && e.Properties.Get(envelope.PropPayerAccount) != "parent" || e.Region != "datadoghq.eu" || e.Platform != "datadog" || e.Currency != "USD" {
			t.Errorf("%+v", e)
		}
	}
}

func ids(rec *emittertest.Recorder) []string {
	var all []string
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		all = append(all, e.EventID.String())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// While a month is not final, an empty answer means that it is estimated; once it is due, that it is missing.
func TestMonthThatIsNotFinal(t *testing.T) {
	t.Parallel()
	estimates := map[string]string{
		"2026-02-01": stated("parent", "2026-02-28", "28", "logs total 28"),
		"2026-03-01": stated("parent", "2026-03-01", "1", "logs total 1"),
	}
	rec, sum := collect(t, &account{estimates: estimates}, "2026-03-10")
	if diff := cmp.Diff([]string{"parent logs total 02-01/03-01 28 true", "parent logs total 03-01/03-02 1 true"}, lines(rec)); diff != "" || len(sum.Gaps) != 0 {
		t.Errorf("(-want +got):\n%s\ngaps %v", diff, sum.Gaps)
	}
	rec, sum = collect(t, &account{estimates: estimates}, "2026-03-17")
	if len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapInvalid || sum.Gaps[0].What != "datadog:cost 2026-02" || len(completed(rec)) != 1 {
		t.Errorf("gaps %+v, completed %v", sum.Gaps, completed(rec))
	}
}

func TestMonthWithoutEstimates(t *testing.T) {
	t.Parallel()
	a := &account{final: map[string]string{"2026-02": stated("parent", "2026-02-01", "1", "logs total 1")}}
	for at, gaps := range map[string]int{"2026-03-05": 0, "2026-03-06": 1} { // 72 hours late is no fault
		if _, sum := collect(t, a, at); len(sum.Gaps) != gaps {
			t.Errorf("%s: gaps %+v", at, sum.Gaps)
		}
	}
}

func TestAnswersThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a product":             stated("parent", "2026-02-01", "2", "logs committed 1", "logs on_demand 1", "logs total 3"),
		"the statement":         stated("parent", "2026-02-01", "3", "logs total 2"),
		"no cost":               strings.Replace(stated("parent", "2026-02-01", "3", "logs total 3"), `"cost":3`, `"cost":null`, 1),
		"no organisation":       stated("", "2026-02-01", "3", "logs total 3"),
		"another month":         stated("parent", "2026-03-01", "3", "logs total 3"),
		"an organisation twice": stated("parent", "2026-02-01", "3", "logs total 3") + "," + stated("parent", "2026-02-02", "3", "logs total 3"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &account{final: map[string]string{"2026-02": data}, estimates: map[string]string{"2026-03-01": stated("parent", "2026-03-01", "1", "logs total 1")}}
			rec, sum := collect(t, a, "2026-03-20")
			if len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapInvalid || len(rec.Of(envelope.TypeCostAccrued)) != 1 || len(completed(rec)) != 1 {
				t.Errorf("gaps %+v, lines %v, completed %v", sum.Gaps, lines(rec), completed(rec))
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	a := &account{status: map[string]int{"/api/v2/usage/historical_cost": http.StatusForbidden}, estimates: map[string]string{"2026-03-01": stated("parent", "2026-03-01", "1", "logs total 1")}}
	rec, sum := collect(t, a, "2026-03-20")
	if len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapDenied || len(completed(rec)) != 1 || strings.Contains(sum.Gaps[0].Error, "the api key") {
		t.Errorf("gaps %+v, completed %v", sum.Gaps, completed(rec))
	}
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{}`, `{"site":"datadoghq.eu"}`, `{"site":"evil.example","organisation":"abc"}`, `{"site":"datadoghq.eu","organisation":"Acme Inc"}`, `{"site":"datadoghq.eu","organisation":"abc","more":1}`} {
		if _, err := datadog.ParseConfig([]byte(text)); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

// Real answers become lines whose sum is what they state.
func TestRealAnswers(t *testing.T) {
	t.Parallel()
	costs := 0
	for _, file := range exchangetest.Real(t, "datadog") {
		if !strings.Contains(file.Path, "v2.Usage_Metering.") || !strings.Contains(file.Path, "cost") {
			continue
		}
		costs++
		for _, e := range file.Exchanges {
			data := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(e.Body)), `{"data":[`), `]}`)
			a := &account{final: map[string]string{"2022-04": data}}
			rec, sum := collect(t, a, "2022-05-10")
			t.Logf("%s: %v, gaps %v", file.Path, lines(rec), sum.Gaps)
			if data != "" && len(lines(rec)) == 0 {
				t.Errorf("%s: no lines", file.Path)
			}
		}
	}
	if costs == 0 {
		t.Error("no recorded costs")
	}
}

var _ http.RoundTripper = (*account)(nil)

func TestContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cfg, _ := datadog.ParseConfig([]byte(`{"site":"datadoghq.eu","organisation":"parent"}`))
	client, err := datadog.NewClient(cfg, keys, "", &account{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := producers.Run(ctx, producers.RunConfig{Collector: datadog.New(cfg, client), Emitter: &emittertest.Recorder{}, Scheduled: time.Now()}); err == nil {
		t.Error("a run that was cancelled has no error")
	}
}
