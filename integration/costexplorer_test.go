package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	accounts "polo/internal/account"
	"polo/internal/awstest"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/costexplorer"
	"polo/producers/recorded"
	"polo/producers/tree"
)

// payerAccount is the account whose costs the tests read.
const payerAccount = "000000000001"

// costAPI fakes Cost Explorer.
type costAPI struct {
	url string
	// pages are the costs of one day, by page and service. A page without services is an
	// error.
	pages []map[string]string
	day   string
}

func newCostAPI(t *testing.T) *costAPI {
	t.Helper()
	a := &costAPI{day: "2024-02-04"}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *costAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Granularity, NextPageToken string
		TimePeriod                 struct{ Start, End string }
		GroupBy                    []struct{ Key string }
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	page := 0
	err := json.NewDecoder(r.Body).Decode(&in)
	if err == nil && in.NextPageToken != "" {
		_, err = fmt.Sscan(in.NextPageToken, &page)
	}
	if err != nil || page >= len(a.pages) || len(a.pages[page]) == 0 {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"DataUnavailableException","message":"not now"}`))
		return
	}
	layout, step := time.DateOnly, 24*time.Hour
	if in.Granularity == "HOURLY" {
		layout, step = time.RFC3339, time.Hour
	}
	from, _ := time.Parse(layout, in.TimePeriod.Start)
	to, _ := time.Parse(layout, in.TimePeriod.End)
	var results []string
	for at := from; at.Before(to); at = at.Add(step) {
		var groups []string
		// The whole cost of a day is in its first hour.
		if at.Format(time.DateOnly) == a.day && at.Hour() == 0 {
			for _, service := range slices.Sorted(maps.Keys(a.pages[page])) {
				keys, _ := json.Marshal(append([]string{payerAccount}, service)[2-len(in.GroupBy):])
				groups = append(groups, fmt.Sprintf(`{"Keys":%s,"Metrics":{"UnblendedCost":{"Amount":"%s","Unit":"USD"},"UsageQuantity":{"Amount":"1","Unit":"N/A"}}}`, keys, a.pages[page][service]))
			}
		}
		results = append(results, fmt.Sprintf(`{"TimePeriod":{"Start":"%s","End":"%s"},"Estimated":true,"Total":{},"Groups":[%s]}`,
			at.Format(layout), at.Add(step).Format(layout), strings.Join(groups, ",")))
	}
	token := ""
	if page+1 < len(a.pages) {
		token = fmt.Sprintf(`"NextPageToken":"%d",`, page+1)
	}
	_, _ = fmt.Fprintf(w, `{%s"ResultsByTime":[%s]}`, token, strings.Join(results, ","))
}

// Config implements costexplorer.Sessions.
func (a *costAPI) Config(_ context.Context, _, region string) (aws.Config, error) {
	return aws.Config{
		Region: region, BaseEndpoint: &a.url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		Retryer: awstest.Retryer,
	}, nil
}

// collectCosts runs each view once at a time, publishes and drains.
func collectCosts(t *testing.T, b *backend, a *costAPI, now time.Time) {
	t.Helper()
	cfg, err := costexplorer.ParseConfig([]byte(`{"views":[{"name":"hourly","granularity":"HOURLY","group_by":["SERVICE"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	collectors, err := cfg.Collectors(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collectors {
		p, err := producers.NewPublisher(producers.PublisherConfig{Source: c.Source(), Queue: b.queue, DeadLetter: b.dlq})
		if err != nil {
			t.Fatal(err)
		}
		s, err := producers.Run(t.Context(), producers.RunConfig{
			Collector: c, Accounts: []accounts.Account{{ID: payerAccount}}, Emitter: p, Scheduled: now, Now: func() time.Time { return now },
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range s.Gaps {
			if g.Code != "DataUnavailableException" {
				t.Errorf("gap: %+v", g)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b.drain(t, largeBatch, nil)
}

// costTexts returns the rows of a query as the reader sees them.
func costTexts(t *testing.T, b *backend, query string) []string {
	t.Helper()
	return texts(t, b.connect(t, b.users.Reader), query)
}

// texts returns the rows of a query, each as one text.
func texts(t *testing.T, conn driver.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCostExplorerRestates reads an estimated day four times: it is restated, one of its
// lines vanishes, an interrupted run makes nothing vanish, and the line comes back. The
// same money by hours is never counted.
func TestCostExplorerRestates(t *testing.T) {
	b := embedded(t)
	a := newCostAPI(t)
	first := time.Date(2024, 2, 5, 6, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		name   string
		pages  []map[string]string
		lines  []string // service, cost, quantity, gone
		rollup []string // service, cost, lines, gone lines, estimated lines
		views  int64
	}{
		{
			"first",
			[]map[string]string{{"AWS Lambda": "1.5"}, {"AWS Glue": "2.0000000001"}},
			[]string{"glue 2.0000000001 1 false", "lambda 1.5 1 false"},
			[]string{"glue 2.0000000001 1 0 1", "lambda 1.5 1 0 1"},
			2,
		},
		{
			"restated, and one gone",
			[]map[string]string{{"AWS Lambda": "1.75"}},
			[]string{"glue 0 0 true", "lambda 1.75 1 false"},
			[]string{"glue 0 0 1 0", "lambda 1.75 1 0 1"},
			2,
		},
		{
			"broken off",
			[]map[string]string{{"AWS Glue": "3"}, {}},
			[]string{"glue 3 1 false", "lambda 1.75 1 false"},
			[]string{"glue 3 1 0 1", "lambda 1.75 1 0 1"},
			2,
		},
		{
			"whole again",
			[]map[string]string{{"AWS Glue": "4"}},
			[]string{"glue 4 1 false", "lambda 0 0 true"},
			[]string{"glue 4 1 0 1", "lambda 0 0 1 0"},
			2,
		},
	} {
		a.pages = c.pages
		collectCosts(t, b, a, first.Add(time.Duration(i)*8*time.Hour))
		got := costTexts(t, b, "SELECT concat(service, ' ', toString(cost_amount), ' ', toString(usage_quantity), ' ', toString(gone)) FROM cost_hourly ORDER BY service")
		if diff := cmp.Diff(c.lines, got); diff != "" {
			t.Errorf("%s: cost_hourly (-want +got):\n%s", c.name, diff)
		}
		got = costTexts(t, b, "SELECT concat(service, ' ', toString(cost), ' ', toString(lines), ' ', toString(gone_lines), ' ', toString(estimated_lines)) FROM cost_rollup_daily ORDER BY service")
		if diff := cmp.Diff(c.rollup, got); diff != "" {
			t.Errorf("%s: cost_rollup_daily (-want +got):\n%s", c.name, diff)
		}
		if n := b.count(t, "SELECT count() FROM cost_lines WHERE event_type = 'cost.viewed' AND source = 'aws.cost_explorer.hourly'"); n != c.views {
			t.Errorf("%s: %d lines by hours, want %d", c.name, n, c.views)
		}
	}
	b.wantDeadLetters(t, map[queue.Reason]int{})
}

// TestCostExplorerGroupings ingests one day of 10 dollars, recorded in total, by service,
// by region and as a longer period, at once and one after the other: it costs 10.
func TestCostExplorerGroupings(t *testing.T) {
	cost := func(amount string) string { return `{"UnblendedCost":{"Amount":"` + amount + `","Unit":"USD"}}` }
	answer := func(by, to, total, groups string) string {
		return `{"GroupDefinitions":[` + by + `],"ResultsByTime":[{"TimePeriod":{"Start":"2026-03-10","End":"` + to + `"},"Total":` + total + `,"Groups":[` + groups + `]}]}`
	}
	answers := []string{
		answer("", "2026-03-11", cost("10"), ""),
		answer(`{"Type":"DIMENSION","Key":"SERVICE"}`, "2026-03-11", "{}", `{"Keys":["AWS Lambda"],"Metrics":`+cost("4")+`},{"Keys":["AWS Glue"],"Metrics":`+cost("6")+`}`),
		answer(`{"Type":"DIMENSION","Key":"REGION"}`, "2026-03-11", "{}", `{"Keys":["eu-west-1"],"Metrics":`+cost("10")+`}`),
		answer("", "2026-04-01", cost("10"), ""),
	}
	for name, runs := range map[string][][]int{
		"at once": {{0, 1, 2, 3}}, "one by one": {{0}, {1}, {2}, {3}}, "the other way": {{3}, {2}, {1}, {0}}, "again": {{0, 1}, {2, 3}, {0}},
	} {
		t.Run(name, func(t *testing.T) {
			b := embedded(t)
			for _, run := range runs {
				dir := t.TempDir()
				var names []string
				for _, i := range run {
					names = append(names, fmt.Sprintf("ce.get-cost-and-usage_%d.json", i+1))
					if err := os.WriteFile(filepath.Join(dir, names[len(names)-1]), []byte(answers[i]), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				in, err := tree.Open(t.Context(), dir)
				if err != nil {
					t.Fatal(err)
				}
				p, err := producers.NewPublisher(producers.PublisherConfig{Source: "aws.recorded", Queue: b.queue, DeadLetter: b.dlq})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := (recorded.Files{Tree: in, Names: names, ObservedAt: firstDelivery}).Collect(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
				b.drain(t, largeBatch, nil)
			}
			query := "SELECT concat(toString(day), ' ', service, ' ', toString(sum(cost))) FROM cost_rollup_daily GROUP BY day, service HAVING sum(lines) > 0 ORDER BY day, service"
			if diff := cmp.Diff([]string{"2026-03-10 glue 6", "2026-03-10 lambda 4"}, costTexts(t, b, query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			b.wantDeadLetters(t, map[queue.Reason]int{})
		})
	}
}

// TestCostExplorerFebruary ingests a recorded month twice: its sum is exact.
func TestCostExplorerFebruary(t *testing.T) {
	dir := realData(t, "cost/cost_explorer")
	files, err := filepath.Glob(filepath.Join(dir, "*2024-02*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v: %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b := embedded(t)
	for i := range 2 {
		got, err := costexplorer.NormaliseRecording(data, costexplorer.Recording{
			Name: filepath.Base(files[0]), Payer: payerAccount, ObservedAt: time.Date(2024, 3, 2+i, 0, 0, 0, 0, time.UTC),
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := producers.NewPublisher(producers.PublisherConfig{Source: costexplorer.Source, Queue: b.queue, DeadLetter: b.dlq})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Emit(t.Context(), got.Events...); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		b.drain(t, largeBatch, nil)
		want := []string{"295 16.4910808573 295 16.4910808573"}
		query := "SELECT concat(toString(count()), ' ', toString(sum(cost_amount)), ' ', (SELECT concat(toString(sum(lines)), ' ', toString(sum(cost))) FROM cost_rollup_daily)) FROM cost_hourly"
		if diff := cmp.Diff(want, costTexts(t, b, query)); diff != "" {
			t.Errorf("reading %d (-want +got):\n%s", i+1, diff)
		}
	}
	b.wantDeadLetters(t, map[queue.Reason]int{})
}
