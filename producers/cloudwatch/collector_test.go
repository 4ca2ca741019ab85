package cloudwatch_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
)

const cpu = `{"metrics":[{"namespace":"AWS/EC2","metric":"CPUUtilization","dimensions":{"InstanceId":"i-0abc"},"stats":["Average"],"period":60}]}`

func TestCollect(t *testing.T) {
	t.Parallel()
	a := serve(t, func(string, cbor.Map) (string, cbor.Map) {
		return "", results("", seriesAnswer("q0", "Complete", 12.5))
	})
	rec, sum := collect(t, a, cpu, 0)
	lines := rec.Of(envelope.TypeMetricSampled)
	if len(lines) != 1 || len(sum.Gaps) != 0 {
		t.Fatalf("%d samples, gaps %v", len(lines), sum.Gaps)
	}
	got := lines[0]
	value := 12.5
	want := envelope.ResourceEvent{
		EventID: got.EventID, EventType: "metric.sampled", Source: "aws.cloudwatch", TS: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		PeriodEnd: time.Date(2026, 3, 1, 12, 1, 0, 0, time.UTC), ObservedAt: got.ObservedAt,
		ARN: "arn:aws:ec2:eu-west-1:012345678901:instance/i-0abc", Platform: "aws", AccountID: accountID, AccountRole: "production", Region: region,
		Service: "ec2", ResourceType: "ec2:instance", ResourceID: "i-0abc", ResourceName: "i-0abc", MetricValue: &value,
		Ancestors: []string{"arn:aws:account::012345678901:region/eu-west-1", "arn:aws:iam::012345678901:root"},
		Properties: envelope.PairsOf(map[string]string{
			"namespace": "AWS/EC2", "metric": "CPUUtilization", "stat": "Average", "period": "60", "dimensions": `{"InstanceId":"i-0abc"}`,
		}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	done := rec.Of(envelope.TypeScanCompleted)
	if len(done) != 1 || done[0].ResourceType != "cloudwatch:sample" || done[0].Region != region {
		t.Errorf("completions %+v", done)
	}
	in := a.ins[0]
	// The whole minutes of 11:47:30 to 12:07:30 are 11:47 to 12:07.
	for name, want := range map[string]time.Time{"StartTime": time.Date(2026, 3, 1, 11, 47, 0, 0, time.UTC), "EndTime": time.Date(2026, 3, 1, 12, 7, 0, 0, time.UTC)} {
		if got, err := cbor.AsTime(in[name].(*cbor.Tag)); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v (%v), want %v", name, got, err, want)
		}
	}
	if got := text(in["MetricDataQueries"].(cbor.List)[0], "MetricStat", "Metric", "MetricName"); got != "CPUUtilization" {
		t.Errorf("asked for %q", got)
	}
}

// TestSampleIdentity: the same sample has the same id in another run, and no other sample has it.
func TestSampleIdentity(t *testing.T) {
	t.Parallel()
	ids := func(config string) map[string]bool {
		a := serve(t, func(_ string, in cbor.Map) (string, cbor.Map) {
			var all []cbor.Value
			for _, id := range requested(in) {
				all = append(all, seriesAnswer(id, "Complete", 1, 2))
			}
			return "", results("", all...)
		})
		rec, _ := collect(t, a, config, 0)
		out := map[string]bool{}
		for _, e := range rec.Of(envelope.TypeMetricSampled) {
			out[e.EventID.String()] = true
		}
		return out
	}
	first := ids(cpu)
	if diff := cmp.Diff(first, ids(cpu)); diff != "" || len(first) != 2 {
		t.Errorf("%d ids (-want +got):\n%s", len(first), diff)
	}
	for _, change := range [][2]string{{"i-0abc", "i-0abd"}, {"Average", "Sum"}, {"CPUUtilization", "NetworkIn"}, {"AWS/EC2", "CWAgent"}, {`"period":60`, `"period":120`}, {`"period":60`, `"period":60,"unit":"Percent"`}} {
		for id := range ids(strings.Replace(cpu, change[0], change[1], 1)) {
			if first[id] {
				t.Errorf("%s instead of %s: the same id", change[1], change[0])
			}
		}
	}
}

// TestPages reads a series from three pages; its status is partial until the last.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		last string
		gaps int
	}{"complete at last": {"Complete", 0}, "partial to the end": {"PartialData", 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(_ string, in cbor.Map) (string, cbor.Map) {
				switch text(in, "NextToken") {
				case "":
					return "", results("a", seriesAnswer("q0", "PartialData", 1))
				case "a":
					return "", results("b", seriesAnswer("q0", "PartialData", 1, 2))
				}
				return "", results("", seriesAnswer("q0", c.last, 1, 2, 3))
			})
			rec, sum := collect(t, a, cpu, 0)
			if len(rec.samples()) != 6 || sum.Counts.Pages != 3 || sum.Counts.CostMicros != 30 || len(sum.Gaps) != c.gaps {
				t.Errorf("%v, %+v", rec.samples(), sum)
			}
			if done := len(rec.Of(envelope.TypeScanCompleted)); done != 1-c.gaps {
				t.Errorf("%d completions", done)
			}
		})
	}
}

