package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"polo/internal/cli"
	"polo/local/stack"
)

type sqlCmd struct {
	Query  string `arg:"" optional:"" help:"The query; - or none reads it from standard input."`
	File   string `help:"Read the query from this file." placeholder:"FILE" predictor:"file"`
	Data   string `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory." placeholder:"DIR"`
	Format string `enum:"table,tsv,csv,json" default:"table" help:"How to print: ${enum}. tsv has no header, csv has one; json is an array of objects."`
}

// Help explains more than the flags do.
func (*sqlCmd) Help() string {
	return `Queries as the read-only user; joins a running polo up on the data directory, or starts the stack for the query.
In JSON, decimals and integers of 64 bits are strings: JSON's numbers would round them. A table shows the first
1000 rows; the other formats have all.

On a terminal, without a query, it asks for statements until exit or Ctrl-D: each ends with a semicolon and may have
several lines; the arrow keys bring back former ones, which are kept in sql_history in the data directory.

Examples:

  polo sql "SELECT event_type, count() FROM resource_events GROUP BY 1"
  polo sql --format csv "SELECT * FROM resources_current" >resources.csv
  polo sql --format json --file report.sql | jq
  echo 'SHOW TABLES' | polo sql
  polo sql`
}

// Validate refuses an empty data directory, and two queries.
func (c *sqlCmd) Validate() error {
	if c.Query != "" && c.File != "" {
		return errors.New("--file and a query are given: give only one")
	}
	return dataDir(c.Data).valid()
}

// Run queries as the reader, on the running stack or on one started for it.
func (c *sqlCmd) Run(ctx context.Context, e *env) error {
	interactive := c.File == "" && c.Query == "" && cli.IsTerminal(e.Stdin) && e.Width > 0
	query := ""
	if !interactive {
		var err error
		if query, err = c.query(e.Stdin); err != nil {
			return err
		}
	}
	data := dataDir(c.Data)
	if err := data.mustHold(); err != nil {
		return err
	}
	return data.with(ctx, e, "polo sql", func(ends stack.Endpoints) error {
		if interactive {
			return c.interactive(ctx, e, ends)
		}
		return c.run(ctx, e, ends, query)
	})
}

// query returns the query to run: the argument, a file's text, or standard input.
func (c *sqlCmd) query(stdin io.Reader) (string, error) {
	text, from := c.Query, "the argument"
	switch {
	case c.File != "":
		file, err := os.ReadFile(c.File)
		if err != nil {
			return "", fmt.Errorf("reading the query: %w", err)
		}
		text, from = string(file), c.File
	case c.Query == "" || c.Query == "-":
		typed, err := io.ReadAll(stdin)
		if err != nil {
			return "", fmt.Errorf("reading the query: %w", err)
		}
		text, from = string(typed), "standard input"
	}
	if strings.TrimSpace(text) == "" {
		return "", cli.Usage("no query: %s is empty; give one as an argument, by --file or on standard input", from)
	}
	return text, nil
}

// tableFormat is the format of the rows of a table: arrays of strings, of which the first two are
// the columns' names and types.
const tableFormat = "JSONCompactStringsEachRowWithNamesAndTypes"

func (c *sqlCmd) run(ctx context.Context, e *env, ends stack.Endpoints, query string) error {
	format := map[string]string{"table": tableFormat, "tsv": "TabSeparated", "csv": "CSVWithNames", "json": "JSONEachRow"}[c.Format]
	q := url.Values{"database": {ends.Database}, "default_format": {format}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+ends.ClickHouseHTTP+"/?"+q.Encode(), strings.NewReader(query))
	if err != nil {
		return fmt.Errorf("making the query: %w", err)
	}
	req.Header.Set("X-ClickHouse-User", ends.Users.Reader.Name)
	req.Header.Set("X-ClickHouse-Key", ends.Users.Reader.Password)
	req.Close = true // the engine waits for open connections when it stops
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking ClickHouse: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		if err != nil {
			return fmt.Errorf("reading ClickHouse's error: %w", err)
		}
		return fmt.Errorf("the query failed: %s", strings.TrimSpace(string(text)))
	}
	// A query may set its own format.
	asked := resp.Header.Get("X-ClickHouse-Format") == format
	switch {
	case c.Format == "json" && asked:
		return writeArray(e.Raw, resp.Body)
	case c.Format == "table" && asked:
		return writeTable(e.Streams, resp.Body)
	case c.Format == "table":
		_, err = io.Copy(e.Stdout, resp.Body)
	default:
		_, err = io.Copy(e.Raw, resp.Body)
	}
	if err != nil {
		return fmt.Errorf("reading ClickHouse's answer: %w", err)
	}
	return nil
}

func portOf(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return port
}
