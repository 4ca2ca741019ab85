package cur

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"gocloud.dev/gcerrors"
	"golang.org/x/sync/errgroup"

	"polo/internal/queue"
	"polo/producers"
)

// file reads one file.
func (r *reader) file(ctx context.Context, c *current, o object, number int32) error {
	c.begin(r, o.Name)
	err := r.read(ctx, c, o, number)
	if err == nil {
		err = c.rejects.Done(ctx, o.Name)
	}
	return err
}

func (r *reader) read(ctx context.Context, c *current, o object, number int32) error {
	in, err := openFile(ctx, r.tree, o.Name, cmp.Or(r.pages, defaultPages))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case c.loose && (errors.Is(err, errNoBill) || errors.Is(err, errEmpty)):
		why := skipNoBill
		if errors.Is(err, errEmpty) {
			why = skipEmpty
		}
		r.tally.Skipped = append(r.tally.Skipped, Skipped{o.Name, why})
		return nil
	case err != nil:
		c.why = "a file could not be read"
		if errors.Is(err, fs.ErrNotExist) || gcerrors.Code(err) == gcerrors.NotFound {
			c.why = "a file is missing"
		}
		lost := damage{problem: err.Error()}
		lost.data, lost.cutFrom = r.head(ctx, o)
		return r.reject(ctx, c, queue.ReasonUnreadableFile, o.Name, "", lost)
	}
	r.tally.Files++
	err = r.rows(ctx, c, o.Name, number, in)
	r.tally.columns(in.shape())
	if e := in.close(); err == nil && e != nil {
		c.why = "a file could not be closed"
	}
	return err
}