// TestGaps: a series without a full answer is a gap of its metric; other series have their
// samples.
func TestGaps(t *testing.T) {
	t.Parallel()
	const two = `{"metrics":[{"namespace":"AWS/EC2","metric":"CPUUtilization","dimensions":{"InstanceId":"i-1"},"stats":["Average"],"period":60},
		{"namespace":"AWS/SQS","metric":"NumberOfMessagesSent","dimensions":{"QueueName":"q"},"stats":["Sum"],"period":60}]}`
	whole := seriesAnswer("q1", "Complete", 1)
	uneven := seriesAnswer("q0", "Complete", 1, 2)
	uneven["Values"] = cbor.List{cbor.Float64(1)}
	withMessage := seriesAnswer("q0", "InternalError")
	withMessage["Messages"] = cbor.List{cbor.Map{"Code": cbor.String("Why"), "Value": cbor.String("because")}}
	for name, c := range map[string]struct {
		out    cbor.Map
		reason producers.GapReason
		code   string
		says   string
	}{
		"partial":      {results("", seriesAnswer("q0", "PartialData"), whole), producers.GapFailed, "PartialData", "PartialData"},
		"internal":     {results("", withMessage, whole), producers.GapUnreachable, "InternalError", "Why: because"},
		"forbidden":    {results("", seriesAnswer("q0", "Forbidden"), whole), producers.GapDenied, "Forbidden", ""},
		"no answer":    {results("", whole), producers.GapInvalid, "", "without an answer"},
		"uneven":       {results("", uneven, whole), producers.GapInvalid, "", "2 times of 1 values"},
		"not a number": {results("", seriesAnswer("q0", "Complete", math.NaN()), whole), producers.GapInvalid, "", ""},
		"infinite":     {results("", seriesAnswer("q0", "Complete", math.Inf(-1)), whole), producers.GapInvalid, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(string, cbor.Map) (string, cbor.Map) { return "", c.out })
			rec, sum := collect(t, a, two, 0)
			want := []string{"12:00 1 arn:aws:sqs:eu-west-1:012345678901:q"}
			if diff := cmp.Diff(want, rec.samples()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(sum.Gaps) != 1 || sum.Gaps[0].What != "AWS/EC2 CPUUtilization" || sum.Gaps[0].Reason != c.reason || sum.Gaps[0].Code != c.code || !strings.Contains(sum.Gaps[0].Error, c.says) {
				t.Errorf("gaps %+v", sum.Gaps)
			}
			if n := len(rec.Of(envelope.TypeScanCompleted)); n != 0 {
				t.Errorf("%d completions", n)
			}
			refused := 0
			if name == "not a number" || name == "infinite" {
				refused = 1
			}
			if len(rec.Failures) != refused {
				t.Errorf("failures %+v", rec.Failures)
			}
		})
	}
}

// TestMessages: a message about the whole request is a gap of all its metrics.
func TestMessages(t *testing.T) {
	t.Parallel()
	a := serve(t, func(string, cbor.Map) (string, cbor.Map) {
		out := results("", seriesAnswer("q0", "Complete", 1))
		out["Messages"] = cbor.List{cbor.Map{"Code": cbor.String("MaxMetricsExceeded"), "Value": cbor.String("too many")}}
		return "", out
	})
	rec, sum := collect(t, a, cpu, 0)
	if len(rec.samples()) != 1 || len(sum.Gaps) != 1 || sum.Gaps[0].Code != "MaxMetricsExceeded" || len(rec.Of(envelope.TypeScanCompleted)) != 0 {
		t.Errorf("%v, gaps %+v", rec.samples(), sum.Gaps)
	}
}

