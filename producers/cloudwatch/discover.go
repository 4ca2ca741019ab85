package cloudwatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"polo/internal/pattern"
	"polo/producers"
)

// discovered returns the existing series of a metric. A metric without wildcards is not looked
// up: ListMetrics shows a new metric only after a quarter of an hour, and forgets it after two
// weeks.
func discovered(ctx context.Context, s *producers.Scan, client *cloudwatch.Client, m Metric) ([]series, error) {
	if !m.hasWildcards() {
		return seriesOf(m, m.exact(), s.Window), nil
	}
	in := &cloudwatch.ListMetricsInput{Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: m.filters()}
	var out []series
	for {
		if err := s.Wait(ctx, listRate()); err != nil {
			return nil, err
		}
		if err := s.Spend(listMicros); err != nil {
			return nil, err
		}
		page, err := client.ListMetrics(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("listing metrics: %w", err)
		}
		s.Page()
		for _, found := range page.Metrics {
			if dimensions, ok := m.matches(found); ok {
				out = append(out, seriesOf(m, dimensions, s.Window)...)
			}
		}
		next := aws.ToString(page.NextToken)
		if next == "" {
			return out, nil
		}
		if next == aws.ToString(in.NextToken) {
			return nil, fmt.Errorf("listing metrics: the same page again: %w", producers.ErrInvalidAnswer)
		}
		in.NextToken = &next
	}
}

func (m Metric) hasWildcards() bool {
	for _, value := range m.Dimensions {
		if strings.Contains(value, "*") {
			return true
		}
	}
	return false
}

// exact returns the dimensions as configured.
func (m Metric) exact() []dimension {
	out := make([]dimension, 0, len(m.Dimensions))
	for name, value := range m.Dimensions {
		out = append(out, dimension{name, value})
	}
	return sorted(out)
}

// maxFilters bounds the dimensions that ListMetrics filters by.
const maxFilters = 10

// filters returns the dimensions to filter the list by, with their values if these have no
// wildcard.
func (m Metric) filters() []types.DimensionFilter {
	var out []types.DimensionFilter
	for _, d := range m.exact() {
		if len(out) == maxFilters {
			break
		}
		f := types.DimensionFilter{Name: &d.name}
		if !strings.Contains(d.value, "*") {
			f.Value = &d.value
		}
		out = append(out, f)
	}
	return out
}

// matches reports whether a listed metric has exactly the configured dimensions, and returns
// their values.
func (m Metric) matches(found types.Metric) ([]dimension, bool) {
	if len(found.Dimensions) != len(m.Dimensions) || aws.ToString(found.Namespace) != m.Namespace || aws.ToString(found.MetricName) != m.Name {
		return nil, false
	}
	out := make([]dimension, 0, len(found.Dimensions))
	for _, d := range found.Dimensions {
		name, value := aws.ToString(d.Name), aws.ToString(d.Value)
		wanted, ok := m.Dimensions[name]
		if !ok || !pattern.Matches(wanted, value) || slices.ContainsFunc(out, func(o dimension) bool { return o.name == name }) {
			return nil, false
		}
		out = append(out, dimension{name, value})
	}
	return sorted(out), true
}
