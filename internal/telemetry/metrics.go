// Package telemetry emits the metrics and traces of Polo's functions.
package telemetry

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Namespace is the CloudWatch namespace of all metrics.
const Namespace = "Polo"

// Unit is a unit as CloudWatch names it.
type Unit string

// Units in use.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
	None         Unit = "None" // dollars, for example
	// Fact is the unit of a value that is no metric: it is in the log line, for searches.
	Fact Unit = ""
)

// Metric is one value. A value of zero is written as a fact: CloudWatch charges for each metric in
// each hour in which it is written, and no data means the same as zero.
type Metric struct {
	Name  string
	Unit  Unit
	Value float64
}

// Dimension separates values of one metric.
type Dimension struct{ Name, Value string }

// Metrics writes metrics to the log that CloudWatch extracts them from. Safe for concurrent use;
// nil writes nothing.
//
// Source: AWS, "Specification: Embedded metric format".
type Metrics struct {
	mu   sync.Mutex
	w    io.Writer
	dims []Dimension
	now  func() time.Time
}

// NewMetrics returns Metrics that write to w, a line at a time. Every metric has these dimensions,
// except those with an empty value.
func NewMetrics(w io.Writer, now func() time.Time, dims ...Dimension) *Metrics {
	return &Metrics{w: w, now: now, dims: given(dims)}
}

func given(dims []Dimension) []Dimension {
	return slices.DeleteFunc(slices.Clone(dims), func(d Dimension) bool { return d.Value == "" })
}

// maxMetrics is how many metrics one line may hold.
const maxMetrics = 100

type definition struct {
	Name string `json:"Name"`
	Unit Unit   `json:"Unit"`
}

type directive struct {
	Namespace  string       `json:"Namespace"`
	Dimensions [][]string   `json:"Dimensions"`
	Metrics    []definition `json:"Metrics"`
}

type metadata struct {
	Timestamp         int64       `json:"Timestamp"`
	CloudWatchMetrics []directive `json:"CloudWatchMetrics"`
}

// Put writes values with the current time on one line. The metrics have the common dimensions and
// these.
func (m *Metrics) Put(values []Metric, more ...Dimension) error {
	if m == nil || len(values) == 0 {
		return nil
	}
	dims := slices.Concat(m.dims, given(more))
	for part := range slices.Chunk(values, maxMetrics) {
		line := map[string]any{}
		names := []string{}
		for _, d := range dims {
			names = append(names, d.Name)
			line[d.Name] = d.Value
		}
		told := directive{Namespace: Namespace, Dimensions: [][]string{names}}
		for _, v := range part {
			line[v.Name] = v.Value
			if v.Unit != Fact && v.Value != 0 {
				told.Metrics = append(told.Metrics, definition{v.Name, v.Unit})
			}
		}
		if len(told.Metrics) > 0 {
			line["_aws"] = metadata{Timestamp: m.now().UnixMilli(), CloudWatchMetrics: []directive{told}}
		}
		text, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("encoding metrics: %w", err) // a value that is NaN or infinite
		}
		m.mu.Lock()
		_, err = m.w.Write(append(text, '\n'))
		m.mu.Unlock()
		if err != nil {
			return fmt.Errorf("writing metrics: %w", err)
		}
	}
	return nil
}