// rows reads a file's rows on one goroutine, and turns them into events on another.
func (r *reader) rows(ctx context.Context, c *current, name string, number int32, in rowSource) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, reading := errgroup.WithContext(ctx)
	free, full := make(chan *batch, 3), make(chan *batch, 3)
	for range cap(free) {
		free <- &batch{}
	}
	g.Go(func() error {
		defer close(full)
		for {
			var b *batch
			select {
			case b = <-free:
			case <-reading.Done():
				return nil
			}
			b.reset()
			err := in.next(b)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				b.damage = &damage{problem: err.Error()}
			}
			full <- b // full has room for every batch
			if err != nil {
				return nil
			}
		}
	})
	g.Go(func() error {
		f := fileState{number: number, bills: map[billKey]*bill{}}
		for b := range full {
			if err := r.batch(reading, c, name, b, &f); err != nil {
				return err
			}
			free <- b
		}
		f.markBills(c)
		if c.loose {
			f.checkSameNames(name)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// fileState is the state of one file that is being read.
type fileState struct {
	number int32 // its place in the delivery
	bills  map[billKey]*bill
	// why says what is wrong with the file and may affect any of its bills, "" if nothing is.
	why string
}

// markBills marks every bill in the file incomplete if the file is damaged; if it holds no bill,
// the whole delivery is.
func (f *fileState) markBills(c *current) {
	if f.why == "" {
		return
	}
	if len(f.bills) == 0 {
		c.why = orElse(c.why, f.why)
	}
	for _, b := range f.bills {
		b.markIncomplete(f.why)
	}
}

// checkSameNames marks bills incomplete if another folder has a file of the same name: the
// deliveries of a report use the same names, and both would count. Folders such as day=3 are
// partitions of one delivery.
func (f *fileState) checkSameNames(name string) {
	folder, base := path.Split(name)
	for _, b := range f.bills {
		other, there := b.folders[base]
		if there && other != folder && !strings.Contains(other, "=") && !strings.Contains(folder, "=") {
			b.markIncomplete(fmt.Sprintf("%s%s and %s may be of two deliveries of it, and both count: give one of them", other, base, name))
		}
		if b.folders == nil {
			b.folders = map[string]string{}
		}
		b.folders[base] = folder
	}
}

// emitEvery is the number of events per Emit.
const emitEvery = 128

func (r *reader) batch(ctx context.Context, c *current, name string, b *batch, f *fileState) error {
	c.layout = b.layout
	for i := range b.rows {
		r.tally.Lines++
		if err := r.row(ctx, c, name, &b.rows[i], f); err != nil {
			return err
		}
		if len(c.events) >= emitEvery {
			if err := r.emit(ctx, c); err != nil {
				return err
			}
		}
	}
	if err := r.emit(ctx, c); err != nil {
		return err
	}
	if d := b.damage; d != nil {
		f.why = "a file could not be read to its end"
		return r.reject(ctx, c, queue.ReasonUnreadableFile, place(name, d.at), "", *d)
	}
	return nil
}

func (r *reader) row(ctx context.Context, c *current, name string, w *row, f *fileState) error {
	if w.problem != "" {
		f.why = orElse(f.why, whyRejected)
		return r.reject(ctx, c, queue.ReasonMalformedRecord, place(name, w.number), "", damage{problem: w.problem, data: []byte(w.raw)})
	}
	l, err := c.line(w)
	if !l.bill.start.IsZero() && r.elsewhere(l.bill, owner{c.name, c.layout.kind}) {
		r.tally.Elsewhere++
		r.skipOnce(name)
		return nil
	}
	reason := queue.ReasonMalformedRecord
	if err == nil {
		l.event.ObservedAt = r.scan.ObservedAt
		if err = l.event.Validate(); err != nil {
			reason = queue.ReasonInvalidEvent
		}
	}
	if err != nil {
		if b := c.billOfLine(l.bill, f); b != nil {
			b.markIncomplete(whyRejected)
		} else {
			f.why = orElse(f.why, whyRejected)
		}
		return r.reject(ctx, c, reason, place(name, w.number), orElse(l.event.AccountID, l.bill.payer), damage{problem: err.Error(), data: w.original(c.layout)})
	}
	b := c.billOfLine(l.bill, f)
	if c.loose && len(c.files) > 1 {
		if again, same := c.repetitions.of(c.layout, w, f.number); again {
			r.tally.Repeated++
			if !same {
				b.markIncomplete("a line id came in two files with two amounts: " + place(name, w.number) + " is not counted")
			}
			return nil
		}
	}
	b.add(&l)
	c.lines++
	r.tally.add(&l)
	c.layout.seen(&l)
	c.events = append(c.events, l.event)
	return nil
}

const whyRejected = "rows were rejected"

func (r *reader) skipOnce(name string) {
	if !slices.ContainsFunc(r.tally.Skipped, func(s Skipped) bool { return s.Name == name }) {
		r.tally.Skipped = append(r.tally.Skipped, Skipped{name, skipOtherBill})
	}
}

// billOfLine returns the bill of a line, nil if unknown.
func (c *current) billOfLine(k billKey, f *fileState) *bill {
	if k.start.IsZero() {
		return nil
	}
	if b := f.bills[k]; b != nil {
		return b
	}
	// The row's text keeps its whole batch in memory.
	k.payer = strings.Clone(k.payer)
	b := c.bills[k]
	if b == nil {
		b = &bill{}
		c.bills[k] = b
	}
	f.bills[k] = b
	return b
}

func (r *reader) emit(ctx context.Context, c *current) error {
	if len(c.events) == 0 {
		return nil
	}
	err := r.scan.Emit(ctx, c.events...)
	clear(c.events)
	c.events = c.events[:0]
	return err
}

// reject adds a failure. account is the account of a row, "" if unknown: then it is the delivery's.
func (r *reader) reject(_ context.Context, c *current, reason queue.Reason, origin, account string, d damage) error {
	r.tally.Rejected[reason]++
	if len(d.data) == 0 {
		d.data = []byte(origin) // without bytes the failure would look like a lost one
	}
	at := producers.Place{File: c.reading, Offset: c.rejected}
	c.rejected++
	if number, found := strings.CutPrefix(origin, c.reading+"#"); found {
		at.Number, _ = strconv.ParseInt(number, 10, 64) // 0 if it is not a number
	}
	c.rejects.Add(at, queue.Failure{
		Reason: reason, Err: d.problem, Unit: queue.UnitPart, Body: d.data, CutFrom: d.cutFrom, Origin: origin,
		AccountID: strings.Clone(orElse(account, c.payer)), // as in billOfLine
	})
	return nil
}

// begin sets the file of the next rejects.
func (c *current) begin(r *reader, name string) {
	c.reading, c.rejected = name, 0
	c.rejects = producers.NewFileRejects(r.scan.RejectOfBill)
}

// head returns the start of a file that cannot be read, and the file's size if that is more.
func (r *reader) head(ctx context.Context, o object) (data []byte, cutFrom int) {
	in, err := r.tree.Open(ctx, o.Name)
	if err != nil {
		return nil, 0
	}
	data, err = io.ReadAll(io.LimitReader(in, maxKept))
	if err = errors.Join(err, in.Close()); err != nil || int64(len(data)) == o.Size {
		return data, 0
	}
	return data, int(o.Size)
}

func place(name string, number int64) string {
	if number == 0 {
		return name
	}
	return fmt.Sprintf("%s#%d", name, number)
}
