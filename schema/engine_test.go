package schema_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/schema"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// store is an engine for one test.
type store struct {
	*chdb.Engine
}

func start(t *testing.T) store {
	t.Helper()
	e, err := chdb.Start(t.Context(), chdb.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return store{e}
}

// migrated returns a store with the whole schema.
func migrated(t *testing.T) store {
	t.Helper()
	return store{chdbtest.Start(t)}
}

func (s store) target() schema.Target {
	return schema.Target{Kind: schema.Single, DictionaryUser: s.Users.Reader.Name, DictionaryPassword: s.Users.Reader.Password}
}

// connect opens the native protocol as the migrator, until the test ends.
func (s store) connect(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := ch.Open(&ch.Options{
		Addr: []string{s.TCPAddr}, MaxOpenConns: 20,
		Auth: ch.Auth{Username: s.Users.Migrator.Name, Password: s.Users.Migrator.Password, Database: chdb.Database},
	})
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

// answer is the HTTP answer to a statement.
type answer struct {
	body string
	code int
	// readRows is how many rows ClickHouse read for it.
	readRows int
}

func (s store) query(t *testing.T, u chdb.User, sql, data string) answer {
	t.Helper()
	q := url.Values{
		"user": {u.Name}, "password": {u.Password}, "database": {chdb.Database}, "query": {sql},
	}
	if data != "" {
		q.Set("async_insert", "0")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.HTTPAddr+"/?"+q.Encode(), strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true // the engine waits for open connections when it stops
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var summary struct {
		ReadRows int `json:"read_rows,string"`
	}
	if text := resp.Header.Get("X-ClickHouse-Summary"); text != "" {
		if err := json.Unmarshal([]byte(text), &summary); err != nil {
			t.Fatal(err)
		}
	}
	return answer{body: strings.TrimSuffix(string(body), "\n"), code: resp.StatusCode, readRows: summary.ReadRows}
}

// must runs a statement that has to succeed.
func (s store) must(t *testing.T, u chdb.User, sql string) string {
	t.Helper()
	a := s.query(t, u, sql, "")
	if a.code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", sql, a.code, a.body)
	}
	return a.body
}

// lines returns the sorted rows of a query, one string per row.
func (s store) lines(t *testing.T, u chdb.User, sql string) []string {
	t.Helper()
	body := s.must(t, u, sql)
	if body == "" {
		return nil
	}
	rows := strings.Split(body, "\n")
	slices.Sort(rows)
	return rows
}

// row is a row for resource_events; omitted columns have their defaults.
type row map[string]any

// insert inserts rows as the writer, in one block.
func (s store) insert(t *testing.T, rows ...row) {
	t.Helper()
	if a := s.tryInsert(t, rows); a.code != http.StatusOK {
		t.Fatalf("inserting: status %d: %s", a.code, a.body)
	}
}

// tryInsert is insert, but returns its answer.
func (s store) tryInsert(t *testing.T, rows []row) answer {
	t.Helper()
	var b strings.Builder
	for _, r := range rows {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return s.query(t, s.Users.Writer, "INSERT INTO resource_events FORMAT JSONEachRow", b.String())
}

// with returns r with other values.
func (r row) with(pairs ...any) row {
	out := row{}
	for k, v := range r {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// day returns the nth day of 2026 at an hour, in ClickHouse's format.
func day(n int, hour float64) string {
	return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC).Add(time.Duration(hour * float64(time.Hour))).Format("2006-01-02 15:04:05.000")
}
