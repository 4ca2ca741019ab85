package cloudwatch_test

import (
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
)

// listed returns a metric as in ListMetrics' answer; dimensions are names and values in turn.
func listed(metric string, dimensions ...string) cbor.Map {
	var list cbor.List
	for i := 0; i < len(dimensions); i += 2 {
		list = append(list, cbor.Map{"Name": cbor.String(dimensions[i]), "Value": cbor.String(dimensions[i+1])})
	}
	return cbor.Map{"Namespace": cbor.String("AWS/ApplicationELB"), "MetricName": cbor.String(metric), "Dimensions": list}
}

const requests = `{"metrics":[{"namespace":"AWS/ApplicationELB","metric":"RequestCount","dimensions":{"TargetGroup":"targetgroup/*","LoadBalancer":"app/*prod*"},"stats":["Sum"],"period":300}]}`

func TestDiscovery(t *testing.T) {
	t.Parallel()
	a := serve(t, func(call string, in cbor.Map) (string, cbor.Map) {
		switch {
		case call == "ListMetrics" && text(in, "NextToken") == "":
			return "", cbor.Map{"NextToken": cbor.String("more"), "Metrics": cbor.List{
				listed("RequestCount", "TargetGroup", "targetgroup/a/1", "LoadBalancer", "app/my-prod-x/1"),
				listed("RequestCount", "LoadBalancer", "app/my-prod-x/1"),
				listed("RequestCount", "TargetGroup", "targetgroup/a/1", "LoadBalancer", "app/my-test-x/1"),
				listed("RequestCount", "TargetGroup", "targetgroup/a/1", "LoadBalancer", "app/my-prod-x/1", "AvailabilityZone", "eu-west-1a"),
				listed("OtherCount", "TargetGroup", "targetgroup/c/3", "LoadBalancer", "app/my-prod-x/1"),
			}}
		case call == "ListMetrics":
			return "", cbor.Map{"Metrics": cbor.List{listed("RequestCount", "LoadBalancer", "app/prod/2", "TargetGroup", "targetgroup/b/2")}}
		}
		var all []cbor.Value
		for _, id := range requested(in) {
			all = append(all, seriesAnswer(id, "Complete", 3))
		}
		return "", results("", all...)
	})
	rec, sum := collect(t, a, requests, 0)
	want := []string{
		"12:00 3 arn:aws:elasticloadbalancing:eu-west-1:012345678901:targetgroup/a/1",
		"12:00 3 arn:aws:elasticloadbalancing:eu-west-1:012345678901:targetgroup/b/2",
	}
	if diff := cmp.Diff(want, rec.samples()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ListMetrics", "ListMetrics", "GetMetricData"}, a.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if sum.Counts.Pages != 3 || sum.Counts.CostMicros != 40 || len(sum.Gaps) != 0 {
		t.Errorf("%+v", sum)
	}
	if got := rec.Of(envelope.TypeMetricSampled)[1].Properties.Get("dimensions"); got != `{"LoadBalancer":"app/prod/2","TargetGroup":"targetgroup/b/2"}` {
		t.Errorf("dimensions %s", got)
	}
}

// TestNothingDiscovered: a region without such a metric is complete.
func TestNothingDiscovered(t *testing.T) {
	t.Parallel()
	a := serve(t, func(string, cbor.Map) (string, cbor.Map) { return "", cbor.Map{"Metrics": cbor.List{}} })
	rec, sum := collect(t, a, requests, 0)
	if len(a.Calls()) != 1 || len(sum.Gaps) != 0 || len(rec.Of(envelope.TypeScanCompleted)) != 1 {
		t.Errorf("%v, %+v", a.Calls(), sum)
	}
}

// TestDiscoveryRefused: metrics that need no discovery are read anyway.
func TestDiscoveryRefused(t *testing.T) {
	t.Parallel()
	const both = `{"metrics":[{"namespace":"AWS/EC2","metric":"CPUUtilization","dimensions":{"InstanceId":"*"},"stats":["Average"],"period":60},
		{"namespace":"AWS/SQS","metric":"NumberOfMessagesSent","dimensions":{"QueueName":"q"},"stats":["Sum"],"period":60}]}`
	for name, again := range map[string]bool{"refused": false, "the same page again": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(call string, _ cbor.Map) (string, cbor.Map) {
				switch {
				case call == "ListMetrics" && again:
					return "", cbor.Map{"Metrics": cbor.List{}, "NextToken": cbor.String("x")}
				case call == "ListMetrics":
					return "AccessDenied", nil
				}
				return "", results("", seriesAnswer("q0", "Complete", 1))
			})
			rec, sum := collect(t, a, both, 0)
			want := producers.GapDenied
			if again {
				want = producers.GapInvalid
			}
			if len(rec.samples()) != 1 || len(sum.Gaps) != 1 || sum.Gaps[0].Reason != want || sum.Gaps[0].What != "AWS/EC2 CPUUtilization" || len(rec.Of(envelope.TypeScanCompleted)) != 0 {
				t.Errorf("%v, gaps %+v", rec.samples(), sum.Gaps)
			}
		})
	}
}