// TestBatches: a request has at most 500 of the 1,200 series, and no more points than an answer
// may have.
func TestBatches(t *testing.T) {
	t.Parallel()
	many := func(n, period, lookback int) string {
		var metrics []string
		for i := range n {
			metrics = append(metrics, fmt.Sprintf(`{"namespace":"N","metric":"m","dimensions":{"d":"%d"},"stats":["Sum"],"period":%d,"lookback":%d}`, i, period, lookback))
		}
		// A metric that is named twice is requested once.
		return `{"metrics":[` + strings.Join(append(metrics, metrics[n-1]), ",") + `]}`
	}
	for name, c := range map[string]struct {
		n, period, lookback int
		want                []int
	}{
		"by series": {1200, 60, 0, []int{500, 500, 200}},
		// 20 minutes plus 4 hours, in seconds, are 15,600 points a series: six series a request.
		"by points": {25, 1, 14_400, []int{6, 6, 6, 6, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sizes []int
			a := serve(t, func(_ string, in cbor.Map) (string, cbor.Map) {
				var all []cbor.Value
				for _, id := range requested(in) {
					all = append(all, seriesAnswer(id, "Complete", 1))
				}
				return "", results("", all...)
			})
			_, sum := collect(t, a, many(c.n, c.period, c.lookback), 0)
			for _, in := range a.ins {
				sizes = append(sizes, len(requested(in)))
			}
			if diff := cmp.Diff(c.want, sizes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if sum.Counts.CostMicros != int64(10*c.n) || len(sum.Gaps) != 0 {
				t.Errorf("cost %d, gaps %v", sum.Counts.CostMicros, sum.Gaps)
			}
		})
	}
}

// TestSpans: series with the same start and different ends are in separate requests. Both begin
// at 11:45, the second ends at 12:05.
func TestSpans(t *testing.T) {
	t.Parallel()
	a := serve(t, func(string, cbor.Map) (string, cbor.Map) { return "", results("", seriesAnswer("q0", "Complete", 1)) })
	_, sum := collect(t, a, `{"metrics":[{"namespace":"N","metric":"a","stats":["Sum"],"period":60,"lookback":150},{"namespace":"N","metric":"b","stats":["Sum"],"period":300}]}`, 0)
	if len(a.Calls()) != 2 || len(sum.Gaps) != 0 {
		t.Errorf("%v, gaps %+v", a.Calls(), sum.Gaps)
	}
}

// TestBudget allows one of two requests.
func TestBudget(t *testing.T) {
	t.Parallel()
	a := serve(t, func(string, cbor.Map) (string, cbor.Map) { return "", results("", seriesAnswer("q0", "Complete", 1)) })
	rec, sum := collect(t, a, `{"metrics":[{"namespace":"N","metric":"a","stats":["Sum"],"period":60},{"namespace":"N","metric":"b","stats":["Sum"],"period":300}]}`, 19)
	if len(a.Calls()) != 1 || len(rec.samples()) != 1 || len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapBudget || len(rec.Of(envelope.TypeScanCompleted)) != 0 {
		t.Errorf("%v, gaps %+v", a.Calls(), sum.Gaps)
	}
}

// TestRefusals: a refused request is a gap of its metrics; three in a row end the scope.
func TestRefusals(t *testing.T) {
	t.Parallel()
	var metrics []string
	for i := range 6 {
		// Their lookbacks put each into its own request, in this order.
		metrics = append(metrics, fmt.Sprintf(`{"namespace":"N","metric":"m%d","stats":["Sum"],"period":60,"lookback":%d}`, i, 60*(6-i)))
	}
	config := `{"metrics":[` + strings.Join(metrics, ",") + `]}`
	for name, c := range map[string]struct {
		code    string
		fails   func(metric string) bool
		calls   int
		reasons []string
	}{
		"one":        {"InvalidParameterValue", func(m string) bool { return m == "m2" }, 6, []string{"N m2 failed"}},
		"throttled":  {"Throttling", func(string) bool { return true }, 3, []string{" throttled", "N m0 throttled", "N m1 throttled"}},
		"denied":     {"AccessDenied", func(m string) bool { return m > "m2" }, 6, []string{" denied", "N m3 denied", "N m4 denied"}},
		"in between": {"LimitExceededException", func(m string) bool { return m != "m2" }, 6, []string{" throttled", "N m0 throttled", "N m1 throttled", "N m3 throttled", "N m4 throttled"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(_ string, in cbor.Map) (string, cbor.Map) {
				if c.fails(text(in["MetricDataQueries"].(cbor.List)[0], "MetricStat", "Metric", "MetricName")) {
					return c.code, nil
				}
				return "", results("", seriesAnswer("q0", "Complete", 1))
			})
			rec, sum := collect(t, a, config, 0)
			var reasons []string
			for _, g := range sum.Gaps {
				reasons = append(reasons, g.What+" "+string(g.Reason))
			}
			if diff := cmp.Diff(c.reasons, reasons); diff != "" || len(a.Calls()) != c.calls {
				t.Errorf("%d calls, gaps (-want +got):\n%s", len(a.Calls()), diff)
			}
			if len(rec.Of(envelope.TypeScanCompleted)) != 0 {
				t.Error("completed")
			}
		})
	}
}

// TestInvalidAnswers: answers that the documentation does not allow.
func TestInvalidAnswers(t *testing.T) {
	t.Parallel()
	for name, out := range map[string]cbor.Map{
		"a series that was not asked for": results("", seriesAnswer("q7", "Complete", 1)),
		"the same page again":             results("x", seriesAnswer("q0", "Complete")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(string, cbor.Map) (string, cbor.Map) { return "", out })
			rec, sum := collect(t, a, cpu, 0)
			if len(a.Calls()) > 2 || len(sum.Gaps) != 1 || sum.Gaps[0].Reason != producers.GapInvalid || len(rec.Of(envelope.TypeScanCompleted)) != 0 {
				t.Errorf("%d calls, gaps %+v", len(a.Calls()), sum.Gaps)
			}
		})
	}
}
