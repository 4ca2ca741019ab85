package producers

import (
	"strconv"
	"time"

	"polo/envelope"
)

// Bill is one delivery of a bill: what a payer owes for one billing period, as the source
// stated it once. Deliveries of a bill supersede each other as a whole, so each of its
// lines carries the delivery (envelope.PropDelivery) and has an event id that no other
// delivery gives.
type Bill struct {
	// Source is that of its lines.
	Source string
	// PayerAccount may be empty, where the source does not tell it.
	PayerAccount string
	// From (inclusive) to To (exclusive) is the billing period, UTC.
	From, To time.Time
	// Delivery identifies the delivery among all of the source.
	Delivery string
	// ReportAccount is the account that the delivery is the report of, where that is not
	// the payer.
	ReportAccount string
	// Lines is how many events were emitted of it, each with an id of its own.
	Lines int64
}

// CompletedBill notes that every line of a delivery was emitted. It counts once they have
// all arrived; no other scope or delivery can take it back.
func (s *Scan) CompletedBill(b Bill) {
	s.complete(completion{accountID: b.PayerAccount, from: b.From.UTC(), to: b.To.UTC(), bill: b})
}

// IncompleteBill notes that a delivery ended and is not the whole of its bill, and why.
// What names the bill to people. Its lines count, flagged as partial, as long as no whole
// delivery of the bill is known.
func (s *Scan) IncompleteBill(b Bill, what string, reason GapReason, err error) {
	g := Gap{AccountID: b.PayerAccount, What: what, Reason: reason, Error: err.Error(), bill: &b}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
}

// describe makes e the event that tells how a delivery ended. Read again, the delivery
// says so under the same id.
func (b Bill) describe(e *envelope.ResourceEvent) {
	e.Source, e.Platform, e.AccountID = b.Source, PlatformOf(b.Source), b.PayerAccount
	e.TS, e.PeriodEnd, e.Region, e.ResourceType = b.From.UTC(), b.To.UTC(), "", ""
	e.Properties.Set(envelope.PropDelivery, b.Delivery)
	e.Properties.Set(envelope.PropEvents, strconv.FormatInt(b.Lines, 10))
	e.Properties.SetSome(envelope.PropReportAccount, b.ReportAccount)
	e.EventID = envelope.NewEventID(e.Source, e.TS, "bill", b.PayerAccount, b.Delivery)
}
