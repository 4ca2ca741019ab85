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

// sampler turns the samples of one series into events.
type sampler struct {
	series   *series
	place    awscatalog.Place
	observed time.Time
	origin   string
	// base holds the fields that all samples share, identity the parts of their ids besides time.
	base     envelope.ResourceEvent
	identity []string
}

// newSampler returns the sampler of a series. marks distinguish series of recordings that do not
// say what they are of.
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

// event returns the event of one sample; value is finite.
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

// dimensionsText returns a JSON object of dimensions, in their order.
func dimensionsText(dimensions []dimension) string {
	m := make(map[string]string, len(dimensions))
	for _, d := range dimensions {
		m[d.name] = d.value
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return "" // a map of texts cannot fail
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// failure returns the failure for a value that no event can hold: CloudWatch stores NaN if a
// client sent it.
func (m *sampler) failure(at time.Time, value float64) queue.Failure {
	body, err := json.Marshal(map[string]string{
		"namespace": m.series.namespace, "metric": m.series.metric, "stat": m.series.stat, "dimensions": dimensionsText(m.series.dimensions),
		"timestamp": at.UTC().Format(time.RFC3339Nano), "value": strconv.FormatFloat(value, 'g', -1, 64),
	})
	if err != nil {
		body = []byte(m.series.what()) // a map of texts cannot fail
	}
	return queue.Failure{
		Reason: queue.ReasonMalformedRecord, Err: "metric_value: not a finite number", Unit: queue.UnitPart, Body: body, Origin: m.origin,
		FirstSeen: m.observed, LastSeen: m.observed,
	}
}
