package integration_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"polo/local/stack"
)

// tables returns the content of every table and view: a row count and a hash that does
// not depend on the order of rows. It leaves out the times of observation and
// insertion, which differ between runs.
func tables(t *testing.T, data string) map[string]string {
	t.Helper()
	var got map[string]string
	withReader(t, data, func(conn driver.Conn) { got = contents(t, conn) })
	return got
}

// contents is tables for the ClickHouse that conn reads.
func contents(t *testing.T, conn driver.Conn) map[string]string {
	t.Helper()
	got := map[string]string{}
	for name, columns := range columnsOf(t, conn) {
		var count, hash uint64
		query := fmt.Sprintf("SELECT count(), sum(sipHash64(%s)) FROM %s FINAL", columns, name)
		if err := conn.QueryRow(t.Context(), query).Scan(&count, &hash); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		got[name] = fmt.Sprintf("%d rows, content %016x", count, hash)
	}
	if len(got) < 8 {
		t.Fatalf("only %d tables and views found: %v", len(got), got)
	}
	return got
}

// columnsOf lists the compared columns of each table and view.
func columnsOf(t *testing.T, conn driver.Conn) map[string]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		SELECT t.name, groupArray(c.name)
		FROM (SELECT name FROM system.tables WHERE database = currentDatabase() AND name != 'schema_migrations'
		      AND engine NOT IN ('MaterializedView', 'Dictionary')) AS t
		INNER JOIN (SELECT table, name FROM system.columns WHERE database = currentDatabase()
		      AND name NOT IN ('observed_at', 'inserted_at', 'version', 'updated_at') ORDER BY table, position) AS c ON c.table = t.name
		GROUP BY t.name`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	got := map[string]string{}
	for rows.Next() {
		var name string
		var columns []string
		if err := rows.Scan(&name, &columns); err != nil {
			t.Fatal(err)
		}
		for i := range columns {
			columns[i] = "ifNull(toString(`" + columns[i] + "`), '\\\\N')"
		}
		got[name] = strings.Join(columns, ", ")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

// same fails the test if two states differ.
func same(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the tables differ (-want +got):\n%s", what, diff)
	}
}

// number runs a query that returns one number.
func number(t *testing.T, data, query string) int64 {
	t.Helper()
	var n int64
	withReader(t, data, func(conn driver.Conn) { n = scanNumber(t, conn, query) })
	return n
}

func scanNumber(t *testing.T, conn driver.Conn, query string) int64 {
	t.Helper()
	var n int64
	if err := conn.QueryRow(t.Context(), "SELECT toInt64(("+query+"))").Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// withReader starts the stack on data and calls fn with a reader's connection.
func withReader(t *testing.T, data string, fn func(driver.Conn)) {
	t.Helper()
	withStack(t, data, func(s *stack.Stack) {
		conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Reader)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		fn(conn)
	})
}
