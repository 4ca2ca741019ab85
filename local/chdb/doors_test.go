package chdb_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"polo/local/chdb"
)

// answer is a response of the HTTP door. ask makes a request, modified by change.
type answer struct {
	status int
	header http.Header
	text   string
}

func ask(t *testing.T, e *chdb.Engine, query url.Values, change func(*http.Request)) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.HTTPAddr+"/?"+query.Encode(), strings.NewReader("SELECT currentUser()"))
	if err != nil {
		t.Fatal(err)
	}
	change(r)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, strings.TrimSpace(string(text))}
}

// The HTTP door accepts one account, given once, in each of ClickHouse's ways.
func TestHTTPDoorAuthenticates(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	reader, owner := e.Users.Reader, e.Users.Owner
	as := url.Values{"user": {reader.Name}, "password": {reader.Password}}
	headers := func(u chdb.User) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("X-ClickHouse-User", u.Name)
			r.Header.Set("X-ClickHouse-Key", u.Password)
		}
	}
	none := func(*http.Request) {}
	for _, c := range []struct {
		name   string
		query  url.Values
		change func(*http.Request)
		want   string // the user that the engine sees; empty if refused
	}{
		{"parameters", as, none, reader.Name},
		{"headers", nil, headers(reader), reader.Name},
		{"basic", nil, func(r *http.Request) { r.SetBasicAuth(reader.Name, reader.Password) }, reader.Name},
		{"localhost", as, func(r *http.Request) { r.Host = strings.Replace(r.Host, "127.0.0.1", "localhost", 1) }, reader.Name},
		{"a role", url.Values{"user": as["user"], "password": as["password"], "role": {"polo_owner"}}, none, reader.Name},
		{"a client that has its headers dropped", as, func(r *http.Request) { r.Header.Set("Connection", "X-ClickHouse-User, X-ClickHouse-Key") }, reader.Name},
		{"nobody", nil, none, ""},
		{"default", url.Values{"user": {"default"}}, none, ""},
		{"default by header", nil, headers(chdb.User{Name: "default"}), ""},
		{"the engine's own account", url.Values{"user": {"polo_keeper"}}, none, ""},
		{"an empty name", url.Values{"user": {""}, "password": {""}}, none, ""},
		{"no password", url.Values{"user": {reader.Name}}, none, ""},
		{"another's password", url.Values{"user": {reader.Name}, "password": {owner.Password}}, none, ""},
		{"the password's hash", url.Values{"user": {reader.Name}, "password": {strings.Repeat("0", 64)}}, none, ""},
		{"two users", url.Values{"user": {reader.Name, "default"}, "password": as["password"]}, none, ""},
		{"two ways", as, headers(owner), ""},
		{"parameters and basic", as, func(r *http.Request) { r.SetBasicAuth(owner.Name, owner.Password) }, ""},
		{"a bearer's token", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, ""},
		{"a certificate", nil, func(r *http.Request) {
			r.Header.Set("X-ClickHouse-User", "default")
			r.Header.Set("X-ClickHouse-SSL-Certificate-Auth", "on")
		}, ""},
		{"a foreign host", as, func(r *http.Request) { r.Host = "evil.example" }, ""},
		{"a web page", as, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, ""},
		{"a web page's image", as, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, ""},
		{"a question before a request", as, func(r *http.Request) { r.Method = http.MethodOptions }, ""},
		{"a page of the engine's", as, func(r *http.Request) { r.URL.Path = "/play" }, ""},
	} {
		a := ask(t, e, c.query, c.change)
		if c.want != "" && (a.status != http.StatusOK || a.text != c.want) {
			t.Errorf("%s: status %d: %s, want %s", c.name, a.status, a.text, c.want)
		}
		if c.want == "" && (a.status < 400 || a.header.Get("X-ClickHouse-Server-Display-Name") != "") {
			t.Errorf("%s: status %d: %s, want the door's refusal", c.name, a.status, a.text)
		}
	}
	as.Set("add_http_cors_header", "1")
	as.Set("http_response_headers", "{'Access-Control-Allow-Origin':'*'}")
	if a := ask(t, e, as, none); a.status != http.StatusOK || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("asked for a header that lets pages in: status %d, headers %v", a.status, a.header)
	}
	resp, err := http.Get("http://" + e.HTTPAddr + "/ping") //nolint:noctx // as a health check does
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || strings.TrimSpace(string(got)) != "Ok." {
		t.Errorf("/ping: status %d: %s", resp.StatusCode, got)
	}
}

