package cloudflare_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cloudflare"
	"polo/producers/cloudflare/cloudflaretest"
)

// used is a record of billable usage: the cost of a service on a day, in a zone or in none.
func used(day, service, cost, zone string) string {
	zoned := ""
	if zone != "" {
		zoned = fmt.Sprintf(`,"ZoneId":%q,"ZoneName":"shop.example"`, zone)
	}
	return fmt.Sprintf(`{"ServiceName":%q,"ServiceFamilyName":"Workers","BillingAccountId":%q,"ChargeCategory":"Usage","ChargeClass":null,"BillingCurrency":"USD","BillingPeriodStart":"2026-02-05T00:00:00Z",
		"ChargePeriodStart":"%sT00:00:00Z","ChargePeriodEnd":"%sT24:00:00Z","ConsumedQuantity":1000000,"ConsumedUnit":"requests","BilledCost":%s,"ContractedCost":77,"CumulatedContractedCost":900.5,
		"CumulatedPricingQuantity":9,"SubscriptionId":"SUB"%s}`, service, acme, day, day, cost, zoned)
}

func fixed(text string) string {
	// RFC 3339 has no 24 o'clock: the end is the next day's beginning.
	for d := 1; d < 31; d++ {
		text = strings.ReplaceAll(text, fmt.Sprintf("-%02dT24:00:00Z", d), fmt.Sprintf("-%02dT00:00:00Z", d+1))
	}
	return text
}

func meter(t *testing.T, anchor string, records ...string) cloudflaretest.Meter {
	t.Helper()
	for i := range records {
		records[i] = fixed(records[i])
	}
	return cloudflaretest.Meter{ID: "SUB", Anchor: when(t, anchor), Start: when(t, anchor), Records: records}
}

func usageRequests(api *cloudflaretest.API) []string {
	var all []string
	for _, r := range api.Requests() {
		if _, query, ok := strings.Cut(r, "/billable-usage?"); ok {
			all = append(all, query)
		}
	}
	return all
}

// The cost is BilledCost, by day, service and zone; the same key twice in one answer is summed; each billing period is asked from its
// anchor's day on; what was due and proven is completed: neither today is, nor a range's last day that has no usage, nor a day without usage that
// the API may have forgotten.
func TestUsage(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme, meter(t, "2025-06-05",
		used("2026-02-20", "Workers Standard", "0.10", ""), used("2026-02-20", "Workers Standard", "0.20", ""),
		used("2026-02-20", "Workers Standard", "1", shop), used("2026-03-06", "R2 Storage", "0.000000000000000001", ""), used("2026-03-08", "R2 Storage", "-0.5", ""),
	))
	rec, sum := collect(t, api, "billing", one, "2026-03-10")
	want := []string{
		"02-20/02-21 Workers Standard account/" + acme + " 0.3 USD",
		"02-20/02-21 Workers Standard zone/" + shop + " 1 USD",
		"03-06/03-07 R2 Storage account/" + acme + " 0.000000000000000001 USD",
		"03-08/03-09 R2 Storage account/" + acme + " -0.5 USD",
	}
	if diff := cmp.Diff(want, costs(rec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"aaaa 02-10/03-04", "aaaa 03-05/03-09"}, completions(rec)); diff != "" || len(sum.Gaps) != 0 {
		t.Errorf("completions (-want +got):\n%s\ngaps %v", diff, gaps(sum))
	}
	if diff := cmp.Diff([]string{"from=2026-02-05&to=2026-03-04", "from=2026-03-05&to=2026-03-10"}, usageRequests(api)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	again, _ := collect(t, api, "billing", one, "2026-03-10")
	if diff := cmp.Diff(ids(rec), ids(again)); diff != "" {
		t.Errorf("the same time again has other ids:\n%s", diff)
	}
	for _, e := range rec.Of(envelope.TypeCostAccrued) {
		if e.AccountID != acme || e.Platform != "cloudflare" || e.Properties.Has(envelope.PropBillingPeriod) || e.UsageUnit != "requests" {
			t.Errorf("%+v", e)
		}
	}
	if q := rec.Of(envelope.TypeCostAccrued)[0].UsageQuantity.Decimal.String(); q != "2000000" {
		t.Errorf("the summed line's quantity is %s", q)
	}
}

