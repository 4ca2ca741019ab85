package cloudwatch

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"polo/producers/recording"
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
		return recordedAnswer{}, recording.Malformed("an empty file")
	}
	data = quoteNonFinite(data)
	members, text, err := recording.Unwrap(data)
	if err != nil {
		return recordedAnswer{}, err
	}
	_, points := members.Get("Datapoints")
	_, results := members.Get("MetricDataResults")
	var a recordedAnswer
	if !points && !results {
		return a, recording.Unknown("neither Datapoints nor MetricDataResults among the members %s", members.Names())
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, recording.Malformed("reading a recorded answer: %w", recording.Syntax(err))
	}
	if a.Datapoints == nil && a.MetricDataResults == nil {
		return a, recording.Malformed("neither Datapoints nor MetricDataResults is a list")
	}
	return a, nil
}

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
