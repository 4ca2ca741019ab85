package cloudwatch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/awscatalog"
)

// Recording says of a recorded answer what it does not say itself: a request's namespace
// and dimensions are not in its answer. All but ObservedAt may be left empty.
type Recording struct {
	// Name is the file's.
	Name string
	// AccountID and Region are where it was recorded.
	AccountID, Region string
	// Namespace, Metric, Dimensions, Stat, Unit and Period are those of the request. A
	// metric that is not named is what the answer's label says.
	Namespace, Metric string
	Dimensions        map[string]string
	Stat, Unit        string
	Period            time.Duration
	ObservedAt        time.Time
}

// Recorded is what a recording holds.
type Recorded struct {
	Events []envelope.ResourceEvent
	// Rejected are the values that are no samples, and why.
	Rejected []queue.Failure
	// Partial tells that the answer does not hold all that was asked for: there were
	// more pages, or CloudWatch said so of a series.
	Partial bool
}

// ErrNoValues tells of an answer without values: a metric that nobody reported, in its
// time.
var ErrNoValues = errors.New("no values")

// NormaliseRecording makes the events of a recorded answer of GetMetricData or
// GetMetricStatistics: as the API, the AWS CLI or an SDK gave it, or in the wrapping of
// botocore's recorder ({"status_code", "data"}). Of GetMetricStatistics each statistic of
// a data point is one event. Whatever else it is given, and an answer without values
// (ErrNoValues), is a *RecordingError.
func NormaliseRecording(data []byte, r Recording) (Recorded, error) {
	answer, err := readRecording(data)
	if err != nil {
		return Recorded{}, err
	}
	n := recordedSamples{recording: r, place: placeOf(r.Region, r.AccountID), told: map[string]bool{}}
	if r.Namespace == "" || r.Metric == "" {
		// Samples of the same time in different recordings are likely to be of different
		// series.
		sum := sha256.Sum256(data)
		n.mark = hex.EncodeToString(sum[:])
	}
	if answer.MetricDataResults != nil {
		n.data(answer)
	} else {
		n.statistics(answer)
	}
	if len(n.out.Events)+len(n.out.Rejected) == 0 {
		return Recorded{}, &RecordingError{Reason: queue.ReasonUnknownRecord, Err: ErrNoValues}
	}
	return n.out, nil
}

// recordedSamples makes the events of one recording.
type recordedSamples struct {
	recording Recording
	place     awscatalog.Place
	// mark is what a recording that does not say what it is of is known by.
	mark string
	// told are the events so far, by id.
	told map[string]bool
	out  Recorded
}

// series is the recording's, of one label and statistic.
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
	case n.told[e.EventID.String()]:
		f.Err = "the same time twice in a series"
	default:
		n.told[e.EventID.String()] = true
		n.out.Events = append(n.out.Events, e)
		return
	}
	n.out.Rejected = append(n.out.Rejected, f)
}

// data are the results of GetMetricData.
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

// statistics are the data points of GetMetricStatistics, which come in no order.
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

// period is what the request is known to have said, else the one that three samples or
// more are apart by, all of them alike. It is zero where it is not known.
func (n *recordedSamples) period(times []stamp) time.Duration {
	if n.recording.Period > 0 {
		return n.recording.Period
	}
	return apart(times)
}
