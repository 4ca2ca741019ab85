package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/internal/cli"
	"polo/local/chdb"
)

type metaLoadCmd struct {
	File string `arg:"" help:"The file, JSON." predictor:"file"`
	server
}

// Help explains more than the flags do.
func (*metaLoadCmd) Help() string {
	return `The same as polo meta set for each account and customer that the file names, with the fields of polo meta set:

  {
    "account":  {"012345678901": {"role": "production"}},
    "customer": {"acme": {"tier": "gold", "budget": "4000"}}
  }

Nothing is set if the file has a fault. Safe to repeat.

Examples:

  polo meta load metadata.json`
}

// Validate refuses an empty data directory.
func (c *metaLoadCmd) Validate() error { return c.valid() }

// metaFile is what a file says, by id and field.
type metaFile struct {
	Account  map[string]map[string]string `json:"account"`
	Customer map[string]map[string]string `json:"customer"`
}

func readMeta(name string) (f metaFile, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return f, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("reading %s: %w", name, err)
	}
	var faults []error
	for kind, all := range map[string]map[string]map[string]string{"account": f.Account, "customer": f.Customer} {
		for _, id := range slices.Sorted(maps.Keys(all)) {
			if err := errors.Join(metaText("the id", id), checkMeta(kind, all[id])); err != nil {
				faults = append(faults, fmt.Errorf("%s, %s %q: %w", name, kind, id, err))
			}
		}
	}
	return f, errors.Join(faults...)
}

// Run inserts what the file says.
func (c *metaLoadCmd) Run(ctx context.Context, e *env) error {
	f, err := readMeta(c.File)
	if err != nil {
		return cli.Error{Code: cli.ExitUsage, Err: err}
	}
	return c.connected(ctx, e, "polo meta load", func(u chdb.Users) chdb.User { return u.Migrator }, func(conn driver.Conn) error {
		for kind, all := range map[string]map[string]map[string]string{"account": f.Account, "customer": f.Customer} {
			for _, id := range slices.Sorted(maps.Keys(all)) {
				if err := setMeta(ctx, conn, kind, id, all[id]); err != nil {
					return err
				}
			}
		}
		_, err := fmt.Fprintf(e.Stdout, "said of %d accounts and %d customers: polo meta list account, polo meta list customer\n", len(f.Account), len(f.Customer))
		return err
	})
}

// isMeta reports whether a text is a file of polo meta load, and so no input of polo ingest.
func isMeta(text []byte) bool {
	var f metaFile
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(&f) == nil && len(f.Account)+len(f.Customer) > 0
}
