package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/internal/cli"
	"polo/schema/queries"
)

type queryCmd struct {
	Name    string   `arg:"" optional:"" help:"The query; --list names them all." predictor:"query"`
	Param   []string `sep:"none" short:"p" help:"The value of a parameter (repeatable); a list is values between commas, or a JSON array." placeholder:"NAME=VALUE"`
	Format  string   `enum:"table,json,csv" default:"table" help:"How to print: ${enum}. json has the columns, the values of the parameters and whether rows are missing."`
	List    bool     `help:"List the queries, by group."`
	Explain bool     `help:"Print what the query answers, its parameters with their bounds, its columns with their units, and its SQL."`
	reader
}

// Help explains more than the flags do.
func (*queryCmd) Help() string {
	return `Runs a named query as the read-only user; joins a running polo up on the data directory, or starts the stack for
the query. docs/QUERIES.md describes all queries.

Values are checked before ClickHouse sees them. A date may be relative to the present, in UTC: today-30d,
month-1m (the first day of last month), now-24h. An answer has as many rows as the parameter limit says; if there are
more, standard error says so, and "truncated" in JSON. Money is exact: decimals and integers of 64 bits are
strings in JSON.

Examples:

  polo query --list
  polo query cost_by_dimension --param by=customer --param from=month-1m --param until=month
  polo query cost_by_tag -p tag=team --format csv >teams.csv
  polo query resource_search -p q=prod -p resource_type=ec2:instance,rds:db
  polo query activity_denied -p since=now-7d --format json
  polo query cost_forecast --explain`
}

// Validate refuses flags that exclude each other.
func (c *queryCmd) Validate() error {
	switch {
	case c.List && (c.Name != "" || c.Explain):
		return errors.New("--list goes with no query and no --explain")
	case !c.List && c.Name == "":
		return errors.New("no query is given: polo query --list names them")
	}
	return c.valid()
}

// Run lists, explains or runs queries.
func (c *queryCmd) Run(ctx context.Context, e *env) error {
	if c.List {
		return listQueries(e.Stdout)
	}
	q, err := queries.Named(c.Name)
	if err != nil {
		return cli.Usage("%w (polo query --list names them all)", err)
	}
	if c.Explain {
		_, err := io.WriteString(e.Stdout, explainQuery(q))
		return err
	}
	values, err := pairs(c.Param)
	if err != nil {
		return err
	}
	return c.query(ctx, e, "polo query", c.Format, q, values)
}

// query runs a query and prints its answer.
func (r reader) query(ctx context.Context, e *env, command, format string, q queries.Query, values map[string]string) error {
	bound, err := bind(q, values)
	if err != nil {
		return err
	}
	return r.connected(ctx, e, command, func(conn driver.Conn) error {
		answer, err := bound.Run(ctx, conn)
		if err != nil {
			return err
		}
		return printAnswer(e, format, answer)
	})
}

// pairs parses NAME=VALUE.
func pairs(texts []string) (map[string]string, error) {
	out := map[string]string{}
	for _, text := range texts {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, cli.Usage("%q is not NAME=VALUE", text)
		}
		if _, twice := out[name]; twice {
			return nil, cli.Usage("%s is given twice; a list is values between commas", name)
		}
		out[name] = value
	}
	return out, nil
}

// queryAnswer is an answer in JSON.
type queryAnswer struct {
	Query      string           `json:"query"`
	Parameters map[string]any   `json:"parameters"`
	Columns    []queries.Column `json:"columns"`
	Rows       []queries.Row    `json:"rows"`
	// Truncated means that there are more rows than the parameter limit allows.
	Truncated bool `json:"truncated"`
}

func printAnswer(e *env, format string, a queries.Answer) (err error) {
	switch format {
	case "json":
		return e.PrintJSON(queryAnswer{Query: a.Query.Name, Parameters: a.Values, Columns: a.Query.Columns, Rows: a.Objects(), Truncated: a.Truncated})
	case "csv":
		err = writeCSV(e.Raw, a)
	default:
		err = writeAnswer(e.Streams, a)
	}
	if err == nil && a.Truncated {
		_, err = fmt.Fprintf(e.Stderr, "polo: there are more than these %d rows: raise --param limit=, at most %d, or narrow the query\n", len(a.Rows), a.Query.MaxRows)
	}
	return err
}

func writeCSV(out io.Writer, a queries.Answer) error {
	w := csv.NewWriter(out)
	header := make([]string, len(a.Query.Columns))
	for i, c := range a.Query.Columns {
		header[i] = c.Name
	}
	_ = w.Write(header) // a csv.Writer's error is returned again by Error
	for _, row := range a.Rows {
		_ = w.Write(texts(row))
	}
	w.Flush()
	return w.Error()
}

func texts(row []any) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = queries.Text(v)
	}
	return out
}

// writeAnswer prints a table. A single row is printed one column a line, because it would not fit.
// Columns that are empty or 0 in every row are left out.
func writeAnswer(s *cli.Streams, a queries.Answer) error {
	if len(a.Rows) == 1 && len(a.Query.Columns) > 6 {
		t := cli.NewTable(s, "column", "value")
		for i, v := range a.Rows[0] {
			t.Row(a.Query.Columns[i].Name, queries.Text(v))
		}
		return t.Flush()
	}
	var header []string
	var shown, numbers []int
	for i, c := range a.Query.Columns {
		if len(a.Rows) > 0 && !slices.ContainsFunc(a.Rows, func(row []any) bool {
			text := queries.Text(row[i])
			return text != "" && text != "0" && text != "[]" && text != "{}"
		}) {
			continue
		}
		if strings.Contains(c.Type, "Decimal") || strings.Contains(c.Type, "Int") || strings.Contains(c.Type, "Float") {
			numbers = append(numbers, len(shown))
		}
		header, shown = append(header, c.Name), append(shown, i)
	}
	t := cli.NewTable(s, header...)
	t.Numbers(numbers...)
	for _, row := range a.Rows {
		all := texts(row)
		cells := make([]string, len(shown))
		for i, at := range shown {
			cells[i] = all[at]
		}
		t.Row(cells...)
	}
	return t.Flush()
}
