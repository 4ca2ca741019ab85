package cloudwatch

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/awscatalog"
)

// sampler makes the events of one series.
type sampler struct {
	series   *series
	place    awscatalog.Place
	observed time.Time
	origin   string
	// base is what all samples share, identity what their ids are made of beside their
	// time.
	base     envelope.ResourceEvent
	identity []string
}

// newSampler makes the events of a series. marks tell it apart from others where it does
// not do that itself, as in recordings.
func newSampler(s *series, p awscatalog.Place, observed time.Time, marks ...string) *sampler {
	m := &sampler{series: s, place: p, observed: observed, origin: "monitoring.GetMetricData"}
	m.identity = []string{p.Account, p.Region, s.namespace, s.metric, s.stat, seconds(s.period), s.unit}
	for _, d := range s.dimensions {
		m.identity = append(m.identity, d.name, d.value)
	}
	m.identity = append(m.identity, marks...)
	m.base = envelope.ResourceEvent{
		EventType: envelope.TypeMetricSampled, Source: Source, ObservedAt: observed, Platform: envelope.PlatformAWS,
		AccountID: p.Account, Region: p.Region, Properties: s.properties(),
	}
	s.resolve(p, &m.base)
	return m
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// event is the event of one sample, whose value is finite.
func (m *sampler) event(at time.Time, value float64) envelope.ResourceEvent {
	at = at.UTC().Truncate(time.Millisecond)
	e := m.base
	e.TS, e.MetricValue = at, &value
	if m.series.period > 0 {
		e.PeriodEnd = at.Add(m.series.period)
	}
	e.EventID = envelope.NewEventID(Source, at, m.identity...)
	e.Properties = slices.Clone(e.Properties)
	return e
}

func (s *series) properties() envelope.Pairs {
	var p envelope.Pairs
	if len(s.dimensions) > 0 {
		p.Set("dimensions", dimensionsText(s.dimensions))
	}
	p.SetSome("metric", s.metric)
	p.SetSome("namespace", s.namespace)
	if s.period > 0 {
		p.Set("period", seconds(s.period))
	}
	p.SetSome("stat", s.stat)
	p.SetSome("unit", s.unit)
	return p
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// dimensionsText is a JSON object of dimensions, in their order.
func dimensionsText(dimensions []dimension) string {
	m := make(map[string]string, len(dimensions))
	for _, d := range dimensions {
		m[d.name] = d.value
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return "" // a map of texts does not fail
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// failure tells of a value that no event can hold: CloudWatch keeps what was put into it,
// and some put a NaN.
func (m *sampler) failure(at time.Time, value float64) queue.Failure {
	body, err := json.Marshal(map[string]string{
		"namespace": m.series.namespace, "metric": m.series.metric, "stat": m.series.stat, "dimensions": dimensionsText(m.series.dimensions),
		"timestamp": at.UTC().Format(time.RFC3339Nano), "value": strconv.FormatFloat(value, 'g', -1, 64),
	})
	if err != nil {
		body = []byte(m.series.what()) // a map of texts does not fail
	}
	return queue.Failure{
		Reason: queue.ReasonMalformedRecord, Err: "metric_value: not a finite number", Unit: queue.UnitPart, Body: body, Origin: m.origin,
		FirstSeen: m.observed, LastSeen: m.observed,
	}
}
