package cur

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/tree"
)

// reader reads deliveries into a scan, one after the other.
type reader struct {
	scan  *producers.Scan
	tree  tree.Tree
	tally *tally
	// currency is the currency of files that name none.
	currency string
	// partial means that no bill is complete.
	partial bool
	// pages is Files.Pages.
	pages int64
	// doubt says why files without a manifest may be incomplete, "" without doubt.
	doubt string
	// owners are the bills read so far, by where they came from: two reports of one bill would
	// count its costs twice.
	owners   map[billKey]owner
	progress func(Progress)
}

// owner is where a bill is read from.
type owner struct {
	delivery string
	kind     kind
}

// current is the delivery being read.
type current struct {
	*delivery
	// rejects are those of the current file, rejected their number.
	rejects  *producers.FileRejects
	reading  string
	rejected int64
	normaliser
	bills map[billKey]*bill
	lines int64
	// why says what is wrong with the delivery as a whole, "" if nothing is.
	why string
	// repetitions is used for files without a manifest.
	repetitions repetitions
	events      []envelope.ResourceEvent
}

// delivery reads one delivery and publishes how each of its bills ended. The error is the
// emitter's, or the context's.
func (r *reader) delivery(ctx context.Context, d *delivery) error {
	content := digests(ctx, r.tree, d.files)
	if d.loose {
		content = r.withoutCopies(d, content)
	}
	c := &current{
		delivery: d, bills: map[billKey]*bill{}, why: d.doubt,
		normaliser: normaliser{identity: newIdentity(d.id, content), currency: orElse(r.currency, NoCurrency), period: d.period, reportAccount: d.payer},
	}
	if d.payer != "" && d.countable() {
		// A delivery without a line is a bill of zero.
		c.bills[billKey{source: Source, payer: d.payer, start: d.start, end: d.end}] = &bill{}
	}
	c.begin(r, d.manifest.name)
	for _, key := range d.missing {
		c.why = "files that the manifest names are missing"
		// The body is the key: there are no other bytes.
		lost := damage{problem: "the manifest " + d.manifest.name + " names it, but it does not exist", data: []byte(key)}
		if err := r.reject(ctx, c, queue.ReasonUnreadableFile, key, "", lost); err != nil {
			return err
		}
	}
	if err := c.rejects.Done(ctx, d.manifest.name); err != nil {
		return err
	}
	for i, o := range d.files {
		c.identity.file = content[i]
		if err := r.file(ctx, c, o, int32(i)); err != nil {
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

// withoutCopies removes files with the same content as another, and returns the digests of the
// rest.
func (r *reader) withoutCopies(d *delivery, content []string) []string {
	first := map[string]string{} // digest -> name
	var files []object
	var kept []string
	for i, o := range d.files {
		digest, _, copied := strings.Cut(content[i], copyMark)
		if copied {
			r.tally.Skipped = append(r.tally.Skipped, Skipped{o.Name, "a copy of " + first[digest]})
			continue
		}
		first[digest] = o.Name
		files, kept = append(files, o), append(kept, content[i])
	}
	d.files = files
	return kept
}

// finish publishes how each bill of the delivery ended.
func (r *reader) finish(ctx context.Context, c *current) error {
	keys := make([]billKey, 0, len(c.bills))
	for k := range c.bills {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareBills)
	reported := false
	for _, k := range keys {
		b := c.bills[k]
		if b.lines == 0 && (r.owned(k, c.name) || c.lines > 0 && b.why == "") {
			continue
		}
		reported = true
		r.tally.Bills = append(r.tally.Bills, r.end(ctx, c, k, b))
	}
	if c.why != "" && !reported {
		r.scan.Gap(ctx, c.name, fmt.Errorf("%w: %s", producers.ErrInvalidAnswer, c.why))
	}
	return nil
}

// end publishes how the delivery of one bill ended.
func (r *reader) end(ctx context.Context, c *current, k billKey, b *bill) BillSummary {
	out := producers.Bill{Source: k.source, PayerAccount: k.payer, From: k.start, To: k.end, Delivery: c.identity.delivery(k), ReportAccount: c.reportOf(k), Lines: b.lines}
	s := BillSummary{
		Payer: k.payer, BillingPeriod: k.start.Format(time.DateOnly), ReportAccount: out.ReportAccount, Delivery: out.Delivery, Lines: b.lines,
		Source: k.source, Amounts: b.summary(), Why: orElse(c.why, b.why),
	}
	reason := producers.GapInvalid
	switch {
	case r.partial:
		reason, s.Why = producers.GapPartial, "only a part of it was given"
	case s.Why != "":
	case k.payer == "":
		s.Why = "it names no payer and no account"
	case !(period{k.start, k.end}).countable():
		s.Why = "its billing period is not one of whole days within a year"
	default:
		s.Complete = true
		r.scan.CompletedBill(out)
		return s
	}
	if (period{k.start, k.end}).valid() {
		r.scan.IncompleteBill(out, k.name(), reason, errors.New(s.Why))
	} else {
		r.scan.Gap(ctx, k.name(), fmt.Errorf("%w: %s", producers.ErrInvalidAnswer, s.Why))
	}
	return s
}

// changed says why a delivery that was overwritten meanwhile is incomplete, "" if it was not.
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

// elsewhere reports whether a bill is read from another place; if from none yet, it records this
// one.
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
