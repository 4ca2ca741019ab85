// Command cost measures what a million events cost on AWS and writes the tables of
// docs/COST.md: messages, SQS requests and Lambda time for generated CloudTrail files,
// through the real publisher and the consumer's Lambda program, in packs and one event a
// message. Linux only: it reads /proc.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"polo/bench/doc"
	"polo/local/chdb"
	"polo/local/sample"
)

func main() {
	chdb.RunChild()
	ctx := context.Background()
	if len(os.Args) > 1 && os.Args[1] == collectCommand {
		if err := collectMain(ctx, os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "cost collect:", err)
			os.Exit(1)
		}
		return
	}
	var o options
	flag.IntVar(&o.records, "records", 200_000, "records to generate, for packs")
	flag.IntVar(&o.part, "part", 40_000, "records to generate, for packs that travel alone and for single events")
	flag.IntVar(&o.few, "few", 3_000, "records to generate, for small packs that travel alone")
	flag.IntVar(&o.runs, "runs", 5, "how often to measure")
	flag.StringVar(&o.programs, "programs", "build/lambda/native", "the folder of the consumer's program")
	flag.StringVar(&o.figures, "figures", "bench/cost/measured.json", "the figures that were measured")
	flag.StringVar(&o.doc, "doc", "", "a document whose tables to rewrite")
	flag.BoolVar(&o.recorded, "recorded", false, "measure nothing: compute from the figures as they are")
	flag.Parse()
	if err := tables(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

type options struct {
	records, part, few     int
	runs                   int
	programs, figures, doc string
	recorded               bool
}

func tables(ctx context.Context, o options) error {
	if !o.recorded {
		all, err := measureAll(ctx, o)
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.figures, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	all, err := readFigures(o.figures)
	if err != nil {
		return err
	}
	text, err := render(all)
	if err != nil {
		return err
	}
	if o.doc == "" {
		fmt.Print(text)
		return nil
	}
	return doc.Replace(o.doc, tablesPart, text)
}

func readFigures(path string) ([]run, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the figures: %w", err)
	}
	var all []run
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("reading the figures of %s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no run", path)
	}
	return all, nil
}

func measureAll(ctx context.Context, o options) (_ []run, err error) {
	programs, err := filepath.Abs(o.programs)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "polo-cost-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	in := inputs{day: filepath.Join(dir, "day"), part: filepath.Join(dir, "part"), few: filepath.Join(dir, "few")}
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	for seed, s := range []sample.Options{{Dir: in.day, Records: o.records}, {Dir: in.part, Records: o.part}, {Dir: in.few, Records: o.few}} {
		s.Seed, s.Day, s.Gzip = uint64(seed+1), day, true
		if _, err := sample.Write(ctx, s); err != nil {
			return nil, err
		}
	}
	var all []run
	for i := range o.runs {
		began := time.Now()
		allBefore, ownBefore, err := busy()
		if err != nil {
			return nil, err
		}
		data := filepath.Join(dir, fmt.Sprint("data", i))
		r, err := measure(ctx, data, programs, in)
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", i+1, err)
		}
		total, own, err := busy()
		if err != nil {
			return nil, err
		}
		r.Others = max(0, total-allBefore-(own-ownBefore)) / (time.Since(began).Seconds() * float64(runtime.NumCPU()))
		fmt.Fprintf(os.Stderr, "run %d of %d: %d events in %d packs, %d packs alone, %d small ones, %d single events: %.0f s, others took %.0f%% of the processors\n",
			i+1, o.runs, r.Packed.Events, r.Packed.Messages, r.Alone.Messages, r.Small.Messages, r.Unpacked.Messages, time.Since(began).Seconds(), 100*r.Others)
		all = append(all, r)
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// tablesPart is the part of the document with the tables.
const tablesPart = "tables"

// middle returns the median run by of; of an even number, the upper one.
func middle(all []run, of func(run) float64) run {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b run) int {
		switch x, y := of(a), of(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return sorted[len(sorted)/2]
}
