package costexplorer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"polo/producers/emittertest"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/awstest"
	"polo/producers"
	"polo/producers/costexplorer"
)

// scheduled is the time of the tests' runs: their range is 2024-01-01 to 2024-02-06.
var scheduled = time.Date(2024, 2, 5, 6, 0, 0, 0, time.UTC)

// request is a request to the API.
type request struct {
	Granularity   string
	Metrics       []string
	TimePeriod    struct{ Start, End string }
	GroupBy       []struct{ Type, Key string }
	NextPageToken string
}

// api is a fake Cost Explorer that speaks the JSON protocol.
type api struct {
	*awstest.API

	mu       sync.Mutex
	requests []request
}

func serve(t testing.TB, answer func(request) (int, string)) *api {
	t.Helper()
	a := &api{}
	a.API = awstest.Serve(t, func(call string, body []byte) (int, []byte) {
		var in request
		if err := json.Unmarshal(body, &in); err != nil || call != "GetCostAndUsage" {
			return http.StatusBadRequest, fmt.Appendf(nil, `{"__type":"UnknownOperationException","message":"%s"}`, call)
		}
		a.mu.Lock()
		a.requests = append(a.requests, in)
		a.mu.Unlock()
		status, text := answer(in)
		return status, []byte(text)
	})
	return a
}

// recorder keeps the events that a run publishes.
type recorder struct{ emittertest.Recorder }

// completed returns the completions, as "payer from/to".
func (r *recorder) completed() []string {
	var out []string
	for _, e := range r.Of(envelope.TypeScanCompleted) {
		out = append(out, e.AccountID+" "+e.TS.Format(time.DateOnly)+"/"+e.PeriodEnd.Format(time.DateOnly))
	}
	return out
}

// collect runs the i-th collector of a configuration.
func collect(t testing.TB, a *api, config string, i int, budget int64) (*recorder, producers.Summary) {
	t.Helper()
	c, err := costexplorer.ParseConfig([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Collectors(a)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{}
	sum, err := producers.Run(t.Context(), producers.RunConfig{
		Collector: all[i], Accounts: []account.Account{{ID: payer, Role: "payer"}}, Emitter: rec, Identity: producers.DefaultIdentity(),
		Scheduled: scheduled, BudgetMicros: budget,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range rec.Events {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	return rec, sum
}

const payer = "000000000001"

// days answers every day of a request with the groups of that day.
func days(in request, groups func(day string) string) string {
	var b strings.Builder
	from, _ := time.Parse(time.DateOnly, in.TimePeriod.Start)
	to, _ := time.Parse(time.DateOnly, in.TimePeriod.End)
	for d := from; d.Before(to); d = d.AddDate(0, 0, 1) {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"TimePeriod":{"Start":"%s","End":"%s"},"Estimated":%v,"Total":{},"Groups":[%s]}`,
			d.Format(time.DateOnly), d.AddDate(0, 0, 1).Format(time.DateOnly), d.Month() == 2, groups(d.Format(time.DateOnly)))
	}
	return b.String()
}

// cost returns a group with an unblended cost.
func cost(amount string, keys ...string) string {
	text, _ := json.Marshal(keys)
	return fmt.Sprintf(`{"Keys":%s,"Metrics":{"UnblendedCost":{"Amount":"%s","Unit":"USD"}}}`, text, amount)
}
