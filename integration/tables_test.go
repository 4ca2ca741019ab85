package integration_test

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"polo/integration/content"
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
	// The number of a scope of costs is made of the time of observation, too.
	got, err := content.Of(t.Context(), conn, "observed_at", "version", "updated_at", "scope")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < 8 {
		t.Fatalf("only %d tables and views found: %v", len(got), got)
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
