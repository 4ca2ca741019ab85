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
	Records int    `default:"20000" help:"About how many records."`
	Seed    uint64 `default:"1" help:"The same seed gives the same files."`
	Day     string `default:"2026-01-15" help:"The day, YYYY-MM-DD (UTC)."`
	Plain   bool   `help:"Write .json instead of .json.gz."`
}

// Help gives examples.
func (sampleCmd) Help() string {
	return `Examples:

  polo sample day
  polo sample day --records 100000 --seed 7 --day 2026-03-01`
}

// Run writes the sample and prints what it assumes.
func (c *sampleCmd) Run(ctx context.Context, e *env) error {
	day, err := time.Parse(time.DateOnly, c.Day)
	if err != nil {
		return cli.Usage("--day %q is not of the form YYYY-MM-DD", c.Day)
	}
	sum, err := sample.Write(ctx, sample.Options{Dir: c.Dir, Records: c.Records, Seed: c.Seed, Day: day, Gzip: !c.Plain})
	if err != nil {
		return fmt.Errorf("writing the sample: %w", err)
	}
	if _, err := fmt.Fprintf(e.Stdout, "a generated day of an organisation: %d records (%d distinct) in %d files in %s, assuming:\n", sum.Records, sum.Distinct, sum.Files, c.Dir); err != nil {
		return err
	}
	for _, a := range sum.Assumptions {
		if _, err := fmt.Fprintln(e.Stdout, "  - "+a); err != nil {
			return err
		}
	}
	return nil
}
