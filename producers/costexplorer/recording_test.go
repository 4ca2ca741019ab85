package costexplorer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/costexplorer"
	"polo/producers/recording"
)

var observed = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// daily is an answer as the CLI prints it; its wrapped forms hold the same.
const (
	oneDay = `{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Estimated":false,"Total":{},
		"Groups":[{"Keys":["AWS Lambda"],"Metrics":{"UnblendedCost":{"Amount":"1.25","Unit":"USD"}}}]}`
	daily = `{"ResultsByTime":[` + oneDay + `],"DimensionValueAttributes":[]}`
)

func TestWrappings(t *testing.T) {
	t.Parallel()
	var want []envelope.ResourceEvent
	for _, c := range []struct{ name, text string }{
		{"the API's answer", daily},
		{"botocore's recorder", `{"status_code":200,"data":` + daily + `}`},
		{"results alone", `[` + oneDay + `]`},
		{"pages", `[{"NextPageToken":"x","ResultsByTime":[]},` + daily + `]`},
		{"pages of a recorder", `[{"status_code":200,"data":` + daily + `}]`},
		{"a byte order mark", "\uFEFF" + daily},
		{"lower case, and a number", `{"resultsByTime":[{"timePeriod":{"start":"2024-02-01","end":"2024-02-02"},"estimated":"false","total":{},
			"groups":[{"keys":["AWS Lambda"],"metrics":{"UNBLENDED_COST":{"amount":1.25,"unit":"USD"}}}]}]}`},
	} {
		got, err := costexplorer.NormaliseRecording([]byte(c.text), costexplorer.Recording{ObservedAt: observed})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if want == nil {
			want = got.Events
		}
		if diff := cmp.Diff(want, got.Events); diff != "" || len(got.Events) != 1 || len(got.Rejected) != 0 || got.Truncated {
			t.Errorf("%s: %d rejected (-want +got):\n%s", c.name, len(got.Rejected), diff)
		}
	}
}

func TestOtherAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		reason queue.Reason
		code   string
	}{
		"empty":                   {"", queue.ReasonMalformedRecord, ""},
		"cut":                     {daily[:40], queue.ReasonMalformedRecord, ""},
		"text":                    {`"x"`, queue.ReasonMalformedRecord, ""},
		"null":                    {`null`, queue.ReasonUnknownRecord, ""},
		"no data":                 {`{"status_code":200,"data":7}`, queue.ReasonMalformedRecord, ""},
		"another call":            {`{"Tags":["a"],"ReturnSize":1}`, queue.ReasonUnknownRecord, ""},
		"a forecast":              {`{"Total":{"Amount":"1","Unit":"USD"},"ForecastResultsByTime":[]}`, queue.ReasonUnknownRecord, ""},
		"an error":                {`{"status_code":400,"data":{"Error":{"Code":"DataUnavailableException","Message":"no"}}}`, queue.ReasonUnknownRecord, "DataUnavailableException"},
		"a JSON protocol's error": {`{"__type":"x#LimitExceededException"}`, queue.ReasonUnknownRecord, "LimitExceededException"},
		"a list of numbers":       {`[1]`, queue.ReasonUnknownRecord, ""},
		"an empty list":           {`[]`, queue.ReasonUnknownRecord, ""},
		"not a list":              {`{"ResultsByTime":{}}`, queue.ReasonMalformedRecord, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := costexplorer.NormaliseRecording([]byte(c.text), costexplorer.Recording{ObservedAt: observed})
			var e *recording.Error
			if !errors.As(err, &e) || e.Reason != c.reason || e.Code != c.code {
				t.Fatalf("got %v and %v", got, err)
			}
		})
	}
}

