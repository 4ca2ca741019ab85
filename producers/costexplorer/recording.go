package costexplorer

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
	"polo/internal/queue"
)

// Recording says of a recorded answer what it does not say itself. All but ObservedAt
// may be left empty.
type Recording struct {
	// Name is the file's: "get_cost_and_usage_daily_by_service_2024-02-01.json" tells
	// the granularity and what is grouped by.
	Name string
	// Payer is the account that was asked.
	Payer string
	// View is empty where the recording is of costs that nothing else tells, and else the
	// name of the view that its events belong to.
	View string
	// Granularity and GroupBy are those of the request.
	Granularity types.Granularity
	GroupBy     []Group
	ObservedAt  time.Time
	// Identity reads whose a line is off its tags; nil: nobody's.
	Identity func(tags envelope.Pairs) (customer, cluster, index string)
}

// Recorded is what a recording holds.
type Recorded struct {
	Events []envelope.ResourceEvent
	// Rejected are the groups that are no cost lines, and why.
	Rejected []queue.Failure
	// Granularity and GroupBy are what the events were read as. A group that could not
	// be told has no key.
	Granularity types.Granularity
	GroupBy     []Group
	// Spans are the periods that were answered.
	Spans []Span
	// Truncated tells that there were more pages, which are not in the recording: no
	// completion follows from it.
	Truncated bool
}

// Span is a period, its end exclusive, UTC.
type Span struct{ From, To time.Time }

// NormaliseRecording makes the events of a recorded answer of GetCostAndUsage or
// GetCostAndUsageWithResources: as the API, the AWS CLI or an SDK gave it, in the
// wrapping of botocore's recorder ({"status_code", "data"}), its list of results alone,
// or a list of its pages. Of whatever else it is given the error wraps a
// *RecordingError.
func NormaliseRecording(data []byte, r Recording) (Recorded, error) {
	pages, err := readRecording(data)
	if err != nil {
		return Recorded{}, err
	}
	var out Recorded
	p, bad := pages.results(r.Name, r.ObservedAt)
	out.Rejected = bad
	out.Granularity = granularityOf(r, p.Results)
	out.GroupBy = groupsOf(r, pages.definitions(), p.Results)
	out.Truncated = pages.truncated()
	view := View{Name: r.View}
	m := newMaker(view.source(), view.eventType(), r.Payer, out.Granularity, out.GroupBy)
	m.observed = r.ObservedAt
	if r.Name != "" {
		m.origin = r.Name
	}
	currency := p.currency()
	for _, one := range p.Results {
		span, err := one.TimePeriod.span()
		if err != nil {
			out.Rejected = append(out.Rejected, m.failure(one, group{}, err))
			continue
		}
		out.Spans = append(out.Spans, Span{span.from, span.to})
		lines, failures := m.lines(one, span, currency)
		out.Rejected = append(out.Rejected, failures...)
		for i := range lines {
			if r.Identity != nil {
				lines[i].MarqoCustomer, lines[i].MarqoCluster, lines[i].MarqoIndex = r.Identity(lines[i].Tags)
			}
		}
		out.Events = append(out.Events, lines...)
	}
	return out, nil
}
