package cloudflare_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cloudflare/cloudflaretest"
)

// The day of the month that periods begin on is not known of a period that began on a month's last day, and a shorter month has another: no
// day that the earlier period may have begun on is completed.
func TestEarlierFeesOfShortMonths(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ from, to, at, want string }{
		"on the 31st before": {"2026-02-28", "2026-03-31", "2026-03-01", "aaaa 02-01/02-28"}, // of January, which the 30 days begin with
		"on the 28th before": {"2026-03-30", "2026-04-30", "2026-03-30", "aaaa 03-01/03-28"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(acme)
			api.SetUsage(acme, meter(t, "2025-06-05", used("2026-01-30", "Workers", "1", ""), used("2026-02-04", "Workers", "1", ""), used("2026-02-06", "Workers", "1", ""), used("2026-02-27", "Workers", "1", ""),
				used("2026-03-04", "Workers", "1", ""), used("2026-03-06", "Workers", "1", "")))
			api.Set("/accounts/"+acme+"/subscriptions", subscribed("s1", "5", tc.from, tc.to, ""))
			rec, _ := collect(t, api, "billing", one, tc.at)
			if diff := cmp.Diff([]string{tc.want}, completions(rec)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What was recorded of usage counts once, for its own account.
func TestRecordedUsageOfSeveral(t *testing.T) {
	t.Parallel()
	line := func(cost, account string) string {
		return strings.Replace(fixed(used("2026-03-06", "Workers", cost, "")), acme, account, 1)
	}
	rec, left, _ := ingest(t, recorded(t, "", 200, listed("", line("1", acme), line("2", other))))
	if diff := cmp.Diff([]string{acme + " 1", other + " 2"}, amounts(rec.Of(envelope.TypeCostAccrued))); diff != "" || len(left) > 0 {
		t.Errorf("several accounts (-want +got):\n%s\nleft %v", diff, left)
	}
	path := "GET /accounts/" + acme + "/billable-usage?from=2026-03-05&to="
	rec, _, _ = ingest(t, recorded(t, path+"2026-03-07", 200, listed("", line("1", acme))), recorded(t, path+"2026-03-08", 200, listed("", line("3", acme))))
	if diff := cmp.Diff([]string{acme + " 3"}, amounts(rec.Of(envelope.TypeCostAccrued))); diff != "" {
		t.Errorf("restated (-want +got):\n%s", diff)
	}
	for _, path := range []string{"paygo-usage", "billing/usage/paygo", "billable/usage"} {
		rec, _, _ := ingest(t, recorded(t, "GET /accounts/"+acme+"/"+path, 200, listed("", line("1", acme))))
		if len(costs(rec)) != 1 {
			t.Errorf("%s: lines %v", path, costs(rec))
		}
	}
}

func amounts(events []envelope.ResourceEvent) []string {
	return texts(events, func(e *envelope.ResourceEvent) string { return e.AccountID + " " + e.CostAmount.Decimal.String() })
}

// A zone's plan that was recorded twice, as the account's subscription and as the zone's, is one fee.
func TestRecordedFeesCountOnce(t *testing.T) {
	t.Parallel()
	zone := `{"id":"` + shop + `","name":"shop.example","name_servers":[],"plan":{},"account":{"id":"` + acme + `"}}`
	last := `{"page":1,"per_page":50,"count":1,"total_count":1,"total_pages":1}`
	rec, _, _ := ingest(t,
		recorded(t, "GET /zones/"+shop+"/subscription", 200, `{"success":true,"errors":[],"messages":[],"result":`+subscribed("z1-again", "20", "2026-03-01", "2026-04-01", "")+`}`),
		recorded(t, "GET /accounts/"+acme+"/subscriptions", 200, listed(last, subscribed("z1", "20", "2026-03-01", "2026-04-01", `,"zone":{"id":"`+shop+`","name":"shop.example"}`))),
		recorded(t, "GET /zones?account.id="+acme, 200, listed(last, zone)),
	)
	if diff := cmp.Diff([]string{"03-01/04-01 Pro zone/" + shop + " 20 USD"}, costs(rec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A recorded list of what was deleted is not the list of what there is.
func TestRecordedListOfDeleted(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{"is_deleted=true": 0, "is_deleted=false": 1, "": 1} {
		rec, _, _ := ingest(t, recorded(t, "GET /accounts/"+acme+"/cfd_tunnel?"+query, 200, listed("")))
		if done := completions(rec); len(done) != want {
			t.Errorf("%q: completed %v", query, done)
		}
	}
}

// A fee that was paid in advance stays when its subscription is cancelled: the day that it is for is not completed.
func TestCancelledFeeStays(t *testing.T) {
	t.Parallel()
	for state, want := range map[string][]string{
		"Cancelled": {"aaaa 02-10/03-04", "aaaa 03-06/03-08"}, "Expired": {"aaaa 02-10/03-04", "aaaa 03-06/03-08"}, "Failed": {"aaaa 02-10/03-04", "aaaa 03-05/03-08"},
	} {
		api := newAPI(acme)
		api.SetUsage(acme, meter(t, "2025-06-05", used("2026-02-10", "Workers", "1", ""), used("2026-03-06", "Workers", "1", "")))
		api.Set("/accounts/"+acme+"/subscriptions", subscribed("s1", "5", "2026-03-05", "2026-04-05", `,"state":"`+state+`"`))
		rec, _ := collect(t, api, "billing", one, "2026-03-10")
		if diff := cmp.Diff(want, completions(rec)); diff != "" || len(costs(rec)) != 2 {
			t.Errorf("%s (-want +got):\n%s\nlines %v", state, diff, costs(rec))
		}
	}
}

// A zone of another account costs this one nothing.
func TestFeesOfAnotherAccountsZone(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme, meter(t, "2026-03-05", used("2026-03-06", "Workers", "1", "")))
	api.SetObject("/zones", `[{"id":"`+shop+`","name":"shop.example","plan":{"price":20},"account":{"id":"`+other+`"}}]`)
	api.SetObject("/zones/"+shop+"/subscription", subscribed("z1", "20", "2026-03-01", "2026-04-01", ""))
	rec, sum := collect(t, &foreign{api}, "billing", one, "2026-03-10")
	if diff := cmp.Diff([]string{"cloudflare:subscription invalid"}, gaps(sum)); diff != "" || len(costs(rec)) != 1 || len(completions(rec)) != 0 {
		t.Errorf("gaps (-want +got):\n%s\nlines %v, completed %v", diff, costs(rec), completions(rec))
	}
}

// foreign lists a zone of another account, whatever account is asked for.
type foreign struct{ *cloudflaretest.API }

func (f *foreign) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/zones") {
		return f.API.RoundTrip(r)
	}
	zone := `{"id":"` + shop + `","name":"shop.example","plan":{"price":20},"account":{"id":"` + other + `"}}`
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(listed("", zone)))}, nil
}
