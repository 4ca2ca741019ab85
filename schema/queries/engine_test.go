package queries_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// store is an engine with the whole schema, for one test.
type store struct{ *chdb.Engine }

func start(t *testing.T) store {
	t.Helper()
	return store{chdbtest.Start(t)}
}

// connect opens the native protocol until the test ends.
func (s store) connect(t *testing.T, u chdb.User) driver.Conn {
	t.Helper()
	conn, err := ch.Open(&ch.Options{Addr: []string{s.TCPAddr}, Auth: ch.Auth{Username: u.Name, Password: u.Password, Database: chdb.Database}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// row is a row of resource_events; omitted columns have their defaults.
type row map[string]any

// insert inserts rows into resource_events as the writer, in one block.
func (s store) insert(t *testing.T, rows []row) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, r := range rows {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	q := url.Values{
		"user": {s.Users.Writer.Name}, "password": {s.Users.Writer.Password}, "database": {chdb.Database},
		"async_insert": {"0"}, "query": {"INSERT INTO resource_events FORMAT JSONEachRow"},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.HTTPAddr+"/?"+q.Encode(), &b)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true // the engine waits for open connections when it stops
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("inserting: status %d: %s, %v", resp.StatusCode, text, err)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