// A restated line keeps its id; one that vanished is not repeated, and its day is completed.
func TestRestatedAndVanished(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme, meter(t, "2025-06-05", used("2026-03-06", "Workers", "1", ""), used("2026-03-07", "R2", "2", "")))
	before, _ := collect(t, api, "billing", one, "2026-03-10")
	api.SetUsage(acme, meter(t, "2025-06-05", used("2026-03-06", "Workers", "1.5", "")))
	after, _ := collect(t, api, "billing", one, "2026-03-11")
	if a, b := before.Of(envelope.TypeCostAccrued)[0], after.Of(envelope.TypeCostAccrued)[0]; a.EventID != b.EventID || !a.TS.Equal(b.TS) || b.CostAmount.Decimal.String() != "1.5" {
		t.Errorf("restated: %+v", b)
	}
	if diff := cmp.Diff([]string{"03-06/03-07 Workers account/" + acme + " 1.5 USD"}, costs(after)); diff != "" {
		t.Error(diff)
	}
	if done := completions(after); len(done) != 1 || done[0] != "aaaa 03-05/03-09" { // 03-07 is in it
		t.Errorf("completed %v", done)
	}
}

// An empty answer is a gap, and no zero: nothing of its period is completed. In the first days of a period it means: not yet.
func TestEmptyUsage(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme, meter(t, "2026-02-05", used("2026-02-20", "Workers", "1", "")))
	for at, want := range map[string][]string{"2026-03-06": nil, "2026-03-10": {"cloudflare:cost 2026-03-05 partial"}} {
		rec, sum := collect(t, api, "billing", one, at)
		if diff := cmp.Diff(want, gaps(sum)); diff != "" {
			t.Errorf("%s: gaps (-want +got):\n%s", at, diff)
		}
		for _, done := range completions(rec) {
			if done[len(done)-5:] > "03-05" {
				t.Errorf("%s: completed %s", at, done)
			}
		}
	}
}

// Periods that begin on other days of the month complete a day only if all of them were read, and count it once.
func TestTwoAnchors(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme, meter(t, "2026-01-05", used("2026-02-08", "Workers", "1", ""), used("2026-03-08", "Workers", "2", "")),
		meter(t, "2026-01-20", used("2026-02-09", "R2", "3", ""), used("2026-03-07", "R2", "4", "")))
	rec, sum := collect(t, api, "billing", one, "2026-03-10")
	if diff := cmp.Diff([]string{"aaaa 02-08/02-19", "aaaa 02-20/03-04", "aaaa 03-05/03-09"}, completions(rec)); diff != "" || len(costs(rec)) != 4 || len(sum.Gaps) != 0 {
		t.Errorf("(-want +got):\n%s\nlines %v, gaps %v", diff, costs(rec), gaps(sum))
	}
	// A period that answers nothing keeps the days open that it shares with others.
	api.SetUsage(acme, meter(t, "2026-01-05", used("2026-02-08", "Workers", "1", ""), used("2026-03-08", "Workers", "2", "")),
		cloudflaretest.Meter{ID: "NEW", Anchor: when(t, "2026-02-20"), Start: when(t, "2026-02-20")})
	api.Set("/zones")
	rec, sum = collect(t, &silent{api, "from=2026-02-20"}, "billing", one, "2026-03-10")
	if diff := cmp.Diff([]string{"aaaa 02-08/02-20"}, completions(rec)); diff != "" || len(sum.Gaps) != 1 {
		t.Errorf("(-want +got):\n%s\ngaps %v", diff, gaps(sum))
	}
}

