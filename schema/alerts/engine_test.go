package alerts_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/schema/alerts"
	"polo/schema/queries"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// store is an engine with the whole schema, for one test.
type store struct {
	*chdb.Engine
	owner, reader driver.Conn
}

func start(t *testing.T) store {
	t.Helper()
	s := store{Engine: chdbtest.Start(t)}
	s.owner, s.reader = s.connect(t, s.Users.Migrator), s.connect(t, s.Users.Reader)
	return s
}

// empty empties all tables, and keeps what refreshes by itself from filling them: an example says all that there is.
func (s store) empty(t *testing.T) {
	t.Helper()
	exec := func(sql string) {
		t.Helper()
		if err := s.owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, view := range []string{"cost_rollups_mv", "cost_states_mv", "cost_anomalies_mv", "resource_rollups_mv", "rule_answers_mv"} {
		exec("SYSTEM STOP VIEW " + view)
	}
	var tables []string
	if err := s.owner.QueryRow(t.Context(), "SELECT groupArray(name) FROM system.tables WHERE database = 'polo' AND engine LIKE '%MergeTree' AND name != 'schema_migrations'").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		exec("TRUNCATE TABLE " + table)
	}
}

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

// insert inserts rows of resource_events as the writer, in one block; omitted columns have their defaults.
func (s store) insert(t *testing.T, rows []map[string]any) {
	t.Helper()
	if len(rows) == 0 {
		return
	}
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

// answer evaluates an alert with the rights of the API's account.
func (s store) answer(t *testing.T, a alerts.Alert, values map[string]string, now time.Time) queries.Answer {
	t.Helper()
	b, err := a.Bind(values, now)
	if err != nil {
		t.Fatal(err)
	}
	out, err := b.Run(t.Context(), s.reader)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// hasData asks whether an alert has anything to judge.
func (s store) hasData(t *testing.T, a alerts.Alert) bool {
	t.Helper()
	var out bool
	if err := s.reader.QueryRow(t.Context(), a.Data).Scan(&out); err != nil {
		t.Fatalf("%s: data: %v", a.ID, err)
	}
	return out
}
