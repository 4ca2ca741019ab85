package telemetry_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/internal/telemetry"
)

func at() time.Time { return time.UnixMilli(1760000000123) }

func TestMetrics(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := telemetry.NewMetrics(&out, at, telemetry.Dimension{Name: "Env", Value: "prod"}, telemetry.Dimension{Name: "Source"})
	if err := m.Put([]telemetry.Metric{{Name: "Events", Unit: telemetry.Count, Value: 12}, {Name: "LagSeconds", Unit: telemetry.Seconds, Value: 1.5}}, telemetry.Dimension{Name: "Reason", Value: "invalid_event"}); err != nil {
		t.Fatal(err)
	}
	want := `{"Env":"prod","Events":12,"LagSeconds":1.5,"Reason":"invalid_event","_aws":{"Timestamp":1760000000123,"CloudWatchMetrics":[` +
		`{"Namespace":"Polo","Dimensions":[["Env","Reason"]],"Metrics":[{"Name":"Events","Unit":"Count"},{"Name":"LagSeconds","Unit":"Seconds"}]}]}}` + "\n"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
}

func TestFactsAreNoMetrics(t *testing.T) {
	t.Parallel()
	const none = `{"Requests":3,"Retries":0}` + "\n"
	const one = `{"Events":1,"Requests":3,"Retries":0,"_aws":{"Timestamp":1760000000123,"CloudWatchMetrics":[` +
		`{"Namespace":"Polo","Dimensions":[[]],"Metrics":[{"Name":"Events","Unit":"Count"}]}]}}` + "\n"
	facts := []telemetry.Metric{{Name: "Requests", Unit: telemetry.Fact, Value: 3}, {Name: "Retries", Unit: telemetry.Count}}
	for want, values := range map[string][]telemetry.Metric{
		none: facts,
		one:  append(facts, telemetry.Metric{Name: "Events", Unit: telemetry.Count, Value: 1}),
	} {
		var out bytes.Buffer
		if err := telemetry.NewMetrics(&out, at).Put(values); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, out.String()); d != "" {
			t.Error(d)
		}
	}
}

func TestMetricsWithinLimits(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var many []telemetry.Metric
	for i := range 250 {
		many = append(many, telemetry.Metric{Name: fmt.Sprint("m", i), Unit: telemetry.Count, Value: 1})
	}
	m := telemetry.NewMetrics(&out, at)
	if err := m.Put(many); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	if len(lines) != 3 {
		t.Errorf("%d lines, want 3 of at most 100 metrics", len(lines))
	}
	if err := m.Put([]telemetry.Metric{{Name: "x", Value: math.NaN()}}); err == nil {
		t.Error("no number is written without an error")
	}
	var none *telemetry.Metrics
	if err := none.Put(many); err != nil {
		t.Error(err)
	}
}
