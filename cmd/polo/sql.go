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
	"time"

	"github.com/google/uuid"

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
several lines; the arrow keys bring back former ones, which are kept in sql_history in the data directory. Ctrl-C
cancels the statement that is typed or runs.

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

// run runs a query. When ctx ends it kills the query, which ClickHouse would otherwise run to its end.
func (c *sqlCmd) run(ctx context.Context, e *env, ends stack.Endpoints, query string) (err error) {
	id := uuid.NewString()
	defer func() {
		if ctx.Err() != nil {
			err = errors.Join(err, killQuery(context.WithoutCancel(ctx), ends, id))
		}
	}()
	format := map[string]string{"table": tableFormat, "tsv": "TabSeparated", "csv": "CSVWithNames", "json": "JSONEachRow"}[c.Format]
	resp, err := ask(ctx, ends, url.Values{"database": {ends.Database}, "default_format": {format}, "query_id": {id}}, query)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
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

// ask sends a query as the read-only user. The caller closes the answer's body.
func ask(ctx context.Context, ends stack.Endpoints, parameters url.Values, query string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+ends.ClickHouseHTTP+"/?"+parameters.Encode(), strings.NewReader(query))
	if err != nil {
		return nil, fmt.Errorf("making the query: %w", err)
	}
	req.Header.Set("X-ClickHouse-User", ends.Users.Reader.Name)
	req.Header.Set("X-ClickHouse-Key", ends.Users.Reader.Password)
	req.Close = true // the engine waits for open connections when it stops
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking ClickHouse: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("reading ClickHouse's error: %w", err)
	}
	return nil, fmt.Errorf("the query failed: %s", strings.TrimSpace(string(text)))
}

// killTimeout bounds the killing of a query.
const killTimeout = 5 * time.Second

// killQuery kills a query of the read-only user, if it still runs.
func killQuery(ctx context.Context, ends stack.Endpoints, id string) error {
	ctx, cancel := context.WithTimeout(ctx, killTimeout)
	defer cancel()
	resp, err := ask(ctx, ends, nil, "KILL QUERY WHERE query_id = '"+id+"' ASYNC")
	if err != nil {
		return fmt.Errorf("killing the query: %w", err)
	}
	return resp.Body.Close()
}

func portOf(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return port
}
