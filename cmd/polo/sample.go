package main

import (
	"context"
	"fmt"
	"time"

	"polo/internal/cli"
	"polo/local/sample"
)

type sampleCmd struct {
	Dir     string `arg:"" help:"The folder to write into."`
	Records int    `default:"3000" help:"About how many calls CloudTrail has of the last 24 hours."`
	Seed    uint64 `default:"1" help:"The same seed and --now give the same files."`
	Now     string `placeholder:"TIME" help:"When the world is looked at, 2026-03-01T10:00:00Z or 2026-03-01: nothing in it is later. Default: this hour."`
	Plain   bool   `help:"Write files that are not compressed."`
}

// Help explains more than the flags do.
func (sampleCmd) Help() string {
	return `Writes a small organisation in the files that its clouds would write: 120 days of bills (CUR 2.0), recorded answers of AWS's
inventory calls, CloudTrail, and metadata.json for polo meta load. It ends in the present, for questions look back from there.
docs/SAMPLE.md says what happens in it.

Examples:

  polo sample world && polo ingest world && polo meta load world/metadata.json
  polo sample world --seed 7 --now 2026-03-01`
}

// Run writes the sample and prints what happens in it.
func (c *sampleCmd) Run(ctx context.Context, e *env) error {
	now := time.Now()
	if c.Now != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, c.Now); err != nil {
			now, err = time.Parse(time.DateOnly, c.Now)
		}
		if err != nil {
			return cli.Usage("--now %q is not of the form YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ", c.Now)
		}
	}
	sum, err := sample.WriteWorld(ctx, sample.WorldOptions{Dir: c.Dir, Records: c.Records, Seed: c.Seed, Now: now, Gzip: !c.Plain})
	if err != nil {
		return fmt.Errorf("writing the sample: %w", err)
	}
	if _, err := fmt.Fprintf(e.Stdout, "a small organisation from %s to %s, in %d files in %s. What happens in it:\n",
		sum.First.Format(time.DateOnly), sum.Last.Format(time.DateOnly), sum.Files, c.Dir); err != nil {
		return err
	}
	for _, h := range sum.Happenings {
		if _, err := fmt.Fprintf(e.Stdout, "  %s  %s\n", h.Day.Format("Mon 2006-01-02"), h.What); err != nil {
			return err
		}
	}
	return nil
}
