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

// parseMeta parses a file of polo meta load.
func parseMeta(text []byte) (f metaFile, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return f, d.Decode(&f)
}

// said returns what the file says, as polo meta set would be told it.
func (f metaFile) said() (all []metaSetCmd) {
	for _, kind := range []string{"account", "customer"} {
		of := map[string]map[string]map[string]string{"account": f.Account, "customer": f.Customer}[kind]
		for _, id := range slices.Sorted(maps.Keys(of)) {
			c := metaSetCmd{Kind: kind, ID: id}
			for _, field := range slices.Sorted(maps.Keys(of[id])) {
				c.Fields = append(c.Fields, field+"="+of[id][field])
			}
			all = append(all, c)
		}
	}
	return all
}

// Run inserts what the file says.
func (c *metaLoadCmd) Run(ctx context.Context, e *env) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	f, err := parseMeta(text)
	if err != nil {
		return cli.Usage("reading %s: %w", c.File, err)
	}
	var faults []error
	for _, s := range f.said() {
		_, err := s.fields()
		if err := errors.Join(idText(s.Kind, s.ID), err); err != nil {
			faults = append(faults, fmt.Errorf("%s, %s %q: %w", c.File, s.Kind, s.ID, err))
		}
	}
	if len(faults) > 0 {
		return cli.Error{Code: cli.ExitUsage, Err: errors.Join(faults...)}
	}
	return c.connected(ctx, e, "polo meta load", func(u chdb.Users) chdb.User { return u.Migrator }, func(conn driver.Conn) error {
		for _, s := range f.said() {
			fields, err := s.fields()
			if err != nil {
				return err
			}
			if err := setMeta(ctx, conn, s.Kind, s.ID, fields); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(e.Stdout, "said of %d accounts and %d customers: polo meta list account, polo meta list customer\n", len(f.Account), len(f.Customer))
		return err
	})
}

// isMeta reports whether a text is a file of polo meta load, and so no input of polo ingest.
func isMeta(text []byte) bool {
	f, err := parseMeta(text)
	return err == nil && len(f.Account)+len(f.Customer) > 0
}
