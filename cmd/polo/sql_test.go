package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"polo/internal/cli"
	"polo/local/stack"
)

// A query is an argument, a file or standard input. Its rows have four formats, which round no
// number.
func TestQueriesAndFormats(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, err := stack.Open(t.Context(), stack.Options{Dir: data, Command: "polo sql"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	const query = "SELECT toUInt64(18446744073709551615) AS u, toDecimal128('12345678901234567.0000000000000001', 16) AS d, 'a,b' AS t"
	file := filepath.Join(t.TempDir(), "q.sql")
	if err := os.WriteFile(file, []byte(query+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"csv":         {"", []string{"--format", "csv", query}, "\"u\",\"d\",\"t\"\n18446744073709551615,12345678901234567.0000000000000001,\"a,b\"\n"},
		"a file":      {"", []string{"--format", "json", "--file", file}, `[{"u":"18446744073709551615","d":"12345678901234567.0000000000000001","t":"a,b"}]` + "\n"},
		"stdin":       {query, []string{"--format", "tsv"}, "18446744073709551615\t12345678901234567.0000000000000001\ta,b\n"},
		"stdin by -":  {query, []string{"--format", "tsv", "-"}, "18446744073709551615\t12345678901234567.0000000000000001\ta,b\n"},
		"no rows":     {"", []string{"SELECT 1 AS one, 2 AS two WHERE 0"}, "┌─────┬─────┐\n│ one │ two │\n├─────┼─────┤\n└─────┴─────┘\n0 rows\n"},
		"a table":     {"", []string{"SELECT 'ada' AS name, 7 AS n"}, "┌──────┬───┐\n│ name │ n │\n├──────┼───┤\n│ ada  │ 7 │\n└──────┴───┘\n"},
		"a comment":   {"", []string{"-- one\nSELECT 1 AS x", "--format", "tsv"}, "1\n"},
		"a remark":    {"", []string{"--one = 1, no flag\nSELECT 1 AS x", "--format=tsv"}, "1\n"},
		"its own way": {"", []string{"SELECT 1 AS x FORMAT JSONEachRow"}, "{\"x\":1}\n"},
	} {
		var out, errs bytes.Buffer
		err := exec(t.Context(), append([]string{"sql", "--data", data}, c.args...), strings.NewReader(c.stdin), &out, &errs)
		if err != nil || out.String() != c.want {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
	var out bytes.Buffer
	narrow := cli.NewStreams(nil, &out, &out)
	narrow.Width = 80
	if err := (&sqlCmd{Format: "table"}).run(t.Context(), &env{Streams: narrow}, s.Endpoints, "SELECT name, comment, create_table_query, number FROM system.tables CROSS JOIN numbers(30) AS n WHERE database = 'polo'"); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line) - 1; n > 80 {
			t.Fatalf("a line of %d: %s", n, line)
		}
	}
	for name, c := range map[string]struct {
		stdin string
		args  []string
	}{"nothing": {"", nil}, "white space": {" \n", []string{"-"}}, "two": {"", []string{"--file", file, query}}} {
		err := exec(t.Context(), append([]string{"sql", "--data", data}, c.args...), strings.NewReader(c.stdin), &out, &out)
		if cli.Code(err) != cli.ExitUsage {
			t.Errorf("%s as a query: %v", name, err)
		}
	}
}

// A query whose context ends is killed in ClickHouse, too.
func TestCancelledQueryIsKilled(t *testing.T) {
	t.Parallel()
	s, err := stack.Open(t.Context(), stack.Options{Dir: t.TempDir(), Command: "polo sql"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	reader, err := connectReader(s.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	running := func() (n uint64) {
		if err := reader.QueryRow(t.Context(), "SELECT count() FROM system.processes WHERE query LIKE 'SELECT count() FROM numbers%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	var out bytes.Buffer
	go func() {
		ended <- (&sqlCmd{Format: "table"}).run(ctx, &env{Streams: cli.NewStreams(nil, &out, &out)}, s.Endpoints,
			"SELECT count() FROM numbers(1e9) WHERE NOT ignore(sleepEachRow(0.00001), MD5(toString(number)))")
	}()
	for running() == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	killed := <-ended
	if !errors.Is(killed, context.Canceled) {
		t.Errorf("the query ended with %v", killed)
	}
	for end := time.Now().Add(15 * time.Second); running() > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the query still runs: %v", killed)
		}
	}
}

// A table shows a bounded number of rows, and says how many more there are.
func TestTableOfManyRows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	answer := `["n"]` + "\n" + `["UInt8"]` + "\n" + strings.Repeat(`["1"]`+"\n", maxTableRows+5)
	if err := writeTable(cli.NewStreams(nil, &out, &out), strings.NewReader(answer)); err != nil || !strings.HasSuffix(out.String(), "\n5 more rows; --format csv prints all\n") {
		t.Errorf("%v\n%s", err, out.String()[max(0, out.Len()-200):])
	}
}
