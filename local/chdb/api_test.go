package chdb_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/schema/queries"
)

// askAPI runs a statement as the dashboard's account, with parameters beside it.
func askAPI(ctx context.Context, e *chdb.Engine, sql string, more url.Values) (answer, error) {
	q := url.Values{"database": {chdb.Database}}
	for name, values := range more {
		q[name] = values
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.HTTPAddr+"/?"+q.Encode(), strings.NewReader(sql))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("X-ClickHouse-User", e.Users.API.Name)
	r.Header.Set("X-ClickHouse-Key", e.Users.API.Password)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, strings.TrimSpace(string(text))}, err
}

// slow runs until the account's time is over.
const slow = "SELECT count() FROM numbers(1900000000) WHERE sipHash128(toString(number)) = 'a'"

func TestAPIAccountRunsNamedQueriesAndNoMore(t *testing.T) {
	t.Parallel()
	e := chdbtest.Start(t)
	run := func(sql string, more url.Values) answer {
		t.Helper()
		a, err := askAPI(t.Context(), e, sql, more)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, q := range queries.All() {
		given := map[string]string{}
		for _, p := range q.Params {
			if p.Required {
				given[p.Name] = "arn:aws:s3:::x"
			}
		}
		bound, err := q.Bind(given, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		more := url.Values{"default_format": {"JSONCompact"}, "wait_end_of_query": {"1"}}
		for name, value := range bound.Parameters {
			more.Set("param_"+name, value)
		}
		if a := run(bound.SQL, more); a.status != http.StatusOK {
			t.Errorf("%s: status %d: %s", q.Name, a.status, a.text)
		}
	}
	const denied, readOnly = "497", "164"
	for sql, code := range map[string]string{
		"INSERT INTO resource_events (source) VALUES ('a')":      denied,
		"CREATE TABLE t (a UInt8) ENGINE = Memory":               denied,
		"CREATE TEMPORARY TABLE t (a UInt8)":                     denied,
		"DROP TABLE resource_events":                             denied,
		"SELECT * FROM system.users":                             denied,
		"SELECT * FROM system.processes":                         denied,
		"SELECT * FROM system.query_cache":                       denied,
		"SELECT * FROM system.server_settings":                   denied,
		"SELECT * FROM system.numbers LIMIT 1":                   denied,
		"SELECT * FROM information_schema.tables":                denied,
		"SHOW PROCESSLIST":                                       denied,
		"KILL QUERY WHERE query_id = 'x' SYNC":                   denied,
		"SELECT * FROM file('data', LineAsString)":               denied,
		"SELECT * FROM url('http://127.0.0.1:1/', LineAsString)": denied,
		"SELECT * FROM remote('127.0.0.1', system.one)":          denied,
		"SET readonly = 0":                                       readOnly,
		"SELECT 1 SETTINGS max_execution_time = 100":             readOnly,
		"SELECT 1 SETTINGS final = 0":                            readOnly,
		"SELECT number FROM numbers(200000)":                     "396", // the result has too many rows
		"SELECT count() FROM numbers(3000000000)":                "158", // so has what is read
	} {
		if a := run(sql, nil); a.header.Get("X-ClickHouse-Exception-Code") != code {
			t.Errorf("%s: status %d, want code %s: %.200s", sql, a.status, code, a.text)
		}
	}
	for name, values := range map[string][2]string{ // a parameter's value, and what it may at most do
		"role":                   {"polo_owner", "polo_api\tpolo"},
		"quota_key":              {"x", "polo_api\tpolo"},
		"wait_end_of_query":      {"1", "polo_api\tpolo"},
		"session_id":             {"x", "polo_api\tpolo"},
		"database":               {"system", "polo_api\tsystem"},
		"readonly":               {"0", ""},
		"final":                  {"0", ""},
		"max_execution_time":     {"100", ""},
		"http_wait_end_of_query": {"1", ""},
		"replace_running_query":  {"0", ""},
	} {
		a := run("SELECT currentUser(), currentDatabase()", url.Values{name: {values[0]}})
		if values[1] == "" && a.header.Get("X-ClickHouse-Exception-Code") != readOnly || values[1] != "" && a.text != values[1] {
			t.Errorf("with %s=%s: status %d: %s, want %q", name, values[0], a.status, a.text, values[1])
		}
	}
	if a := run("SELECT * FROM tables WHERE database NOT IN ('polo', 'system')", url.Values{"database": {"system"}}); a.status != http.StatusOK || a.text != "" {
		t.Errorf("other databases' tables: status %d: %s", a.status, a.text)
	}
}

// A newer query with a query_id stops the older, and so does a client that goes away.
func TestAPIAccountsQueriesAreStopped(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	running := func() string {
		return must(t, e, e.Users.Owner, "SELECT count() FROM system.processes WHERE user = 'polo_api'")
	}
	await := func(want string) {
		t.Helper()
		for until := time.Now().Add(10 * time.Second); running() != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("%s queries run, want %s", running(), want)
			}
		}
	}
	type result struct {
		answer
		err error
	}
	begin := func(ctx context.Context) chan result {
		done := make(chan result, 1)
		go func() {
			a, err := askAPI(ctx, e, slow, url.Values{"query_id": {"tile"}})
			done <- result{a, err}
		}()
		await("1")
		return done
	}
	first := begin(t.Context())
	second, err := askAPI(t.Context(), e, "SELECT 7", url.Values{"query_id": {"tile"}})
	if err != nil || second.text != "7" {
		t.Errorf("the newer query: %v: %s", err, second.text)
	}
	if r := <-first; r.err != nil || r.header.Get("X-ClickHouse-Exception-Code") != "394" {
		t.Errorf("the older query: %v: status %d: %s, want code 394", r.err, r.status, r.text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first = begin(ctx)
	cancel()
	if r := <-first; !errors.Is(r.err, context.Canceled) {
		t.Errorf("a client that went away: %v: %s", r.err, r.text)
	}
	await("0")
}

// Accounts of a data directory that is older than the dashboard keep their passwords.
func TestOlderAccountsGetTheAPIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := map[string]chdb.User{}
	for _, name := range []string{"owner", "migrator", "writer", "reader"} {
		old[name] = chdb.User{Name: "polo_" + name, Password: "old " + name}
	}
	text, err := json.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "users.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	e := start(t, dir)
	if e.Users.Reader != old["reader"] || e.Users.Owner != old["owner"] || e.Users.Migrator != old["migrator"] || e.Users.Writer != old["writer"] {
		t.Error("the accounts' passwords have changed")
	}
	if got := must(t, e, e.Users.API, "SELECT currentUser()"); got != "polo_api" {
		t.Errorf("got %q", got)
	}
	first := e.Users
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	if e = start(t, dir); e.Users != first {
		t.Error("the accounts have changed with the second start")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
}
