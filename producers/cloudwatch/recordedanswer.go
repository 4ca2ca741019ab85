package cloudwatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// recordedAnswer is the JSON of either call. An empty list is not nil.
type recordedAnswer struct {
	// Members of GetMetricStatistics.
	Label      string
	Datapoints *[]datapoint
	// Members of GetMetricData.
	MetricDataResults *[]recordedResult
	NextToken         string
}

type recordedResult struct {
	ID         string `json:"Id"`
	Label      string
	Timestamps []stamp
	Values     []number
	StatusCode string
}

// datapoint holds a value for each requested statistic.
type datapoint struct {
	Timestamp                                   stamp
	SampleCount, Average, Sum, Minimum, Maximum *number
	ExtendedStatistics                          map[string]number
	Unit                                        string
}

type statValue struct {
	stat  string
	value number
}

// values returns a data point's statistics, in a fixed order.
func (p datapoint) values() []statValue {
	var out []statValue
	for _, v := range []struct {
		stat  string
		value *number
	}{{"SampleCount", p.SampleCount}, {"Average", p.Average}, {"Sum", p.Sum}, {"Minimum", p.Minimum}, {"Maximum", p.Maximum}} {
		if v.value != nil {
			out = append(out, statValue{v.stat, *v.value})
		}
	}
	for _, stat := range slices.Sorted(maps.Keys(p.ExtendedStatistics)) {
		out = append(out, statValue{stat, p.ExtendedStatistics[stat]})
	}
	return out
}

// readRecording unwraps a recording.
func readRecording(data []byte) (recordedAnswer, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if len(data) == 0 {
		return recordedAnswer{}, malformed("an empty file")
	}
	data = quoteNonFinite(data)
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return recordedAnswer{}, malformed("reading a recorded answer: %w", syntax(err))
	}
	status := 0
	if raw, ok := members["status_code"]; ok {
		if err := json.Unmarshal(raw, &status); err != nil {
			return recordedAnswer{}, malformed("reading status_code: %w", syntax(err))
		}
		if inner, ok := members["data"]; ok {
			if members = nil; json.Unmarshal(inner, &members) != nil {
				return recordedAnswer{}, malformed("data is not an object")
			}
			data = inner
		}
	}
	if code, ok := errorCode(members); ok || status >= http.StatusBadRequest {
		err := notSamples("the answer is an error of status %d", status)
		err.Code = code
		return recordedAnswer{}, err
	}
	var a recordedAnswer
	if !has(members, "Datapoints") && !has(members, "MetricDataResults") {
		return a, notSamples("neither Datapoints nor MetricDataResults among the members %s", strings.Join(slices.Sorted(maps.Keys(members)), ", "))
	}
	if err := json.Unmarshal(data, &a); err != nil {
		return a, malformed("reading a recorded answer: %w", syntax(err))
	}
	if a.Datapoints == nil && a.MetricDataResults == nil {
		return a, malformed("neither Datapoints nor MetricDataResults is a list")
	}
	return a, nil
}

func has(members map[string]json.RawMessage, name string) bool {
	for key := range members {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// errorCode returns the code of a recorded error: botocore's {"Error": {"Code"}} or the JSON
// protocol's own {"__type"}.
func errorCode(members map[string]json.RawMessage) (string, bool) {
	if raw, ok := members["__type"]; ok {
		var typ string
		_ = json.Unmarshal(raw, &typ) // if it is not text, the error has no code
		return typ[strings.LastIndexByte(typ, '#')+1:], true
	}
	var e struct{ Code string }
	if raw, ok := members["Error"]; ok && json.Unmarshal(raw, &e) == nil {
		return e.Code, true
	}
	return "", false
}

// syntax replaces an error of encoding/json, which may contain the value, by its type.
func syntax(err error) error { return fmt.Errorf("%T", err) }

// interval returns the distance of regular times: three or more, whose smallest distance divides
// every other. Otherwise it is 0.
func interval(times []stamp) time.Duration {
	const enough = 3
	order := make([]time.Time, len(times))
	for i, t := range times {
		order[i] = t.Time
	}
	slices.SortFunc(order, time.Time.Compare)
	order = slices.CompactFunc(order, time.Time.Equal)
	if len(order) < enough {
		return 0
	}
	step := order[1].Sub(order[0])
	for i := 2; i < len(order); i++ {
		step = min(step, order[i].Sub(order[i-1]))
	}
	for i := 1; i < len(order); i++ {
		if order[i].Sub(order[i-1])%step != 0 {
			return 0
		}
	}
	if step%time.Second != 0 {
		return 0
	}
	return step
}
