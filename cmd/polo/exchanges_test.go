package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/account"
	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/exchange"
	"polo/producers/tree/treetest"
)

// gauges is the reader of a small platform: it knows requests to gauges.test, and answers with a member "gauges".
func gauges() exchange.Reader {
	return exchange.Reader{
		Knows: func(e *exchange.Exchange) bool {
			return e.URL != nil && e.URL.Host == "gauges.test" || e.URL == nil && bytes.Contains(e.Body, []byte(`"gauges":`))
		},
		New: func(all []exchange.Exchange, left func(exchange.Left)) producers.Collector {
			return gaugeCollector{all, left}
		},
	}
}

type gaugeCollector struct {
	all  []exchange.Exchange
	left func(exchange.Left)
}

func (gaugeCollector) Source() string { return "github.gauges" }

func (gaugeCollector) Scopes([]account.Account, []string) []producers.Scope {
	return []producers.Scope{{Account: account.Account{ID: "acme"}}}
}

func (c gaugeCollector) Collect(ctx context.Context, s *producers.Scan) error {
	for range c.all {
		if err := s.Emit(ctx, envelope.ResourceEvent{
			EventID: envelope.NewEventID("github.gauges", s.At), EventType: envelope.TypeSnapshot, TS: s.At, ARN: "github:acme/gauge", ResourceType: "github:repo",
		}); err != nil {
			return err
		}
	}
	for _, e := range c.all {
		if e.Status == http.StatusNonAuthoritativeInfo {
			s.Gap(ctx, "gauges", fmt.Errorf("%w: it has no gauges", producers.ErrInvalidAnswer))
			c.left(exchange.Left{Why: exchange.WhyInvalid, Count: 1})
		}
	}
	c.left(exchange.Left{Why: "a gauge is broken", Count: 2})
	return nil
}

// Exchanges are sorted by their content, whatever their name; a bare answer if a reader knows it, wherever in a small file its marks are.
// What is of AWS stays with its readers.
func TestExchangesAreSorted(t *testing.T) {
	t.Parallel()
	const pair = `{"request":{"method":"GET","url":"https://gauges.test/a"},"response":{"code":200,"body":"{\"eventTime\":\"x\",\"eventSource\":\"y\"}"}}`
	far := `{"a":"` + strings.Repeat("x", 100<<10) + `","gauges":[]}`
	tests := []struct{ name, text, kind, why string }{
		{"list.json", `[` + pair + `]`, kindExchange, ""},
		{"of-another.json", strings.ReplaceAll(pair, "gauges.test", "other.test"), kindExchange, ""},
		{"ec2.DescribeVpcs_1.json", `[` + pair + `]`, kindExchange, ""},
		{"cloudtrail.json", `{"interactions":[` + pair + `]}`, kindExchange, ""},
		{"cut.json", `[` + pair[:len(pair)-9], kindExchange, ""},
		{"x.har.gz", treetest.Gzip(t, `{"log":{"entries":[`+pair+`]}}`), kindExchange, ""},
		{"bare", `{"gauges":[1]}`, kindExchange, ""},
		{"gauge.ListGauges_1.json", `{"gauges":[1]}`, kindExchange, ""},
		{"bare-cut.json", `{"gauges":[{"a":"x`, kindExchange, ""},
		{"far.json", far, kindExchange, ""},
		{"far.json.gz", treetest.Gzip(t, far+strings.Repeat(" ", 300<<10)), kindExchange, ""},
		{"lines.ndjson", `{"gauges":[1]}` + "\n" + `{"gauges":[2]}`, kindExchange, ""},

		{"ec2.DescribeVpcs_2.json", `{"Vpcs":[]}`, kindRecorded, ""},
		{"costs.json", `{"ResultsByTime":[],"request":{},"method":1}`, kindRecorded, ""},
		{"trail.json", `{"Records":[{"eventTime":"x","eventSource":"y","requestParameters":{"method":"GET","gauges":"\"gauges\":"}}]}`, kindCloudTrail, ""},
		{"requests.log", `{"method":"GET","url":"https://gauges.test/","status":200}`, "", "JSON of no kind that is read"},
		{"delivery.json", `{"action":"opened","repository":{"html_url":"https://github.com/acme/web"}}`, "", "JSON of no kind that is read"},
		{"cassette.yaml", "---\nversion: 1\ninteractions:\n- request:\n    url: https://gauges.test\n", "", "recorded requests in YAML"},
	}
	files, want := map[string]string{}, map[string]string{}
	for _, tc := range tests {
		files[tc.name], want[tc.name] = tc.text, tc.kind+tc.why
	}
	s, err := (&ingestCmd{Source: "auto", readers: []exchange.Reader{gauges()}}).sort(t.Context(), treetest.Folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, kind := range s.kinds {
		got[name] = kind
	}
	for _, f := range s.strays {
		got[f.name] += f.why
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

// What is wrong with an answer is told, and that no more pages mend it.
func TestInvalidExchangesAreSummarised(t *testing.T) {
	t.Parallel()
	c := &ingestCmd{Source: "auto", At: "2026-03-01", readers: []exchange.Reader{gauges()}}
	in, err := c.sort(t.Context(), treetest.Folder(t, map[string]string{"a.json": `[{"request":{"url":"https://gauges.test/a"},"response":{"code":203}}]`}))
	if err != nil {
		t.Fatal(err)
	}
	sum := newIngestSummary()
	if err := c.collectExchanges(t.Context(), in, &emittertest.Recorder{}, &sum, nil); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, l := range sum.LeftOut {
		told[l.Kind] = l.Do
	}
	const do = "nothing counts as gone: record it again; if it is whole, Polo does not know this form of it"
	if diff := cmp.Diff(map[string]string{
		"a gauge is broken": "", "the answer is not as documented": do,
		"not read to its end (invalid: response does not match the source's documentation: it has no gauges): github.gauges gauges": do,
	}, told); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}

// The summary counts exchanges, and names what is left with what to do.
func TestExchangesAreSummarised(t *testing.T) {
	t.Parallel()
	c := &ingestCmd{Source: "auto", At: "2026-03-01", readers: []exchange.Reader{gauges()}}
	in, err := c.sort(t.Context(), treetest.Folder(t, map[string]string{
		"a.json": `[{"request":{"url":"https://gauges.test/a"},"response":{"code":200}},{"request":{"url":"https://other.test/users/ada"},"response":{"code":200}},{"request":{"url":"https://other.test/"},"response":{"code":500}}]`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	sum, rec := newIngestSummary(), &emittertest.Recorder{}
	if err := c.collectExchanges(t.Context(), in, rec, &sum, nil); err != nil {
		t.Fatal(err)
	}
	want := []leftOut{
		{Kind: "a gauge is broken", Count: 2, Example: "a.json"},
		{Kind: "nothing reads this call: GET other.test/users/*", Count: 1, Example: "a.json", Do: "Polo does not read this call"},
		{Kind: "the answer is an error: GET other.test/ 500", Count: 1, Example: "a.json", Do: "the service refused: record it again, with the permission that it wants"},
	}
	sum.order()
	if diff := cmp.Diff(want, sum.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if sum.Read != 3 || sum.Files != 1 || sum.Undated != 0 || len(rec.Events) != 1 || rec.Events[0].TS.Format("2006-01-02") != "2026-03-01" {
		t.Errorf("%+v, %+v", sum, rec.Events)
	}
}
