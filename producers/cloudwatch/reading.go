package cloudwatch

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"polo/producers"
)

// reading reads one scope.
type reading struct {
	scan   *producers.Scan
	client *cloudwatch.Client
	// gaps is set after a gap; failed counts the consecutive failed requests.
	gaps   bool
	failed int
}

// emitError wraps an error of the emitter, which ends the run.
type emitError struct{ err error }

func (e *emitError) Error() string { return e.err.Error() }
func (e *emitError) Unwrap() error { return e.err }

func (r *reading) gap(ctx context.Context, what string, err error) {
	r.gaps = true
	r.scan.Gap(ctx, what, err)
}

// batch reads the samples of one request, with all its pages.
func (r *reading) batch(ctx context.Context, batch []series) error {
	in := &cloudwatch.GetMetricDataInput{
		StartTime: &batch[0].from, EndTime: &batch[0].to, MetricDataQueries: queries(batch),
		// Oldest first: a run that is cut short then has the samples that later runs do not read
		// again.
		ScanBy: types.ScanByTimestampAscending,
	}
	byID := make(map[string]*series, len(batch))
	for i := range batch {
		byID[queryID(i)] = &batch[i]
	}
	last := make(map[string]outcome, len(batch))
	for {
		if err := r.scan.Wait(ctx, dataRate()); err != nil {
			return err
		}
		if err := r.scan.Spend(int64(len(batch)) * metricMicros); err != nil {
			return err
		}
		out, err := r.client.GetMetricData(ctx, in)
		if err != nil {
			return fmt.Errorf("reading metrics: %w", err)
		}
		r.scan.Page()
		if err := r.page(ctx, batch, byID, last, out); err != nil {
			return err
		}
		next := aws.ToString(out.NextToken)
		if next == "" {
			r.checkAnswered(ctx, batch, last)
			return nil
		}
		if next == aws.ToString(in.NextToken) {
			return fmt.Errorf("reading metrics: the same page again: %w", producers.ErrInvalidAnswer)
		}
		in.NextToken = &next
	}
}

// page emits the samples of a page.
func (r *reading) page(ctx context.Context, batch []series, byID map[string]*series, last map[string]outcome, out *cloudwatch.GetMetricDataOutput) error {
	for _, result := range out.MetricDataResults {
		id := aws.ToString(result.Id)
		s, ok := byID[id]
		if !ok {
			return fmt.Errorf("reading metrics: a series that was not asked for: %w", producers.ErrInvalidAnswer)
		}
		last[id] = outcomeOf(result)
		if len(result.Timestamps) != len(result.Values) {
			r.gap(ctx, s.what(), fmt.Errorf("%d times of %d values: %w", len(result.Timestamps), len(result.Values), producers.ErrInvalidAnswer))
			continue
		}
		if err := r.samples(ctx, s, result); err != nil {
			return err
		}
	}
	// Messages are about the request, such as that it matches too many series.
	for _, m := range out.Messages {
		for _, what := range whatsOf(batch) {
			r.gap(ctx, what, &statusError{code: aws.ToString(m.Code), text: aws.ToString(m.Value)})
		}
	}
	return nil
}

func (r *reading) samples(ctx context.Context, s *series, result types.MetricDataResult) error {
	m := newSampler(s, placeOf(r.scan.Region, r.scan.Account.ID), r.scan.ObservedAt)
	for i, at := range result.Timestamps {
		if v := result.Values[i]; !finite(v) {
			// Reject adds the gap.
			r.gaps = true
			if err := r.scan.Reject(ctx, s.what(), m.failure(at, v)); err != nil {
				return &emitError{err}
			}
			continue
		}
		if err := r.scan.Emit(ctx, m.event(at, result.Values[i])); err != nil {
			return &emitError{err}
		}
	}
	return nil
}

// checkAnswered adds gaps for the series without a full answer.
func (r *reading) checkAnswered(ctx context.Context, batch []series, last map[string]outcome) {
	for i := range batch {
		o, answered := last[queryID(i)]
		switch {
		case !answered:
			r.gap(ctx, batch[i].what(), fmt.Errorf("a series without an answer: %w", producers.ErrInvalidAnswer))
		case o.status != types.StatusCodeComplete:
			r.gap(ctx, batch[i].what(), &statusError{code: string(o.status), text: o.messages})
		}
	}
}
