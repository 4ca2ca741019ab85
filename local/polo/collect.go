package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"polo/producers"
	"polo/producers/cloudtrail"
)

// collect reads the input with the collector for it. Every event of the run
// shares one time of observation.
func collect(ctx context.Context, input string, emitter producers.Emitter, p *progress) (ingestSummary, error) {
	files := cloudtrail.Files{
		Input:      input,
		Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}),
		ObservedAt: time.Now().UTC().Truncate(time.Millisecond),
		Progress: func(now cloudtrail.Progress) {
			p.show(fmt.Sprintf("%d of %d files, %d records read", now.Files, now.TotalFiles, now.Read))
		},
	}
	got, err := files.Collect(ctx, emitter)
	sum := ingestSummary{Read: got.Read, Files: got.Files, Reasons: map[string]int{}, Resolved: map[string]int{}}
	for _, s := range got.Skipped {
		sum.SkippedFiles = append(sum.SkippedFiles, s.Name+" ("+s.Why+")")
	}
	for reason, n := range got.Rejected {
		sum.Reasons[string(reason)] += int(n)
		sum.Failed += n
	}
	for how, n := range got.Resolutions {
		sum.Resolved[string(how)] += int(n)
	}
	if err != nil {
		return sum, fmt.Errorf("reading %s: %w", input, err)
	}
	return sum, nil
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
