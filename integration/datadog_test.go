package integration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// datadogAPI is a Datadog account: what it states of a month finally, and by day.
type datadogAPI struct {
	mu               sync.Mutex
	final, estimates map[string][]string
	refused          bool
}

func (a *datadogAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := r.URL.Query()
	if a.refused || r.Header.Get("DD-API-KEY") != "key-of-the-api" || r.Header.Get("DD-APPLICATION-KEY") != "key-of-the-application" {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"errors":["Forbidden"]}`))
		return
	}
	data := a.estimates[q.Get("start_date")]
	if strings.HasSuffix(r.URL.Path, "/historical_cost") {
		data = a.final[q.Get("start_month")]
	}
	_, _ = fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(data, ","))
}

// stated is what an organisation's logs have cost until the end of a day, or in a month.
func stated(org, date, cost string) string {
	return fmt.Sprintf(`{"attributes":{"org_name":"x","public_id":%q,"date":"%sT00:00:00Z","total_cost":%s,"charges":[{"product_name":"logs","charge_type":"on_demand","cost":%s}]}}`, org, date, cost, cost)
}

// TestDatadogCounts collects a month as it grows, is restated and becomes final: at each time it counts once.
func TestDatadogCounts(t *testing.T) {
	t.Parallel()
	a := &datadogAPI{final: map[string][]string{"2026-01": {stated("parent", "2026-01-01", "100.01")}}, estimates: map[string][]string{
		"2026-02-01": {stated("parent", "2026-02-01", "1"), stated("parent", "2026-02-28", "28.000000000000000001"), stated("sub", "2026-02-28", "2")},
		"2026-03-01": {stated("parent", "2026-03-01", "3"), stated("parent", "2026-03-02", "5.5")},
	}}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	collect := func(at string, code int) {
		t.Helper()
		cmd := command(t.Context(), t, "collect", "datadog.billing", "--endpoint", server.URL, "--data", dir, "--scheduled", at)
		cmd.Env = append(cmd.Env, `POLO_DATADOG={"site":"datadoghq.eu","organisation":"parent"}`, `POLO_DATADOG_SECRET={"api_key":"key-of-the-api","application_key":"key-of-the-application"}`)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Fatalf("exit code %d, not %d:\n%s", got, code, out)
		}
		if strings.Contains(string(out), "key-of") {
			t.Errorf("a key is in the output:\n%s", out)
		}
	}
	months := func() string {
		t.Helper()
		cmd := command(t.Context(), t, "sql", "--data", dir, "--format", "tsv",
			"SELECT arrayStringConcat(groupArray(concat(m, ' ', c)), ', ') FROM (SELECT formatDateTime(day, '%m') AS m, toString(sum(cost)) AS c FROM cost_rollup_daily WHERE source = 'datadog.billing' GROUP BY m ORDER BY m)")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return lines[len(lines)-1]
	}
	for _, step := range []struct {
		name, at string
		code     int
		change   func()
		want     string
	}{
		{name: "estimates", at: "2026-03-04T08:00:00Z", want: "02 30.000000000000000001, 03 5.5"},
		{name: "the same time again", at: "2026-03-04T08:00:00Z", want: "02 30.000000000000000001, 03 5.5"},
		{
			name: "a day restated downwards", at: "2026-03-05T08:00:00Z", want: "02 30.000000000000000001, 03 4.25",
			change: func() {
				a.estimates["2026-03-01"] = []string{stated("parent", "2026-03-01", "3"), stated("parent", "2026-03-02", "2"), stated("parent", "2026-03-03", "4.25")}
			},
		},
		{name: "refused", at: "2026-03-06T08:00:00Z", code: 3, want: "02 30.000000000000000001, 03 4.25", change: func() { a.refused = true }},
		{
			name: "final", at: "2026-03-17T08:00:00Z", want: "02 31.5, 03 4.25",
			change: func() {
				a.refused = false
				a.final["2026-02"] = []string{stated("parent", "2026-02-01", "29"), stated("sub", "2026-02-01", "2.5")}
			},
		},
	} {
		if step.change != nil {
			a.mu.Lock()
			step.change()
			a.mu.Unlock()
		}
		collect(step.at, step.code)
		if got := months(); got != step.want {
			t.Fatalf("%s: costs are %q, not %q", step.name, got, step.want)
		}
	}
}
