package cloudwatch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/awscatalog"
	"polo/producers/recording"
)

// Recording holds what a recorded answer does not state itself, such as the request's namespace
// and dimensions. All but ObservedAt may be empty.
type Recording struct {
	// Name is the file's name.
	Name string
	// AccountID and Region are where it was recorded.
	AccountID, Region string
	// Namespace, Metric, Dimensions, Stat, Unit and Period are the request's. If Metric is empty,
	// the answer's label is the metric.
	Namespace, Metric string
	Dimensions        map[string]string
	Stat, Unit        string
	Period            time.Duration
	ObservedAt        time.Time
}

// Recorded is what a recording holds.
type Recorded struct {
	Events []envelope.ResourceEvent
	// Rejected are the values that did not become a sample, and why.
	Rejected []queue.Failure
	// Partial means that the answer is incomplete: there were more pages, or CloudWatch marked a
	// series as partial.
	Partial bool
}

// ErrNoValues means that the answer has no values: the metric was not reported in that time.
var ErrNoValues = errors.New("no values")

// NormaliseRecording returns the events of a recorded answer of GetMetricData or
// GetMetricStatistics: as the API, the AWS CLI or an SDK gave it, or wrapped by botocore's
// recorder ({"status_code", "data"}). For GetMetricStatistics, each statistic of a data point is
// one event. For any other input, and for an answer without values (ErrNoValues), the error is a
// *recording.Error.
func NormaliseRecording(data []byte, r Recording) (Recorded, error) {
	answer, err := readRecording(data)
	if err != nil {
		return Recorded{}, err
	}
	n := recordedSamples{recording: r, place: placeOf(r.Region, r.AccountID), seen: map[string]bool{}}
	if r.Namespace == "" || r.Metric == "" {
		// Different recordings with samples of the same time are probably of different series.
		sum := sha256.Sum256(data)
		n.mark = hex.EncodeToString(sum[:])
	}
	if answer.MetricDataResults != nil {
		n.data(answer)
	} else {
		n.statistics(answer)
	}
	if len(n.out.Events)+len(n.out.Rejected) == 0 {
		return Recorded{}, &recording.Error{Reason: queue.ReasonUnknownRecord, Err: ErrNoValues}
	}
	return n.out, nil
}

// recordedSamples turns one recording into events.
type recordedSamples struct {
	recording Recording
	place     awscatalog.Place
	// mark identifies a recording that does not say what it is of.
	mark string
	// seen holds the ids of the events so far.
	seen map[string]bool
	out  Recorded
}

// series returns the recording's series with this label and statistic.
func (n *recordedSamples) series(label, stat, unit string, period time.Duration) *series {
	r := n.recording
	s := &series{namespace: r.Namespace, metric: r.Metric, stat: stat, unit: unit, period: period}
	if s.metric == "" {
		s.metric = label
	}
	for name, value := range r.Dimensions {
		s.dimensions = append(s.dimensions, dimension{name, value})
	}
	sorted(s.dimensions)
	return s
}

func (n *recordedSamples) sampler(s *series, marks ...string) *sampler {
	if n.mark != "" {
		marks = append(marks, n.mark)
	}
	m := newSampler(s, n.place, n.recording.ObservedAt, marks...)
	if n.recording.Name != "" {
		m.origin = n.recording.Name
	}
	return m
}

func (n *recordedSamples) add(m *sampler, at stamp, value number) {
	v := float64(value)
	if !finite(v) {
		n.out.Rejected = append(n.out.Rejected, m.failure(at.Time, v))
		return
	}
	e := m.event(at.Time, v)
	f := m.failure(at.Time, v)
	switch err := e.Validate(); {
	case err != nil:
		f.Err = err.Error()
	case n.seen[e.EventID.String()]:
		f.Err = "the same time twice in a series"
	default:
		n.seen[e.EventID.String()] = true
		n.out.Events = append(n.out.Events, e)
		return
	}
	n.out.Rejected = append(n.out.Rejected, f)
}

// data reads the results of GetMetricData.
func (n *recordedSamples) data(a recordedAnswer) {
	n.out.Partial = a.NextToken != ""
	for _, result := range *a.MetricDataResults {
		n.out.Partial = n.out.Partial || result.StatusCode != "" && result.StatusCode != "Complete"
		s := n.series(result.Label, n.recording.Stat, n.recording.Unit, n.period(result.Timestamps))
		m := n.sampler(s, result.ID)
		if n.mark == "" && len(*a.MetricDataResults) == 1 {
			m = n.sampler(s)
		}
		if len(result.Timestamps) != len(result.Values) {
			f := m.failure(time.Time{}, 0)
			f.Err = "as many times as values: not so"
			n.out.Rejected = append(n.out.Rejected, f)
			continue
		}
		for i, at := range result.Timestamps {
			n.add(m, at, result.Values[i])
		}
	}
}

// statistics reads the data points of GetMetricStatistics, which have no order.
func (n *recordedSamples) statistics(a recordedAnswer) {
	times := make([]stamp, len(*a.Datapoints))
	for i, p := range *a.Datapoints {
		times[i] = p.Timestamp
	}
	period := n.period(times)
	for _, p := range *a.Datapoints {
		for _, v := range p.values() {
			n.add(n.sampler(n.series(a.Label, v.stat, p.Unit, period)), p.Timestamp, v.value)
		}
	}
}

// period returns the request's period if known, else the distance between three or more regular
// samples; 0 if unknown.
func (n *recordedSamples) period(times []stamp) time.Duration {
	if n.recording.Period > 0 {
		return n.recording.Period
	}
	return interval(times)
}
