package producers

import (
	"strconv"
	"time"

	"polo/envelope"
)

// Bill is one delivery of a bill: what a payer owes for one billing period, as the source
// stated it at one time. A later delivery of a bill supersedes an earlier one as a whole.
// So each line carries its delivery (envelope.PropDelivery), and no two deliveries share
// an event id.
type Bill struct {
	// Source is the source of its lines.
	Source string
	// PayerAccount is empty if the source does not give it.
	PayerAccount string
	// From (inclusive) to To (exclusive) is the billing period, UTC.
	From, To time.Time
	// Delivery identifies the delivery within the source.
	Delivery string
	// ReportAccount is the account that the delivery reports on, if that is not the
	// payer.
	ReportAccount string
	// Lines is how many events were emitted for it, each with its own id.
	Lines int64
}

// CompletedBill records that every line of a delivery was emitted. It counts once all
// lines have arrived. Gaps of other scopes or deliveries do not withdraw it.
func (s *Scan) CompletedBill(b Bill) {
	s.complete(completion{accountID: b.PayerAccount, from: b.From.UTC(), to: b.To.UTC(), bill: b})
}

// IncompleteBill records that a delivery ended without being the whole bill, and why.
// what names the bill to people. Its lines count, flagged as partial, as long as no whole
// delivery of the bill is known.
func (s *Scan) IncompleteBill(b Bill, what string, reason GapReason, err error) {
	g := Gap{AccountID: b.PayerAccount, What: what, Reason: reason, Error: err.Error(), bill: &b}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
}

// describe makes e the event that says how a delivery ended. The same delivery gives the
// same event id when it is read again.
func (b Bill) describe(e *envelope.ResourceEvent) {
	e.Source, e.Platform, e.AccountID = b.Source, PlatformOf(b.Source), b.PayerAccount //mutant:completion-of-another-source
	e.TS, e.PeriodEnd, e.Region, e.ResourceType = b.From.UTC(), b.To.UTC(), "", ""
	e.Properties.Set(envelope.PropDelivery, b.Delivery)
	e.Properties.Set(envelope.PropEvents, strconv.FormatInt(b.Lines, 10))
	e.Properties.SetSome(envelope.PropReportAccount, b.ReportAccount)
	e.EventID = envelope.NewEventID(e.Source, e.TS, "bill", b.PayerAccount, b.Delivery)
}
