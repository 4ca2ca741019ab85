package cloudwatch_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudwatch"
	"polo/producers/recording"
)

var observed = time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)

// textsOf returns events as "time/period stat metric=value unit".
func textsOf(events []envelope.ResourceEvent) []string {
	var out []string
	for _, e := range events {
		p := e.Properties
		period := ""
		if !e.PeriodEnd.IsZero() {
			period = e.PeriodEnd.Sub(e.TS).String()
		}
		out = append(out, fmt.Sprintf("%s/%s %s %s=%g %s", e.TS.Format(time.RFC3339), period, p.Get("stat"), p.Get("metric"), *e.MetricValue, p.Get("unit")))
	}
	return out
}

func TestRecordings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text     string
		hints    cloudwatch.Recording
		want     []string
		rejected int
		partial  bool
	}{
		"statistics": {
			text: `{"Label":"CPUUtilization","Datapoints":[{"Timestamp":"2014-04-09T11:18:00Z","Maximum":44.79,"Minimum":-1,"ExtendedStatistics":{"p99":3,"p50":2},"Unit":"Percent"}]}`,
			want: []string{
				"2014-04-09T11:18:00Z/ Minimum CPUUtilization=-1 Percent", "2014-04-09T11:18:00Z/ Maximum CPUUtilization=44.79 Percent",
				"2014-04-09T11:18:00Z/ p50 CPUUtilization=2 Percent", "2014-04-09T11:18:00Z/ p99 CPUUtilization=3 Percent",
			},
		},
		"unsorted hourly statistics": {
			text: `{"Label":"x","Datapoints":[{"Timestamp":"2026-01-01T05:00:00+02:00","Sum":1},{"Timestamp":"2026-01-01T00:00:00Z","Sum":2},{"Timestamp":"2026-01-01T01:00:00Z","Sum":3}]}`,
			want: []string{"2026-01-01T03:00:00Z/1h0m0s Sum x=1 ", "2026-01-01T00:00:00Z/1h0m0s Sum x=2 ", "2026-01-01T01:00:00Z/1h0m0s Sum x=3 "},
		},
		"botocore's recorder": {
			text: `{"status_code":200,"data":{"Label":"x","Datapoints":[{"Timestamp":{"__class__":"datetime","year":2026,"month":4,"day":7,"hour":13,"minute":37,"second":0,"microsecond":0},"Average":1.5,"Unit":"Percent"}]}}`,
			want: []string{"2026-04-07T13:37:00Z/ Average x=1.5 Percent"},
		},
		"data": {
			text: `{"MetricDataResults":[{"Id":"m1","Label":"EstimatedCharges","Timestamps":["2024-09-26T12:00:00+00:00",1727352600],"Values":[542.38,1],"StatusCode":"Complete"},
				{"Id":"m2","Label":"other","Timestamps":["2024-09-26T12:00:00+00:00"],"Values":[7],"StatusCode":"Complete"}],"Messages":[]}`,
			want:  []string{"2024-09-26T12:00:00Z/ Average EstimatedCharges=542.38 ", "2024-09-26T12:10:00Z/ Average EstimatedCharges=1 ", "2024-09-26T12:00:00Z/ Average other=7 "},
			hints: cloudwatch.Recording{Stat: "Average"},
		},
		"partial": {
			text: `{"MetricDataResults":[{"Id":"m1","Label":"a","Timestamps":["2024-09-26T12:00:00Z"],"Values":[1],"StatusCode":"PartialData"}]}`,
			want: []string{"2024-09-26T12:00:00Z/ a=1 "}, partial: true,
		},
		"more pages": {
			text: `{"NextToken":"x","MetricDataResults":[{"Id":"m1","Label":"a","Timestamps":["2024-09-26T12:00:00Z"],"Values":[1]}]}`,
			want: []string{"2024-09-26T12:00:00Z/ a=1 "}, partial: true,
		},
		"a known request": {
			text: `{"Label":"x","Datapoints":[{"Timestamp":"2026-01-01T00:00:00Z","Sum":2}]}`,
			hints: cloudwatch.Recording{
				Namespace: "AWS/SQS", Metric: "Sent", Dimensions: map[string]string{"QueueName": "q"}, Period: time.Minute, Region: region, AccountID: accountID,
			},
			want: []string{"2026-01-01T00:00:00Z/1m0s Sum Sent=2 "},
		},
		"bad neighbours": {
			text: `{"Label":"NaN \" Infinity","Datapoints":[{"Timestamp":"2026-01-01T00:00:00Z","Sum":NaN},{"Timestamp":"2026-01-02T00:00:00Z","Sum":-Infinity},{"Timestamp":"soon","Sum":1},
				{"Timestamp":{"year":7},"Sum":1},{"Timestamp":"2026-01-03T00:00:00Z","Sum":1e999},{"Timestamp":"2026-01-03T00:00:00Z","Sum":true},
				{"Timestamp":"2026-01-04T00:00:00Z","Sum":"4"},{"Timestamp":"2026-01-04T00:00:00Z","Sum":5}]}`,
			want: []string{"2026-01-04T00:00:00Z/ Sum NaN \" Infinity=4 "}, rejected: 7,
		},
		"uneven": {
			text: `{"MetricDataResults":[{"Id":"m1","Label":"a","Timestamps":["2024-09-26T12:00:00Z"],"Values":[]},{"Id":"m2","Label":"b","Timestamps":["2024-09-26T12:00:00Z"],"Values":[1]}]}`,
			want: []string{"2024-09-26T12:00:00Z/ b=1 "}, rejected: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.hints.ObservedAt = observed
			got, err := cloudwatch.NormaliseRecording([]byte(c.text), c.hints)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.want {
				c.want[i] = spaced(c.want[i])
			}
			lines := textsOf(got.Events)
			for i := range lines {
				lines[i] = spaced(lines[i])
			}
			if diff := cmp.Diff(c.want, lines); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(got.Rejected) != c.rejected || got.Partial != c.partial {
				t.Errorf("rejected %+v, partial %v", got.Rejected, got.Partial)
			}
			if c.hints.Namespace != "" && got.Events[0].ARN != "arn:aws:sqs:eu-west-1:012345678901:q" {
				t.Errorf("ARN %s", got.Events[0].ARN)
			}
		})
	}
}

