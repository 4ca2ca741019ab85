package cloudwatch

import (
	"time"

	"polo/envelope"
	"polo/producers"
)

// Span calls Metric.span.
func Span(m Metric, w producers.Window) (from, to time.Time) { return m.span(w) }

// ResolveSeries returns an event with the resource of a series with these dimensions.
func ResolveSeries(namespace string, dimensions map[string]string, region, account string) envelope.ResourceEvent {
	s := series{namespace: namespace}
	for name, value := range dimensions {
		s.dimensions = append(s.dimensions, dimension{name, value})
	}
	var e envelope.ResourceEvent
	s.resolve(placeOf(region, account), &e)
	return e
}
