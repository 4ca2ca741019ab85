// Package telemetry is what Polo's functions tell of themselves beside their logs.
package telemetry

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Namespace is that of all metrics.
const Namespace = "Polo"

// Unit is a unit as CloudWatch names it.
type Unit string

// Units in use.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
	None         Unit = "None" // dollars, for one
	// Fact is the unit of what is no metric: it stands in the line, for whoever searches
	// the log.
	Fact Unit = ""
)

// Metric is one value. A value of zero is a fact: CloudWatch asks for money for each metric
// and hour in which it is told, and where nothing was counted, silence says the same.
type Metric struct {
	Name  string
	Unit  Unit
	Value float64
}

// Dimension tells values of one name apart.
type Dimension struct{ Name, Value string }

// Metrics writes metrics to a log that CloudWatch reads them from. Safe for concurrent use;
// nil writes nothing.
//
// Source: AWS, "Specification: Embedded metric format".
type Metrics struct {
	mu   sync.Mutex
	w    io.Writer
	dims []Dimension
	now  func() time.Time
}

// NewMetrics writes to w, a line at a time. Every metric has these dimensions; those without
// a value are left out.
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

// Put writes values of now in a line, the metrics among them under the dimensions of all and these.
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
			return fmt.Errorf("encoding metrics: %w", err) // a value that is no number
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
