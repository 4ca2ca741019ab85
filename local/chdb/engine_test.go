package chdb_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"polo/local/chdb"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// query runs one statement over HTTP and returns the response and its status.
func query(t *testing.T, e *chdb.Engine, u chdb.User, sql string) (string, int) {
	t.Helper()
	q := url.Values{"user": {u.Name}, "password": {u.Password}, "database": {chdb.Database}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.HTTPAddr+"/?"+q.Encode(), strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true // the engine waits for open connections before it ends
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(body)), resp.StatusCode
}

func must(t *testing.T, e *chdb.Engine, u chdb.User, sql string) string {
	t.Helper()
	body, status := query(t, e, u, sql)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d: %s", sql, status, body)
	}
	return body
}

func start(t *testing.T, dir string) *chdb.Engine {
	t.Helper()
	e, err := chdb.Start(t.Context(), chdb.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}

const table = "CREATE TABLE resource_events (id UInt64, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY id"

func TestUsersCanDoTheirWorkAndNoMore(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	must(t, e, e.Users.Migrator, table)
	must(t, e, e.Users.Migrator, "CREATE TABLE other (id UInt64) ENGINE = MergeTree ORDER BY id")
	must(t, e, e.Users.Writer, "INSERT INTO resource_events VALUES (1, 1)")
	must(t, e, e.Users.Writer, "INSERT INTO resource_events VALUES (1, 2)")
	if got := must(t, e, e.Users.Reader, "SELECT count(), max(v) FROM resource_events"); got != "1\t2" {
		t.Errorf("the reader sees %q, want one row of version 2", got)
	}
	for _, c := range []struct {
		name string
		user chdb.User
		sql  string
	}{
		{"writer reads", e.Users.Writer, "SELECT * FROM resource_events"},
		{"writer inserts elsewhere", e.Users.Writer, "INSERT INTO other VALUES (1)"},
		{"writer drops", e.Users.Writer, "DROP TABLE resource_events"},
		{"writer creates", e.Users.Writer, "CREATE TABLE t (a UInt8) ENGINE = Memory"},
		{"writer alters", e.Users.Writer, "ALTER TABLE resource_events DELETE WHERE 1"},
		{"reader inserts", e.Users.Reader, "INSERT INTO resource_events VALUES (9, 9)"},
		{"reader drops", e.Users.Reader, "DROP TABLE resource_events"},
		{"reader lifts its limits", e.Users.Reader, "SELECT 1 SETTINGS max_memory_usage = 0"},
		{"reader leaves read-only", e.Users.Reader, "SET readonly = 0"},
		{"reader reads a file", e.Users.Reader, "SELECT * FROM file('/etc/passwd', LineAsString)"},
		{"reader calls out", e.Users.Reader, "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)"},
		{"migrator reads a file", e.Users.Migrator, "SELECT * FROM file('/etc/passwd', LineAsString)"},
		{"default account reads a file", chdb.User{Name: "default"}, "SELECT * FROM file('/etc/passwd', LineAsString)"},
		{"default account reads events", chdb.User{Name: "default"}, "SELECT * FROM polo.resource_events"},
		{"default account writes", chdb.User{Name: "default"}, "INSERT INTO polo.resource_events VALUES (3, 3)"},
		{"wrong password", chdb.User{Name: "polo_reader", Password: "x"}, "SELECT 1"},
	} {
		if body, status := query(t, e, c.user, c.sql); status == http.StatusOK {
			t.Errorf("%s: allowed, answered %q", c.name, body)
		}
	}
}

func TestDataSurvivesStopAndKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := start(t, dir)
	must(t, e, e.Users.Migrator, table)
	must(t, e, e.Users.Writer, "INSERT INTO resource_events VALUES (1, 1)")
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	e = start(t, dir)
	must(t, e, e.Users.Writer, "INSERT INTO resource_events VALUES (2, 1)")
	if err := syscall.Kill(e.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-e.Exited()
	e = start(t, dir)
	if got := must(t, e, e.Users.Reader, "SELECT groupArray(id) FROM (SELECT id FROM resource_events ORDER BY id)"); got != "[1,2]" {
		t.Errorf("after a stop and a kill: ids %s, want [1,2]", got)
	}
}

// A client that disconnects mid-query resets its connection.
func TestClientsThatVanishLeaveTheEngineUp(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	for i := range 40 {
		conn, err := ch.Open(&ch.Options{
			Addr: []string{e.TCPAddr}, Auth: ch.Auth{Username: e.Users.Owner.Name, Password: e.Users.Owner.Password},
			DialContext: func(ctx context.Context, addr string) (net.Conn, error) {
				var d net.Dialer
				conn, err := d.DialContext(ctx, "tcp", addr)
				if err == nil {
					err = conn.(*net.TCPConn).SetLinger(0) // make Close reset the connection
				}
				return conn, err
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*3*time.Millisecond)
		if err := conn.Exec(ctx, "SELECT count() FROM numbers(100000000000) SETTINGS max_execution_time = 20"); err == nil {
			t.Error("the query ended")
		}
		cancel()
		if err := conn.Exec(t.Context(), "SELECT 1"); err != nil { // make the connection idle
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := must(t, e, e.Users.Reader, "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
	if err := e.Err(); err != nil {
		t.Error(err)
	}
}

// A refused login over the native protocol gets an error, and the engine stays up.
func TestRefusedLoginsLeaveTheEngineUp(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	w := e.Users.Writer
	for range 3 {
		for _, c := range []struct {
			auth ch.Auth
			want string
		}{
			{ch.Auth{Username: w.Name, Password: "wrong"}, "516"},
			{ch.Auth{Username: "nobody"}, "516"},
			{ch.Auth{Username: w.Name, Password: w.Password, Database: "nowhere"}, "81"},
		} {
			conn, err := ch.Open(&ch.Options{Addr: []string{e.TCPAddr}, Auth: c.auth})
			if err != nil {
				t.Fatal(err)
			}
			if err := conn.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "code: "+c.want) {
				t.Errorf("%+v: %v, want code %s", c.auth, err, c.want)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
		for _, words := range []string{"", "GET / HTTP/1.1\r\n\r\n", "\x00\x05abc", "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"} {
			conn, err := net.Dial("tcp", e.TCPAddr)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write([]byte(words)); err != nil {
				t.Error(err)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err := e.Err(); err != nil {
		t.Fatal(err)
	}
	if got := must(t, e, e.Users.Reader, "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
}

// The error about a damaged accounts file names it and a remedy, and the remedy works.
func TestDamagedAccountsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := start(t, dir)
	must(t, e, e.Users.Migrator, table)
	must(t, e, e.Users.Writer, "INSERT INTO resource_events VALUES (1, 1)")
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	path := dir + "/users.json"
	for _, text := range []string{"", "{", "null", "{}", `{"owner":{"name":"o","password":"p"}}`, "\x00\x00\x00", `[]`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := chdb.Start(t.Context(), chdb.Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "move it away") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := os.Rename(path, path+".damaged"); err != nil {
		t.Fatal(err)
	}
	e = start(t, dir)
	if got := must(t, e, e.Users.Reader, "SELECT count() FROM resource_events"); got != "1" {
		t.Errorf("%s rows, want 1", got)
	}
}

func TestOneEngineADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if e, err := chdb.Start(ctx, chdb.Options{Dir: dir}); err == nil {
		t.Errorf("a second engine started on the same directory: %v", e.Stop())
	} else if !strings.Contains(err.Error(), "another engine runs") {
		t.Errorf("error %q does not say that another engine runs", err)
	}
}

func TestMissingLibrarySaysWhatToDo(t *testing.T) {
	t.Setenv("POLO_LIBCHDB", t.TempDir()+"/none.so")
	_, err := chdb.FindLibrary()
	if err == nil || !strings.Contains(err.Error(), "POLO_LIBCHDB") {
		t.Errorf("error %v does not name the variable", err)
	}
}
