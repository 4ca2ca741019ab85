package chdb_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"polo/local/chdb"
)

// fenced starts an engine, on systems that have every part of the fence.
func fenced(t *testing.T) (e *chdb.Engine, dir string) {
	t.Helper()
	dir = t.TempDir()
	e = start(t, dir)
	if runtime.GOOS != "linux" {
		t.Skip("Linux alone has a fence")
	}
	if os.Getuid() == 0 && len(e.Unfenced) > 0 {
		t.Fatalf("there is no %s", strings.Join(e.Unfenced, ", "))
	}
	return e, dir
}

// No account can read or write anything of the machine, over HTTP or the native protocol.
func TestEngineIsFenced(t *testing.T) {
	t.Parallel()
	e, dir := fenced(t)
	must(t, e, e.Users.Migrator, table)
	const secret = "of somebody else"
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte(secret), 0o644); err != nil { //nolint:gosec // readable by everybody
		t.Fatal(err)
	}
	files := filepath.Join(dir, "data", "user_files")
	if err := os.MkdirAll(files, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(files, "link")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = web.Close() }()
	go func() {
		_ = http.Serve(web, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { //nolint:gosec // for this test
			asked.Add(1)
			_, _ = w.Write([]byte(secret))
		}))
	}()
	url := "http://" + web.Addr().String() + "/"
	reads := []string{
		"/etc/passwd", "/etc/shadow", "/etc/hostname", outside, link, filepath.Join(files, "..", "..", "users.json"), filepath.Join(dir, "users.json"),
		filepath.Join(dir, "clickhouse.log"), "/proc/self/environ", "/proc/self/cmdline", "/proc/self/maps", "/proc/self/mem", "/proc/self/status", "/proc/self/mounts",
		"/proc/self/cwd/users.json", "/proc/self/root/etc/passwd", "/proc/thread-self/environ", "/proc/1/environ", "/proc/mounts", "/proc/version", "/sys/kernel/uevent_seqnum",
		"/dev/mem", "/proc/self/fd/1", "/dev/stdout", "/dev/fd/3",
	}
	var statements []string
	for _, path := range reads {
		statements = append(statements, "SELECT file('"+path+"')", "SELECT * FROM file('"+path+"', LineAsString)")
	}
	statements = append(statements,
		"SELECT * FROM executable('sh -c id', LineAsString, 'x String')",
		"INSERT INTO FUNCTION file('"+filepath.Join(filepath.Dir(outside), "written")+"', LineAsString, 'x String') VALUES ('x')",
		"INSERT INTO FUNCTION file('"+link+"', LineAsString, 'x String') VALUES ('x')",
		"INSERT INTO FUNCTION file('"+filepath.Join(dir, "users.json")+"', LineAsString, 'x String') VALUES ('x')",
		"SELECT 1 INTO OUTFILE '"+filepath.Join(filepath.Dir(outside), "written")+"'",
	)
	// One try each: by default the engine retries with pauses.
	const once = " SETTINGS http_max_tries = 1, s3_retry_attempts = 0, s3_max_single_read_retries = 0, connections_with_failover_max_tries = 1"
	outward := []string{
		"SELECT * FROM url('" + url + "', LineAsString)" + once, "SELECT * FROM s3('" + url + "b/k', NOSIGN, LineAsString)" + once,
		"SELECT * FROM remote('" + web.Addr().String() + "', system.one)" + once,
	}
	before, err := os.ReadFile(filepath.Join(dir, "users.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []chdb.User{e.Users.Owner, e.Users.Migrator, e.Users.Writer, e.Users.Reader} {
		conn, err := ch.Open(&ch.Options{Addr: []string{e.TCPAddr}, Auth: ch.Auth{Username: u.Name, Password: u.Password}})
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range statements {
			if body, status := query(t, e, u, sql); status == http.StatusOK && !strings.HasPrefix(sql, "SELECT 1 INTO") {
				t.Errorf("%s: %s: answered %.100q", u.Name, sql, body)
			}
			if strings.HasPrefix(sql, "INSERT") || strings.Contains(sql, "OUTFILE") {
				continue
			}
			var got string
			if err := conn.QueryRow(t.Context(), sql).Scan(&got); err == nil {
				t.Errorf("%s: %s: answered %.100q over the native protocol", u.Name, sql, got)
			}
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, sql := range outward {
		if body, status := query(t, e, e.Users.Owner, sql); status == http.StatusOK {
			t.Errorf("%s: answered %.100q", sql, body)
		}
	}
	if body, _ := query(t, e, e.Users.Owner, "SELECT * FROM file('"+filepath.Dir(outside)+"/*', LineAsString)"); strings.Contains(body, secret) {
		t.Errorf("a pattern finds %q", body)
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the engine made %d calls", n)
	}
	if text, err := os.ReadFile(outside); err != nil || string(text) != secret {
		t.Errorf("a file is now %q, %v", text, err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "users.json")); err != nil || string(after) != string(before) {
		t.Errorf("the accounts are now %q, %v", after, err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(outside), "written")); !os.IsNotExist(err) {
		t.Errorf("a file is written: %v", err)
	}
	must(t, e, e.Users.Writer, "INSERT INTO resource_events VALUES (1, 1)")
	if got := must(t, e, e.Users.Reader, "SELECT count() FROM resource_events"); got != "1" {
		t.Errorf("%s rows, want 1", got)
	}
}

// Only the doors lead to the engine.
func TestEnginesPortsAreItsOwn(t *testing.T) {
	t.Parallel()
	e, _ := fenced(t)
	for _, addr := range innerPorts(t, e) {
		if conn, err := net.Dial("tcp", addr); err == nil {
			t.Errorf("the engine's own port %s is open", addr)
			_ = conn.Close()
		}
	}
}
