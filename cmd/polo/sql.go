package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"polo/local/stack"
)

type sqlCmd struct {
	Query  string `arg:"" help:"The query."`
	Data   string `default:".polo" help:"The data directory." placeholder:"DIR"`
	Format string `enum:"table,tsv,json" default:"table" help:"How to print: ${enum}. tsv has no header; json is an array of objects."`
}

// Validate refuses an empty data directory.
func (c *sqlCmd) Validate() error { return dataDir(c.Data).valid() }

// Run queries as the reader, on the running stack or on one started for it.
func (c *sqlCmd) Run(ctx context.Context, e *env) error {
	data := dataDir(c.Data)
	if err := data.mustHold(); err != nil {
		return err
	}
	out := e.raw
	if c.Format == "table" {
		out = e.stdout
	}
	return data.with(ctx, e, "polo sql", func(ends stack.Endpoints) error { return c.run(ctx, out, ends) })
}

func (c *sqlCmd) run(ctx context.Context, out io.Writer, ends stack.Endpoints) error {
	format := map[string]string{"table": "PrettyCompactMonoBlock", "tsv": "TabSeparated", "json": "JSONEachRow"}[c.Format]
	q := url.Values{"database": {ends.Database}, "default_format": {format}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+ends.ClickHouseHTTP+"/?"+q.Encode(), strings.NewReader(c.Query))
	if err != nil {
		return fmt.Errorf("making the query: %w", err)
	}
	req.Header.Set("X-ClickHouse-User", ends.Users.Reader.Name)
	req.Header.Set("X-ClickHouse-Key", ends.Users.Reader.Password)
	req.Close = true // the engine's stop waits for open connections
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
	if c.Format == "json" && resp.Header.Get("X-ClickHouse-Format") == format {
		return writeArray(out, resp.Body)
	}
	if _, err := io.Copy(out, resp.Body); err != nil {
		return fmt.Errorf("reading ClickHouse's answer: %w", err)
	}
	return nil
}

// writeArray turns one JSON object a line into one JSON array.
func writeArray(out io.Writer, lines io.Reader) error {
	w := bufio.NewWriter(out)
	r := bufio.NewReader(lines)
	for n := 0; ; n++ {
		line, err := r.ReadString('\n')
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
		case n == 0:
			_, _ = w.WriteString("[" + line) // an error of a bufio.Writer comes again with Flush
		default:
			_, _ = w.WriteString(",\n " + line)
		}
		if errors.Is(err, io.EOF) {
			if n == 0 && line == "" {
				_, _ = w.WriteString("[")
			}
			_, _ = w.WriteString("]\n")
			return w.Flush()
		}
		if err != nil {
			return fmt.Errorf("reading ClickHouse's answer: %w", err)
		}
	}
}

func portOf(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return port
}
