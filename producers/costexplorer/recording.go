package costexplorer

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
	"polo/internal/queue"
)

// Recording holds what a recorded answer does not state itself. All but ObservedAt may be empty.
type Recording struct {
	// Name is the file's name: "get_cost_and_usage_daily_by_service_2024-02-01.json" states the
	// granularity and the groups.
	Name string
	// Payer is the account that was queried.
	Payer string
	// View is the name of the view that the events belong to; empty if they are costs.
	View string
	// Granularity and GroupBy are the request's.
	Granularity types.Granularity
	GroupBy     []Group
	ObservedAt  time.Time
	// Identity maps tags to an owner; nil means no owner.
	Identity func(tags envelope.Pairs) (customer, cluster, index string)
}

// Recorded is what a recording holds.
type Recorded struct {
	Events []envelope.ResourceEvent
	// Rejected are the groups that did not become a line, and why.
	Rejected []queue.Failure
	// Granularity and GroupBy are those of the events. An unknown group has no key.
	Granularity types.Granularity
	GroupBy     []Group
	// Spans are the answered periods.
	Spans []Span
	// Truncated means that pages are missing from the recording: it completes nothing.
	Truncated bool
}

// Span is a period, its end exclusive, UTC.
type Span struct{ From, To time.Time }

// NormaliseRecording returns the events of a recorded answer of GetCostAndUsage or
// GetCostAndUsageWithResources: as the API, the AWS CLI or an SDK gave it, wrapped by botocore's
// recorder ({"status_code", "data"}), only its list of results, or a list of its pages. For any
// other input the error wraps a *recording.Error.
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