func TestRecordedLines(t *testing.T) {
	t.Parallel()
	results := func(body string) string { return `{"ResultsByTime":[` + body + `]}` }
	const usd = `"Metrics":{"UnblendedCost":{"Amount":"1","Unit":"USD"}}`
	for name, c := range map[string]struct {
		text, file string
		want       []string // account, region, service, amount, currency, granularity, property, tag
		rejected   int
		truncated  bool
	}{
		"no grouping": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Total":{"UnblendedCost":{"Amount":"7","Unit":"EUR"}},"Groups":[],"Estimated":true}`),
			want: []string{"payer/// 7 EUR DAILY"},
		},
		"no grouping, no cost": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Total":{"UnblendedCost":{"Amount":"0","Unit":"USD"}}}`),
			want: []string{"payer/// 0 USD DAILY"},
		},
		"grouped, and a period without costs": {
			text: `{"GroupDefinitions":[{"Type":"DIMENSION","Key":"SERVICE"}],` + results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Total":{"UnblendedCost":{"Amount":"0","Unit":"USD"}},"Groups":[]}`)[1:],
		},
		"grouped, and a total": {
			text: `{"GroupDefinitions":[{"Type":"DIMENSION","Key":"SERVICE"}],` + results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Total":{"AmortizedCost":{"Amount":"50","Unit":"USD"}},"Groups":[]}`)[1:],
			want: []string{"payer/// 50 USD DAILY cost_metric=effective_cost"},
		},
		"hours": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01T05:00:00Z","End":"2024-02-01T06:00:00Z"},"Groups":[{"Keys":["us-east-1"],` + usd + `},{"Keys":["global"],` + usd + `}]}`),
			want: []string{"payer/us-east-1// 1 USD HOURLY", "payer/// 1 USD HOURLY"},
		},
		"a month by tag and account": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-03-01"},"Groups":[{"Keys":["team$a$b","012345678901"],` + usd + `},{"Keys":["team$","012345678902"],` + usd + `}]}`),
			want: []string{"012345678901/// 1 USD MONTHLY team=a$b", "012345678902/// 1 USD MONTHLY"},
		},
		"a month of one day, by its name": {
			text: results(`{"TimePeriod":{"Start":"2024-02-29","End":"2024-03-01"},"Groups":[{"Keys":["Tax"],` + usd + `}]}`),
			file: "a/get-cost-and-usage_MONTHLY_by_service.json",
			want: []string{"payer//tax/ 1 USD MONTHLY"},
		},
		"usage types": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Groups":[{"Keys":["EUW1-BoxUsage:t3.micro"],` + usd + `},{"Keys":["DataTransfer-Out-Bytes"],` + usd + `}]}`),
			want: []string{"payer/// 1 USD DAILY usage_type=EUW1-BoxUsage:t3.micro", "payer/// 1 USD DAILY usage_type=DataTransfer-Out-Bytes"},
		},
		"by name, two": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Groups":[{"Keys":["x","On Demand"],` + usd + `}]}`),
			file: "costs_by_account_and_purchase_type.json",
			want: []string{"x/// 1 USD DAILY purchase_type=On Demand"},
		},
		"unknown keys": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Groups":[{"Keys":["x y","z w"],` + usd + `}]}`),
			want: []string{"payer/// 1 USD DAILY group=x y group_2=z w"},
		},
		"a resource": {
			text: `{"GroupDefinitions":[{"Type":"DIMENSION","Key":"RESOURCE_ID"}],` + results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Groups":[
				{"Keys":["arn:aws:lambda:eu-west-1:012345678901:function:f"],` + usd + `},{"Keys":["i-1"],` + usd + `},{"Keys":["NoResourceId"],` + usd + `}]}`)[1:],
			want: []string{"payer/eu-west-1/lambda/f 1 USD DAILY", "payer///i-1 1 USD DAILY", "payer/// 1 USD DAILY"},
		},
		"zero without a currency": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Groups":[{"Keys":["AWS Glue"],"Metrics":{"UnblendedCost":{"Amount":"0","Unit":"N/A"}}},{"Keys":["AWS Lambda"],` + usd + `}]}`),
			want: []string{"payer//glue/ 0 USD DAILY", "payer//lambda/ 1 USD DAILY"},
		},
		"no currency at all": {
			text: results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Groups":[{"Keys":["AWS Glue"],"Metrics":{"UnblendedCost":{"Amount":"0","Unit":""}}}]}`),
			want: []string{"payer//glue/ 0 XXX DAILY"},
		},
		"bad neighbours": {
			text: `{"NextPageToken":"more",` + results(`{"TimePeriod":{"Start":"2024-02-01","End":"2024-02-02"},"Groups":[{"Keys":["AWS Glue"],"Metrics":{"UsageQuantity":{"Amount":"1","Unit":"GB"}}},{"Keys":["AWS Lambda"],` + usd + `}]},
				{"TimePeriod":{"Start":"yesterday","End":"2024-02-02"},"Groups":[]},{"TimePeriod":{"Start":"2024-02-03","End":"2024-02-02"},"Groups":[]},{"TimePeriod":7}`)[1:],
			want: []string{"payer//lambda/ 1 USD DAILY"}, rejected: 4, truncated: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := costexplorer.NormaliseRecording([]byte(c.text), costexplorer.Recording{Name: c.file, Payer: "payer", ObservedAt: observed})
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, e := range got.Events {
				line := e.AccountID + "/" + e.Region + "/" + e.Service + "/" + e.ResourceID + " " + e.CostAmount.Decimal.String() + " " + e.Currency + " " + e.Properties.Get("granularity")
				for _, key := range []string{"cost_metric", "usage_type", "purchase_type", "group", "group_2"} {
					if v := e.Properties.Get(key); v != "" {
						line += " " + key + "=" + v
					}
				}
				for _, tag := range e.Tags {
					line += " " + tag.Key + "=" + tag.Value
				}
				lines = append(lines, line)
			}
			if diff := cmp.Diff(c.want, lines); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(got.Rejected) != c.rejected || got.Truncated != c.truncated {
				t.Errorf("rejected %+v, truncated %v", got.Rejected, got.Truncated)
			}
		})
	}
}

