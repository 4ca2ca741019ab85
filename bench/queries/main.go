// Command queries measures what questions take as the tables grow: tiles of cost, one resource, lists and
// search, at several numbers of cost lines, at rest and while lines are inserted. It writes the tables and
// plots of docs/SCHEMA.md.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"polo/bench/doc"
	"polo/local/chdb"
)

func main() {
	chdb.RunChild()
	sizes := flag.String("lines", "1,10,100", "millions of cost lines to measure at")
	resources := flag.Int("resources", 100_000, "resources that are there")
	page := flag.String("doc", "", "the page to write the tables into")
	record := flag.String("record", "bench/queries/measured.json", "the file of measurements")
	recorded := flag.Bool("recorded", false, "write the page from the file of measurements, and measure nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *sizes, *resources, *page, *record, *recorded); err != nil {
		fmt.Fprintln(os.Stderr, "queries:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sizes string, resources int, page, record string, recorded bool) error {
	var all []measured
	if recorded {
		text, err := os.ReadFile(record)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &all); err != nil {
			return fmt.Errorf("%s: %w", record, err)
		}
	} else {
		for text := range strings.SplitSeq(sizes, ",") {
			millions, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("-lines: %q is no number", text)
			}
			m, err := measure(ctx, int(millions*1e6), resources)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		text, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(record, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	fmt.Print(tables(all))
	if page == "" {
		return nil
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(page), "queries.svg"), []byte(plot(all)), 0o644); err != nil {
		return err
	}
	return doc.Replace(page, "read side", tables(all))
}