// An answer that leaves out a subscription, because its anchor's day is not in the range, does not replace one that has it.
func TestAnswersOverlap(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	line := func(cost string) string {
		return strings.Replace(used("2026-03-21", "Workers", cost, ""), `"SUB"`, "null", 1)
	}
	api.SetUsage(acme, meter(t, "2026-03-05", line("1")), meter(t, "2026-03-20", line("2")))
	rec, _ := collect(t, api, "billing", one, "2026-03-22")
	if diff := cmp.Diff([]string{"03-21/03-22 Workers account/" + acme + " 3 USD"}, costs(rec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// silent answers requests of one query with nothing.
type silent struct {
	*cloudflaretest.API

	query string
}

func (s *silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.RawQuery, s.query) {
		return s.API.RoundTrip(r)
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"success":true,"errors":[],"messages":[],"result":[]}`))}, nil
}

func TestUsageThatIsWrong(t *testing.T) {
	t.Parallel()
	good := used("2026-03-06", "Workers", "1", "")
	for name, record := range map[string]string{
		"no cost":           strings.NewReplacer(`"BilledCost":1,"ContractedCost":77,`, ``).Replace(good),
		"no currency":       strings.Replace(good, `"USD"`, `"Tokens"`, 1),
		"no service":        strings.Replace(good, `"Workers"`, `""`, 1),
		"another account":   strings.Replace(good, acme, other, 1),
		"a cost as a list":  strings.Replace(good, `"BilledCost":1`, `"BilledCost":[1]`, 1),
		"no day to be read": strings.Replace(good, `2026-03-06T00`, `yesterday`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(acme)
			// The stand-in would filter it.
			api.SetObject("/accounts/"+acme+"/billable-usage/info", `{"covered":true,"subscriptions":[{"id":"S","billing_cycle_anchor_timestamp":"2026-03-05T00:00:00Z","start_timestamp":"2026-03-05T00:00:00Z"}]}`)
			api.SetObject("/accounts/"+acme+"/billable-usage", `[`+fixed(record)+`]`)
			rec, sum := collect(t, api, "billing", one, "2026-03-10")
			if diff := cmp.Diff([]string{"cloudflare:cost 2026-03-05 invalid"}, gaps(sum)); diff != "" || len(costs(rec)) != 0 || len(completions(rec)) != 0 {
				t.Errorf("%s\nlines %v, completed %v", diff, costs(rec), completions(rec))
			}
		})
	}
}

// An account without the API has its fees, and a gap that says so.
func TestNoUsage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault cloudflaretest.Fault
		want  []string
	}{
		"no such API":  {want: []string{"cloudflare:billable_usage disabled 7003"}},
		"not allowed":  {fault: cloudflaretest.Fault{Status: 403, Code: 9109, Message: "Unauthorized"}, want: []string{"cloudflare:billable_usage denied 9109"}},
		"in a 200":     {fault: cloudflaretest.Fault{Status: 200, Code: 10000, Message: "Authentication error"}, want: []string{"cloudflare:billable_usage denied 10000"}},
		"another code": {fault: cloudflaretest.Fault{Status: 200, Code: 4711, Message: "?"}, want: []string{"cloudflare:billable_usage failed 4711"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(acme)
			api.Fail("/accounts/"+acme+"/billable-usage/info", tc.fault)
			api.Set("/accounts/"+acme+"/subscriptions", subscribed("s1", "20", "2026-03-05", "2026-04-05", ""))
			rec, sum := collect(t, api, "billing", one, "2026-03-10")
			if diff := cmp.Diff(tc.want, gaps(sum)); diff != "" || len(completions(rec)) != 0 {
				t.Errorf("%s\ncompleted %v", diff, completions(rec))
			}
			if diff := cmp.Diff([]string{"03-05/04-05 Pro account/" + acme + " 20 USD"}, costs(rec)); diff != "" {
				t.Error(diff)
			}
		})
	}
	api := newAPI(acme)
	api.SetUsage(acme) // it says that it is not covered: nothing is missing
	if rec, sum := collect(t, api, "billing", one, "2026-03-10"); len(sum.Gaps) != 0 || len(rec.Of(envelope.TypeScanCompleted)) != 0 {
		t.Errorf("gaps %v, completed %v", gaps(sum), completions(rec))
	}
}

// subscribed is a subscription with a price and, if from is set, a period.
func subscribed(id, price, from, to, more string) string {
	period := ""
	if from != "" {
		period = fmt.Sprintf(`,"current_period_start":"%sT12:20:00Z","current_period_end":"%sT12:20:00Z"`, from, to)
	}
	return fmt.Sprintf(`{"id":%q,"price":%s,"currency":"USD","frequency":"monthly","product":{"name":"prod_pro","public_name":"Pro"},"rate_plan":{"id":"pro","public_name":"Pro Plan"}%s%s}`, id, price, period, more)
}

// A fee is one line over its period, once a month, where it has a price and a period; a zone's plan is asked for where it has a price, and
// counts once.
func TestFees(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.AddZone(acme, shop, "shop.example", "20")
	api.AddZone(acme, blog, "blog.example", "0")
	docs := strings.Repeat("3", 32)
	api.AddZone(acme, docs, "docs.example", "7")
	api.SetObject("/zones/"+shop+"/subscription", subscribed("z1-again", "20.50", "2026-03-01", "2026-04-01", ""))
	api.SetObject("/zones/"+docs+"/subscription", subscribed("s1", "5", "2026-03-05", "2026-04-05", ""))
	api.SetUsage(acme, meter(t, "2025-06-05", used("2026-03-06", "Workers", "1", "")))
	api.Set("/accounts/"+acme+"/subscriptions",
		subscribed("s1", "5", "2026-03-05", "2026-04-05", ""),
		subscribed("z1", "20.50", "2026-03-01", "2026-04-01", `,"zone":{"id":"`+shop+`","name":"shop.example"}`),
		subscribed("free", "0", "2026-03-05", "2026-04-05", ""),
		subscribed("timeless", "9", "", "", ""),
		subscribed("tried", "9", "2026-03-05", "2026-04-05", `,"state":"Trial"`),
	)
	want := []string{"03-01/04-01 Pro zone/" + shop + " 20.5 USD", "03-05/04-05 Pro account/" + acme + " 5 USD", "03-06/03-07 Workers account/" + acme + " 1 USD"}
	first, sum := collect(t, api, "billing", one, "2026-03-10")
	if diff := cmp.Diff(want, costs(first)); diff != "" || len(sum.Gaps) != 1 { // February's usage is empty
		t.Errorf("(-want +got):\n%s\ngaps %v", diff, gaps(sum))
	}
	later, _ := collect(t, api, "billing", one, "2026-03-20")
	if diff := cmp.Diff(texts(first.Of(envelope.TypeCostAccrued), id), texts(later.Of(envelope.TypeCostAccrued), id)); diff != "" {
		t.Errorf("another day of the month has other ids:\n%s", diff)
	}
	for _, r := range api.Requests() {
		if strings.Contains(r, blog) {
			t.Errorf("asked %s", r)
		}
	}
	// Fees that are billed with usage do not count again.
	for name, setting := range map[string]string{"by the setting": `{"accounts":["` + acme + `"],"fixed_fees":false}`, "by usage that states them": one} {
		if name != "by the setting" {
			api.SetUsage(acme, meter(t, "2025-06-05", used("2026-03-06", "Workers", "1", ""), strings.Replace(used("2026-03-06", "Pro", "5", ""), `"ChargeCategory":"Usage"`, `"ChargeCategory":"Purchase"`, 1)))
		}
		rec, _ := collect(t, api, "billing", setting, "2026-03-10")
		for _, line := range costs(rec) {
			if strings.Contains(line, "/04-05") || strings.Contains(line, "/04-01") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

func id(e *envelope.ResourceEvent) string { return e.EventID.String() }

// The days on which an earlier period of a fee began are not completed: its line is not listed any more.
func TestEarlierFeesStay(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme, meter(t, "2025-06-05", used("2026-02-10", "Workers", "1", ""), used("2026-03-06", "Workers", "1", "")))
	api.Set("/accounts/"+acme+"/subscriptions", subscribed("s1", "5", "2026-03-10", "2026-04-10", ""))
	rec, _ := collect(t, api, "billing", one, "2026-03-11") // 29 days after February's fee
	if diff := cmp.Diff([]string{"aaaa 02-11/03-04", "aaaa 03-05/03-09"}, completions(rec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Nor is any day while the fees are not known.
	api.Fail("/accounts/"+acme+"/subscriptions", cloudflaretest.Fault{Status: 403, Code: 10000})
	rec, sum := collect(t, api, "billing", one, "2026-03-11")
	if len(completions(rec)) != 0 || len(sum.Gaps) != 1 || len(costs(rec)) != 2 {
		t.Errorf("completed %v, gaps %v, lines %v", completions(rec), gaps(sum), costs(rec))
	}
}

// A contract's price replaces the subscription's, and gives it a period if it has none.
func TestContractPrices(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme)
	api.Set("/accounts/"+acme+"/subscriptions", subscribed("s1", "0", "", "", ""), subscribed("s2", "3", "2026-03-05", "2026-04-05", ""),
		strings.Replace(subscribed("s3", "4", "2026-03-05", "2026-04-05", ""), `"pro"`, `"biz"`, 1))
	rec, _ := collect(t, api, "billing", `{"accounts":["`+acme+`"],"prices":[{"rate_plan":"pro","amount":"200.01","currency":"EUR","frequency":"monthly"}]}`, "2026-03-10")
	want := []string{"03-01/04-01 Pro account/" + acme + " 200.01 EUR", "03-05/04-05 Pro account/" + acme + " 200.01 EUR", "03-05/04-05 Pro account/" + acme + " 4 USD"}
	if diff := cmp.Diff(want, costs(rec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{}`, `{"accounts":[]}`, `{"accounts":["acme"]}`, `{"accounts":["` + acme + `","` + acme + `"]}`, `{"accounts":["` + acme + `"],"more":1}`, one + `{}`,
		`{"accounts":["` + acme + `"],"billable_usage_path":"/x"}`, `{"accounts":["` + acme + `"],"billable_usage_path":"https://evil.example/{account}"}`,
		`{"accounts":["` + acme + `"],"prices":[{"rate_plan":"a","amount":200,"currency":"USD","frequency":"monthly"}]}`,
		`{"accounts":["` + acme + `"],"prices":[{"rate_plan":"a","amount":"200","currency":"dollars","frequency":"monthly"}]}`,
		`{"accounts":["` + acme + `"],"prices":[{"rate_plan":"a","amount":"200","currency":"USD","frequency":"daily"}]}`,
	} {
		if _, err := cloudflare.ParseConfig([]byte(text)); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
	c, err := cloudflare.ParseConfig([]byte(`{"accounts":["` + acme + `"],"billable_usage_path":"/accounts/{account}/paygo-usage","billable_usage_info_path":"/accounts/{account}/paygo-usage-info"}`))
	if err != nil || c.BillableUsageInfoPath != "/accounts/{account}/paygo-usage-info" {
		t.Errorf("%+v, %v", c, err)
	}
}