// The engine's own ports accept no more accounts than the doors, and no account can end it.
func TestEngineIsClosedBehindTheDoors(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	for _, u := range []chdb.User{e.Users.Owner, e.Users.Migrator, e.Users.Writer, e.Users.Reader, e.Users.API} {
		for _, sql := range []string{
			"SYSTEM STOP LISTEN TCP", "SYSTEM STOP LISTEN HTTP", "SYSTEM STOP LISTEN QUERIES ALL", "SYSTEM SHUTDOWN", "SYSTEM KILL",
			"KILL QUERY WHERE user = 'default' SYNC", "KILL QUERY WHERE query LIKE 'SELECT sleepEachRow%' SYNC", "GRANT SYSTEM LISTEN ON *.* TO " + u.Name,
		} {
			// A KILL that matches nothing visible succeeds and kills nothing.
			if body, status := query(t, e, u, sql); status == http.StatusOK && (body != "" || !strings.HasPrefix(sql, "KILL")) {
				t.Errorf("%s: %s: allowed, answered %q", u.Name, sql, body)
			}
		}
	}
	conn, err := ch.Open(&ch.Options{Addr: []string{e.TCPAddr}, Auth: ch.Auth{Username: e.Users.Reader.Name, Password: e.Users.Reader.Password}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	must(t, e, e.Users.Reader, "SELECT 1")
}

// An HTTP client that disconnects mid-request does not harm the engine.
func TestHTTPClientsThatVanishLeaveTheEngineUp(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	r := e.Users.Reader
	login := url.Values{"user": {r.Name}, "password": {r.Password}}.Encode()
	for i := range 30 {
		conn, err := net.Dial("tcp", e.HTTPAddr)
		if err != nil {
			t.Fatal(err)
		}
		sql := "SELECT number, sleepEachRow(0.001) FROM numbers(1000000) SETTINGS max_block_size = 10"
		size := len(sql)
		if i%3 == 0 {
			size += 1000 // which never arrive
		}
		words := "POST /?" + login + " HTTP/1.1\r\nHost: " + e.HTTPAddr + "\r\nContent-Length: " + strconv.Itoa(size) + "\r\n\r\n" + sql
		if _, err := conn.Write([]byte(words)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i) * 3 * time.Millisecond)
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil { // make Close reset the connection
			t.Error(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	time.Sleep(300 * time.Millisecond)
	if got := must(t, e, r, "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
	if err := e.Err(); err != nil {
		t.Error(err)
	}
}

// No password can be read from the process.
func TestPasswordsAreNotInTheProcess(t *testing.T) {
	t.Setenv("POLO_TEST_SECRET", "of the parent")
	e := start(t, t.TempDir())
	for _, file := range []string{"environ", "cmdline"} {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(e.Pid) + "/" + file)
		if os.IsNotExist(err) {
			t.Skip("this system has no /proc")
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(text) == 0 {
			t.Errorf("%s is empty", file)
		}
		for _, secret := range []string{e.Users.Owner.Password, e.Users.Migrator.Password, e.Users.Writer.Password, e.Users.Reader.Password, e.Users.API.Password, "of the parent"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds a secret: %q", file, text)
			}
		}
	}
}

// The engine itself dies of these ten bytes.
func TestLengthsAreBoundedBeforeLogin(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	huge := "\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
	for _, words := range []string{
		"\x00" + huge, "\x00\x01a\x01\x01\x01" + huge, "\x00\x01a\x01\x01\x01\x00" + huge, "\x00\x01a\x01\x01\x01\x00\x01a" + huge,
		"\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x00\xff\xff\xff\xff\x07", strings.Repeat("\xff", 100), "\x00\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", e.TCPAddr)
		if err != nil {
			t.Fatalf("before %q: %v", words, err)
		}
		if _, err := io.WriteString(conn, words); err != nil {
			t.Error(err)
		}
		if answer, err := io.ReadAll(conn); len(answer) > 0 {
			t.Errorf("%q is answered %q, %v", words, answer, err)
		}
		_ = conn.Close()
		cancel()
	}
	if err := e.Err(); err != nil {
		t.Fatal(err)
	}
	must(t, e, e.Users.Reader, "SELECT 1")
}
