package cloudwatch

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"polo/producers"
)

// dimension is one dimension of a series.
type dimension struct{ name, value string }

// series is one statistic of one metric with all its dimensions, in order of name.
type series struct {
	namespace, metric string
	dimensions        []dimension
	stat, unit        string
	period            time.Duration
	// from and to are the range to read.
	from, to time.Time
}

// what returns the metric's name in gaps.
func (s *series) what() string { return s.namespace + " " + s.metric }

// key identifies a series, whatever the order of its dimensions.
func (s *series) key() string {
	parts := []string{s.namespace, s.metric, s.stat, s.unit, s.period.String()}
	for _, d := range s.dimensions {
		parts = append(parts, d.name, d.value)
	}
	for i, p := range parts {
		parts[i] = strconv.Itoa(len(p)) + ":" + p
	}
	return strings.Join(parts, "")
}

// points returns the maximum number of samples.
func (s *series) points() int { return int(s.to.Sub(s.from) / s.period) }

// seriesOf returns the series of a metric with these dimensions.
func seriesOf(m Metric, dimensions []dimension, w producers.Window) []series {
	from, to := m.span(w)
	out := make([]series, 0, len(m.Stats))
	for _, stat := range m.Stats {
		out = append(out, series{
			namespace: m.Namespace, metric: m.Name, dimensions: dimensions, stat: stat, unit: m.Unit, period: m.period(), from: from, to: to,
		})
	}
	return out
}

func (m Metric) period() time.Duration { return time.Duration(m.Period) * time.Second }

// span returns the range to read for a window: whole periods, at least one, that have ended. A
// period that has not ended would have a preliminary value.
func (m Metric) span(w producers.Window) (from, to time.Time) {
	from = w.From.UTC().Add(-time.Duration(m.Lookback) * time.Second).Truncate(m.period())
	to = w.To.UTC().Truncate(m.period())
	if !from.Before(to) {
		from = to.Add(-m.period())
	}
	return from, to
}

// sorted returns dimensions in order of name.
func sorted(dimensions []dimension) []dimension {
	slices.SortFunc(dimensions, func(a, b dimension) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value)) })
	return dimensions
}

// unique drops duplicate series.
func unique(all []series) []series {
	seen := map[string]bool{}
	out := all[:0]
	for _, s := range all {
		if key := s.key(); !seen[key] {
			seen[key] = true
			out = append(out, s)
		}
	}
	return out
}

// batches splits series into requests: each has one span of time and keeps the limits of series
// and points. A series with more points than that is alone and has pages.
func batches(all []series) [][]series {
	slices.SortStableFunc(all, func(a, b series) int { return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to)) })
	var out [][]series
	points := 0
	for _, s := range all {
		n := len(out)
		fits := n > 0 && len(out[n-1]) < maxQueries && points+s.points() <= maxPoints && out[n-1][0].from.Equal(s.from) && out[n-1][0].to.Equal(s.to)
		if !fits {
			out, points, n = append(out, nil), 0, n+1
		}
		out[n-1] = append(out[n-1], s)
		points += s.points()
	}
	return out
}

// queries returns a batch's part of a request. The i-th query's id is "q" and i.
func queries(batch []series) []types.MetricDataQuery {
	out := make([]types.MetricDataQuery, len(batch))
	for i := range batch {
		s := &batch[i]
		id, period, stat := queryID(i), int32(s.period/time.Second), s.stat
		metric := &types.Metric{Namespace: &s.namespace, MetricName: &s.metric}
		for j := range s.dimensions {
			d := &s.dimensions[j]
			metric.Dimensions = append(metric.Dimensions, types.Dimension{Name: &d.name, Value: &d.value})
		}
		out[i] = types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{Metric: metric, Period: &period, Stat: &stat, Unit: types.StandardUnit(s.unit)}}
	}
	return out
}

func queryID(i int) string { return "q" + strconv.Itoa(i) }
