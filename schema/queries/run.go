package queries

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Answer is the rows of a query.
type Answer struct {
	Query Query
	// Values are those of the parameters, the defaults included.
	Values map[string]any
	// Rows hold a value for each column of the query: nil, string, bool, float64, a list or a map of
	// these. Decimals, times and integers of 64 bits are strings, as ClickHouse writes them; smaller
	// integers are float64.
	Rows [][]any
	// Truncated means that there are more rows than the limit.
	Truncated bool
}

// Run runs a query on conn, whose account may select from the database polo. A deadline of ctx cancels
// the query, and is not sent as a setting, which a read-only account may not change.
func (b Bound) Run(ctx context.Context, conn driver.Conn) (_ Answer, err error) {
	ctx, cancel := WithoutDeadline(ctx)
	defer cancel()
	rows, err := conn.Query(clickhouse.Context(ctx, clickhouse.WithParameters(b.Parameters)), b.SQL)
	if err != nil {
		return Answer{}, fmt.Errorf("running %s: %w", b.Query.Name, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out := Answer{Query: b.Query, Values: b.Values, Rows: [][]any{}}
	types := rows.ColumnTypes()
	for rows.Next() {
		if len(out.Rows) == b.Limit {
			// The statement asks for one row more than the limit.
			out.Truncated = true //mutant:rows-are-cut-silently
			break
		}
		cells := make([]any, len(types))
		for i, t := range types {
			cells[i] = reflect.New(t.ScanType()).Interface()
		}
		if err := rows.Scan(cells...); err != nil {
			return Answer{}, fmt.Errorf("reading the answer of %s: %w", b.Query.Name, err)
		}
		for i, t := range types {
			cells[i] = cell(t.DatabaseTypeName(), reflect.ValueOf(cells[i]).Elem())
		}
		out.Rows = append(out.Rows, cells)
	}
	if err := rows.Err(); err != nil {
		return Answer{}, fmt.Errorf("running %s: %w", b.Query.Name, err)
	}
	return out, nil
}

// WithoutDeadline returns a context that ends with ctx but tells no deadline, which the driver would send as a setting.
func WithoutDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return out, func() {
		stop()
		cancel(nil)
	}
}