// TestRecordedHints: what is known of the request takes precedence over guesses from the answer.
func TestRecordedHints(t *testing.T) {
	t.Parallel()
	got, err := costexplorer.NormaliseRecording([]byte(daily), costexplorer.Recording{
		Name: "x.json", Granularity: "MONTHLY", GroupBy: []costexplorer.Group{{Type: "TAG", Key: "customer"}}, View: "by_tag", ObservedAt: observed,
		Identity: func(tags envelope.Pairs) (string, string, string) { return tags.Get("customer"), "", "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	e := got.Events[0]
	if e.MarqoCustomer != "AWS Lambda" || e.Properties.Get("granularity") != "MONTHLY" || e.EventType != costexplorer.TypeCostViewed || e.Source != "aws.cost_explorer.by_tag" {
		t.Errorf("%+v", e)
	}
}

func sum(events []envelope.ResourceEvent) decimal.Decimal {
	total := decimal.Decimal{}
	for _, e := range events {
		total = total.Add(e.CostAmount.Decimal)
	}
	return total
}

func FuzzNormaliseRecording(f *testing.F) {
	f.Add([]byte(daily), "by_service")
	f.Add([]byte(`{"status_code":200,"data":`+daily+`}`), "")
	f.Add([]byte(`[`+oneDay+`,`+daily+`]`), "hourly")
	f.Add([]byte(`{"__type":"a#b"}`), "")
	f.Add([]byte(`{"GroupDefinitions":[{"Type":"TAG","Key":"a"}],"ResultsByTime":[{"TimePeriod":{"Start":"2024-02-01T00:00:00Z","End":"2024-02-01T01:00:00Z"},"Total":{"BlendedCost":{"Amount":"1e-9","Unit":"USD"}}}]}`), "")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		r := costexplorer.Recording{Name: name, Payer: payer, ObservedAt: observed}
		got, err := costexplorer.NormaliseRecording(data, r)
		if err != nil {
			var e *recording.Error
			if !errors.As(err, &e) {
				t.Fatalf("not a recording.Error: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for i := range got.Events {
			e := &got.Events[i]
			if err := e.Validate(); err != nil {
				t.Fatal(err)
			}
			if seen[e.EventID.String()] {
				t.Fatalf("%s twice", e.EventID)
			}
			seen[e.EventID.String()] = true
		}
		again, err := costexplorer.NormaliseRecording(data, r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatalf("not the same again:\n%s", diff)
		}
	})
}
