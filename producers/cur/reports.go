package cur

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"

	"polo/internal/account"
	"polo/producers"
	"polo/producers/tree"
)

// Report is one report or export that AWS delivers to a bucket.
type Report struct {
	// Account is the payer's account; the bucket is read with its credentials.
	Account string `json:"account"`
	// Bucket is a URL: s3://name?region=eu-west-1.
	Bucket string `json:"bucket"`
	// Prefix and Name are the report's settings at AWS. Without Name every report under Prefix is
	// read.
	Prefix string `json:"prefix"`
	Name   string `json:"name"`
}

// Reports is the collector that runs on a schedule. Each run reads the bills of the billing month
// of its scheduled time and of the month before, which AWS restates for some days after its end.
// Only deliveries with a manifest count.
type Reports struct {
	Reports []Report
	// Open opens a report's bucket; nil means blob.OpenBucket with the process's credentials. The
	// collector closes the bucket.
	Open func(ctx context.Context, r Report) (*blob.Bucket, error)
	// Logger logs what was read; nil discards it.
	Logger *slog.Logger
}

var _ producers.Collector = Reports{}

// ErrNoDelivery means that no manifest of a billing period was found.
var ErrNoDelivery = errors.New("no delivery of the billing period")

// Source implements producers.Collector.
func (c Reports) Source() string { return Source }

// Scopes implements producers.Collector: one scope per payer, because two reports of one bill
// must be read together. Payers need not be in accounts.
func (c Reports) Scopes(accounts []account.Account, _ []string) []producers.Scope {
	var scopes []producers.Scope
	for _, r := range c.Reports {
		if slices.ContainsFunc(scopes, func(s producers.Scope) bool { return s.Account.ID == r.Account }) {
			continue
		}
		a := account.Account{ID: r.Account}
		if i := slices.IndexFunc(accounts, func(a account.Account) bool { return a.ID == r.Account }); i >= 0 {
			a = accounts[i]
		}
		scopes = append(scopes, producers.Scope{Account: a})
	}
	return scopes
}

// Collect implements producers.Collector.
func (c Reports) Collect(ctx context.Context, s *producers.Scan) error {
	t := newTally()
	owners := map[billKey]owner{}
	for _, r := range c.Reports {
		if r.Account != s.Account.ID {
			continue
		}
		if err := c.report(ctx, s, r, t, owners); err != nil {
			return err
		}
	}
	if c.Logger != nil {
		sum := t.summary()
		c.Logger.InfoContext(ctx, "bills", slog.String("account_id", s.Account.ID), slog.Int("files", sum.Files), slog.Int64("lines", sum.Lines),
			slog.Int64("events", sum.Events), slog.Int("bills", len(sum.Bills)), slog.Any("rejected", sum.Rejected))
	}
	return nil
}

// report reads one report. A bucket that cannot be read is a gap, and the next report is read.
func (c Reports) report(ctx context.Context, s *producers.Scan, r Report, t *tally, owners map[billKey]owner) error {
	what := "report " + path.Join(r.Prefix, r.Name)
	in, err := c.open(ctx, r)
	if err != nil {
		s.Gap(ctx, what, err)
		return nil
	}
	rd := &reader{scan: s, tree: in, tally: t, owners: owners}
	for _, p := range periods(s.At) {
		if err := c.month(ctx, rd, r, p, what); err != nil {
			return errors.Join(err, in.Close())
		}
	}
	if err := in.Close(); err != nil {
		s.Gap(ctx, what, err)
	}
	return nil
}

func (c Reports) open(ctx context.Context, r Report) (tree.Tree, error) {
	open := c.Open
	if open == nil {
		open = func(ctx context.Context, r Report) (*blob.Bucket, error) { return blob.OpenBucket(ctx, r.Bucket) }
	}
	b, err := open(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("opening bucket: %w", err)
	}
	return tree.OwnBucket(b), nil
}

// month reads the deliveries of one billing month. Its error ends the scope.
func (c Reports) month(ctx context.Context, rd *reader, r Report, p period, what string) error {
	var objects []object
	for _, prefix := range prefixes(r, p) {
		found, err := rd.tree.List(ctx, prefix)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			rd.scan.Gap(ctx, what, err)
			return nil
		}
		objects = append(objects, found...)
	}
	slices.SortFunc(objects, func(a, b object) int { return strings.Compare(a.Name, b.Name) })
	objects = slices.CompactFunc(objects, func(a, b object) bool { return a.Name == b.Name })
	// Ignore files of other months, above all their manifests.
	objects = slices.DeleteFunc(objects, func(o object) bool { q := periodOfPath(o.Name); return q.known() && !q.start.Equal(p.start) })
	read := 0
	err := rd.all(ctx, objects, func(m manifest) bool {
		ours := m.start.Equal(p.start) && (r.Name == "" || m.report == r.Name || strings.Contains("/"+m.name, "/"+r.Name+"/"))
		if ours {
			read++
		}
		return ours
	}, false)
	if err == nil && read == 0 && rd.scan.At.Sub(p.start) > firstDelivery {
		rd.scan.Gap(ctx, what+" "+p.start.Format("2006-01"), ErrNoDelivery)
	}
	return err
}

// firstDelivery is how long after its start a month may have no delivery: AWS delivers a new
// report within a day.
const firstDelivery = 72 * time.Hour

// periods returns the billing months of a run, the older first.
func periods(at time.Time) []period {
	this := monthOf(at.UTC())
	last := monthOf(this.AddDate(0, 0, -1))
	return []period{{last, this}, {this, nextMonth(this)}}
}

// prefixes returns the folders of a report's month: of CUR 1 by period, of its Parquet by year
// and month, of Data Exports by billing period.
func prefixes(r Report, p period) []string {
	root := r.Prefix
	if root != "" && !strings.HasSuffix(root, "/") {
		root += "/"
	}
	if r.Name == "" {
		return []string{root}
	}
	root += r.Name + "/"
	month := p.start.Format("2006-01")
	return []string{
		root + p.start.Format("20060102") + "-" + p.end.Format("20060102") + "/",
		fmt.Sprintf("%s%s/year=%d/month=%d/", root, r.Name, p.start.Year(), p.start.Month()),
		root + "metadata/BILLING_PERIOD=" + month + "/",
		root + "data/BILLING_PERIOD=" + month + "/",
	}
}
