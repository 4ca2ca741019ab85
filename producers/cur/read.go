package cur

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/tree"
)

// reader reads deliveries, one after the other, into a scan.
type reader struct {
	scan  *producers.Scan
	tree  tree.Tree
	tally *tally
	// currency is that of files which name none.
	currency string
	// partial: nothing that is read is believed to be the whole of a bill.
	partial bool
	// doubt is why files without a manifest may not be all of a bill, "" if they may.
	doubt string
	// owners are the bills read so far, and from where: two reports of one bill would
	// count its costs twice.
	owners   map[billKey]owner
	progress func(Progress)
}

// owner is what a bill is read from.
type owner struct {
	delivery string
	kind     kind
}

// current is the delivery being read.
type current struct {
	*delivery
	normaliser
	bills map[billKey]*bill
	lines int64
	// why is what damaged the delivery as a whole, "" if nothing did.
	why    string
	events []envelope.ResourceEvent
}

// delivery reads one delivery and, if it was all there and sound, says that its bills
// are complete. The error is the emitter's, or that of a context that ended.
func (r *reader) delivery(ctx context.Context, d *delivery) error {
	c := &current{
		delivery: d, bills: map[billKey]*bill{}, why: d.doubt,
		normaliser: normaliser{currency: orElse(r.currency, NoCurrency), period: d.period},
	}
	if d.payer != "" && d.whole() {
		// A delivery without a line is a bill of nothing.
		c.bills[billKey{d.payer, d.start, d.end, Source}] = &bill{}
	}
	for _, key := range d.missing {
		c.why = "files that the manifest names are missing"
		// There are no bytes but the manifest's own, which name it.
		lost := damage{problem: "named by the manifest " + d.manifest.name + ", and not there", data: []byte(key)}
		if err := r.reject(ctx, c, queue.ReasonUnreadableFile, key, lost); err != nil {
			return err
		}
	}
	for _, o := range d.files {
		if err := r.file(ctx, c, o); err != nil {
			return err
		}
		if r.progress != nil {
			r.progress(Progress{Files: r.tally.Files, Lines: r.tally.Lines})
		}
	}
	if why := r.changed(ctx, d); why != "" && c.why == "" {
		c.why = why
	}
	return r.finish(ctx, c)
}

// finish says of each bill whether it is complete.
func (r *reader) finish(ctx context.Context, c *current) error {
	keys := make([]billKey, 0, len(c.bills))
	for k := range c.bills {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b billKey) int { return compareBills(a, b) })
	for _, k := range keys {
		b := c.bills[k]
		if b.lines == 0 && (r.owned(k, c.name) || c.lines > 0 && !b.damaged) {
			continue
		}
		s := BillSummary{Source: k.source, Payer: k.payer, BillingPeriod: k.start.Format("2006-01-02"), Lines: b.lines}
		switch {
		case r.partial:
			s.Why = "only a part of it was given"
		case c.why != "":
			s.Why = c.why
		case b.damaged:
			s.Why = "rows were rejected"
		case c.payer != "" && k.payer != c.payer:
			// A member of an organisation may have a report of its own, which holds its
			// part of the payer's bill.
			s.Why = "the report is of account " + c.payer + ", which is not the payer"
		case k.payer == "":
			s.Why = "it names no payer and no account"
		case !(period{k.start, k.end}).whole():
			s.Why = "its billing period is not one of whole days within a year"
		default:
			s.Complete = true
			r.scan.CompletedCostsOf(k.source, k.payer, k.start, k.end)
		}
		if !s.Complete && !r.partial && k.payer != "" {
			r.scan.Gap(ctx, k.name(), fmt.Errorf("%w: %s", producers.ErrInvalidAnswer, s.Why))
		}
		r.tally.Bills = append(r.tally.Bills, s)
	}
	return nil
}

// changed tells why a delivery that was overwritten meanwhile is not complete.
func (r *reader) changed(ctx context.Context, d *delivery) string {
	for _, o := range d.files {
		now, err := r.tree.Stat(ctx, o.Name)
		if err != nil {
			return "a file was removed while the delivery was read"
		}
		if now.Size != o.Size || !now.Modified.Equal(o.Modified) || o.ETag != "" && now.ETag != o.ETag {
			return "a file was overwritten while the delivery was read"
		}
	}
	return ""
}

// elsewhere tells whether a bill is read from something else; if from nothing, it is from
// here.
func (r *reader) elsewhere(k billKey, here owner) bool {
	o, ok := r.owners[k]
	if !ok {
		k.payer = strings.Clone(k.payer) // as in billOfLine
		r.owners[k] = here
		return false
	}
	return o != here
}

func (r *reader) owned(k billKey, delivery string) bool {
	o, ok := r.owners[k]
	return ok && o.delivery != delivery
}