// spaced returns a line with single spaces.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestRecordedIdentity: recordings that do not say what they are of have different ids for the
// same time; one that does has the ids of a live run.
func TestRecordedIdentity(t *testing.T) {
	t.Parallel()
	id := func(text string, hints cloudwatch.Recording) string {
		hints.ObservedAt = observed
		got, err := cloudwatch.NormaliseRecording([]byte(text), hints)
		if err != nil {
			t.Fatal(err)
		}
		return got.Events[0].EventID.String()
	}
	const a = `{"Label":"CPUUtilization","Datapoints":[{"Timestamp":"2026-03-01T12:00:00Z","Average":1}]}`
	const b = `{"Label":"CPUUtilization","Datapoints":[{"Timestamp":"2026-03-01T12:00:00Z","Average":2}]}`
	if id(a, cloudwatch.Recording{}) == id(b, cloudwatch.Recording{}) || id(a, cloudwatch.Recording{}) != id(a, cloudwatch.Recording{Name: "elsewhere"}) {
		t.Error("unknown series")
	}
	known := cloudwatch.Recording{
		Namespace: "AWS/EC2", Metric: "CPUUtilization", Dimensions: map[string]string{"InstanceId": "i-0abc"}, Period: time.Minute, AccountID: accountID, Region: region,
	}
	if id(a, known) != id(b, known) {
		t.Error("a known series is another each time")
	}
	data := known
	data.Stat = "Average"
	if got := id(`{"MetricDataResults":[{"Id":"x","Label":"l","Timestamps":["2026-03-01T12:00:00Z"],"Values":[1]}]}`, data); got != id(a, known) {
		t.Error("another call, another sample")
	}
	live := serve(t, func(string, cbor.Map) (string, cbor.Map) { return "", results("", seriesAnswer("q0", "Complete", 1)) })
	rec, _ := collect(t, live, cpu, 0)
	if got := rec.Of(envelope.TypeMetricSampled); len(got) != 1 || got[0].EventID.String() != id(a, known) {
		t.Errorf("a run reads another sample: %v", got)
	}
}

func TestOtherAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		reason queue.Reason
		code   string
		empty  bool
	}{
		"empty file":              {"", queue.ReasonMalformedRecord, "", false},
		"cut":                     {`{"Datapoints":[`, queue.ReasonMalformedRecord, "", false},
		"a list":                  {`[]`, queue.ReasonMalformedRecord, "", false},
		"null":                    {`null`, queue.ReasonUnknownRecord, "", false},
		"another call":            {`{"MetricAlarms":[]}`, queue.ReasonUnknownRecord, "", false},
		"no list":                 {`{"Datapoints":null}`, queue.ReasonMalformedRecord, "", false},
		"not a list":              {`{"Datapoints":7}`, queue.ReasonMalformedRecord, "", false},
		"no data":                 {`{"status_code":200,"data":[]}`, queue.ReasonMalformedRecord, "", false},
		"no values":               {`{"status_code":200,"data":{"Datapoints":[],"Label":"x"}}`, queue.ReasonUnknownRecord, "", true},
		"no values of data":       {`{"MetricDataResults":[{"Id":"a","Timestamps":[],"Values":[]}]}`, queue.ReasonUnknownRecord, "", true},
		"an error":                {`{"status_code":403,"data":{"Error":{"Code":"AccessDenied"}}}`, queue.ReasonUnknownRecord, "AccessDenied", false},
		"a JSON protocol's error": {`{"__type":"x#Throttling"}`, queue.ReasonUnknownRecord, "Throttling", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := cloudwatch.NormaliseRecording([]byte(c.text), cloudwatch.Recording{ObservedAt: observed})
			var e *recording.Error
			if !errors.As(err, &e) || e.Reason != c.reason || e.Code != c.code || errors.Is(err, cloudwatch.ErrNoValues) != c.empty {
				t.Fatalf("got %v and %v", got, err)
			}
		})
	}
}

func FuzzNormaliseRecording(f *testing.F) {
	f.Add([]byte(`{"Label":"x","Datapoints":[{"Timestamp":"2014-04-09T11:18:00Z","Maximum":44.79,"ExtendedStatistics":{"p99":3},"Unit":"Percent"}]}`))
	f.Add([]byte(`{"status_code":200,"data":{"Datapoints":[{"Timestamp":{"__class__":"datetime","year":2026,"month":4,"day":7},"Sum":NaN}]}}`))
	f.Add([]byte(`{"MetricDataResults":[{"Id":"m1","Label":"a","Timestamps":[1727352600.5,"2024-09-26 12:00:00"],"Values":[1,-Infinity],"StatusCode":"Complete"}]}`))
	f.Add([]byte(`{"__type":"a#b"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := cloudwatch.Recording{AccountID: accountID, Region: region, ObservedAt: observed}
		got, err := cloudwatch.NormaliseRecording(data, r)
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
		again, err := cloudwatch.NormaliseRecording(data, r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatalf("not the same again:\n%s", diff)
		}
	})
}
