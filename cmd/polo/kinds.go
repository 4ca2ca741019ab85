package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/cloudtrail"
	"polo/producers/collect"
	"polo/producers/cur"
	"polo/producers/recorded"
)

// kind is a kind of file that ingest reads.
type kind struct {
	name string
	// source is the source of the packs with its events.
	source  string
	collect func(c *ingestCmd, ctx context.Context, in *sorted, to producers.FlushingEmitter, sum *ingestSummary, now *reading) error
}

// Names of kinds, as given to --source.
const (
	kindCloudTrail = "cloudtrail"
	kindBill       = "cur"
	kindRecorded   = "recorded"
	kindExchange   = "exchange"
)

func kinds() []kind {
	return []kind{
		{kindCloudTrail, cloudtrail.SourceCloudTrail, (*ingestCmd).collectLogs},
		{kindBill, cur.Source, (*ingestCmd).collectBills},
		{kindRecorded, "aws.recorded", (*ingestCmd).collectRecordings},
		{kindExchange, "http.recorded", (*ingestCmd).collectExchanges},
	}
}

// identity maps tags to an owner, as in POLO_IDENTITY.
func identity() (producers.Identity, error) {
	s, err := collect.ReadSettings(func(name string) string {
		if name == "POLO_IDENTITY" {
			return os.Getenv(name)
		}
		return ""
	})
	return s.Identity, err
}

func observedNow() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func (c *ingestCmd) collectLogs(ctx context.Context, in *sorted, to producers.FlushingEmitter, sum *ingestSummary, now *reading) error {
	id, err := identity()
	if err != nil {
		return err
	}
	got, err := cloudtrail.Files{
		Input: in.input, Tree: in.tree, Only: in.only(kindCloudTrail), Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{Identity: id.OfTags}), ObservedAt: observedNow(),
		Progress: func(cloudtrail.Progress) { now.fileRead() },
	}.Collect(ctx, to)
	sum.Read, sum.Files = sum.Read+got.Read, sum.Files+got.Files
	for _, s := range got.Skipped {
		sum.skip(s.Name, s.Why, "")
	}
	for _, f := range got.Ignored {
		sum.leaveOut(int(f.Records), leftOut{
			Kind: "control message of CloudWatch Logs", Example: f.Name, Do: "nothing: it only tries the subscription and holds no record",
		})
	}
	for how, n := range got.Resolutions {
		sum.Resolved[string(how)] += int(n)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.input, err)
	}
	return nil
}

func (c *ingestCmd) collectBills(ctx context.Context, in *sorted, to producers.FlushingEmitter, sum *ingestSummary, now *reading) error {
	id, err := identity()
	if err != nil {
		return err
	}
	got, err := cur.Files{
		Input: in.input, Tree: in.tree, Only: in.only(kindBill), ObservedAt: observedNow(), Partial: c.Partial, Doubt: in.doubt, Identity: id, Pages: int64(c.Memory / 2),
		Progress: func(cur.Progress) { now.fileRead() },
	}.Collect(ctx, to)
	sum.Read, sum.Files = sum.Read+got.Lines, sum.Files+got.Files
	for _, s := range got.Skipped {
		sum.skip(s.Name, s.Why, "")
	}
	if got.Elsewhere > 0 {
		sum.leaveOut(int(got.Elsewhere), leftOut{Kind: "line of a bill that is read from another report"})
	}
	if got.Repeated > 0 {
		sum.leaveOut(int(got.Repeated), leftOut{Kind: "line of a bill that came in another file before, by its id"})
	}
	sum.Bills, sum.Sums, sum.UnknownColumns = append(sum.Bills, got.Bills...), append(sum.Sums, got.Sums...), unknownColumns(sum.UnknownColumns, got.UnknownColumns)
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.input, err)
	}
	return nil
}

func (c *ingestCmd) collectRecordings(ctx context.Context, in *sorted, to producers.FlushingEmitter, sum *ingestSummary, _ *reading) error {
	of, err := c.origin()
	if err != nil {
		return err
	}
	got, err := recorded.Files{
		Tree: in.tree, Names: in.names[kindRecorded], AccountID: of.accounts[envelope.PlatformAWS], Region: c.Region, At: of.at, ObservedAt: observedNow(), Identity: of.identity,
	}.Collect(ctx, to)
	sum.Read, sum.Files = sum.Read+int64(got.Items), sum.Files+got.Files
	sum.CostViews, sum.CostUncounted = sum.CostViews+got.Views, sum.CostUncounted+got.Uncounted
	for _, l := range got.Left {
		kind := l.Why
		if l.Call != "" {
			kind += " " + l.Call
		}
		sum.leaveOut(l.Count, leftOut{Kind: kind, Example: l.Example, Do: remedy(l.Why)})
	}
	sum.Undated += got.Undated
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.input, err)
	}
	return nil
}

// unknownColumns merges those of several inputs.
func unknownColumns(all, more map[string]cur.UnknownColumn) map[string]cur.UnknownColumn {
	if all == nil {
		return more
	}
	for name, column := range more {
		if of, ok := all[name]; ok {
			column.Files, column.Lines = column.Files+of.Files, column.Lines+of.Lines
		}
		all[name] = column
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
