package dashboard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"polo/local/chdb"
	"polo/local/dashboard"
	"polo/local/dashboard/dashboardtest"
	"polo/local/logtest"
)

// parentEnv makes the test program run a dashboard of a build in a folder, until it is killed.
const parentEnv = "POLO_TEST_DASHBOARD"

func TestMain(m *testing.M) {
	chdb.RunChild()
	if dirs := os.Getenv(parentEnv); dirs != "" {
		build, dir, _ := strings.Cut(dirs, "\n")
		fmt.Println(runParent(build, dir))
		select {}
	}
	os.Exit(m.Run())
}

func runParent(build, dir string) string {
	b, err := dashboard.FindBuild(build)
	if err != nil {
		return err.Error()
	}
	d, err := dashboard.Start(context.Background(), dashboard.Options{Build: b, Dir: dir, ClickHouse: "127.0.0.1:1"})
	if err != nil {
		return err.Error()
	}
	return d.URL
}

// visitor is a browser with a dashboard open.
type visitor struct {
	t    *testing.T
	http *http.Client
	base string
}

// start starts a dashboard until the test ends, and signs in.
func start(t *testing.T, o dashboard.Options) (*visitor, *dashboard.Dashboard) {
	t.Helper()
	var err error
	if o.Build, err = dashboard.FindBuild(dashboardtest.Build(t)); err != nil {
		t.Fatal(err)
	}
	d, err := dashboard.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	return visit(t, d.URL), d
}

func visit(t *testing.T, address string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(address, "/?")
	v := &visitor{t, &http.Client{Jar: jar}, base}
	if status, text := v.ask(t.Context(), http.MethodGet, strings.TrimPrefix(address, base), ""); status != http.StatusOK || !strings.Contains(text, "The application") {
		t.Fatalf("%s: status %d: %s", base, status, text)
	}
	return v
}

func (v *visitor) ask(ctx context.Context, method, path, body string) (int, string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	resp, err := v.http.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// The whole of it, on the real workerd and the real ClickHouse: the Worker verifies who asks, and asks ClickHouse as
// polo_api.
func TestDashboard(t *testing.T) {
	t.Parallel()
	e, err := chdb.Start(t.Context(), chdb.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(t.TempDir(), "dashboard")
	v, d := start(t, dashboard.Options{Dir: dir, ClickHouse: e.HTTPAddr, User: e.Users.API})
	status, text := v.ask(t.Context(), http.MethodGet, "/api/echo?a=1", "")
	var echo struct {
		URL     string
		Headers map[string]string
		Claims  struct{ Email string }
	}
	if err := json.Unmarshal([]byte(text), &echo); err != nil || status != http.StatusOK {
		t.Fatalf("status %d: %v in %s", status, err, text)
	}
	if echo.URL != v.base+"/api/echo?a=1" || !strings.HasSuffix(echo.Claims.Email, "@localhost") || echo.Headers["cookie"] != "" {
		t.Errorf("the Worker sees %+v", echo)
	}
	if status, text := v.ask(t.Context(), http.MethodPost, "/api/clickhouse", "SELECT currentUser()"); status != http.StatusOK || strings.TrimSpace(text) != "polo_api" {
		t.Errorf("ClickHouse: status %d: %s", status, text)
	}
	if elsewhere := beyondLoopback(t); elsewhere != "" {
		if _, text := v.ask(t.Context(), http.MethodGet, "/api/elsewhere?url="+url.QueryEscape(elsewhere), ""); !strings.Contains(text, `"error"`) {
			t.Errorf("the Worker reaches %s: %s", elsewhere, text)
		}
	}

	// A browser that goes away cancels its query.
	owner := url.Values{"user": {e.Users.Owner.Name}, "password": {e.Users.Owner.Password}}.Encode()
	running := func() string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.HTTPAddr+"/?"+owner, strings.NewReader("SELECT count() FROM system.processes WHERE user = 'polo_api'"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	await := func(want string) {
		t.Helper()
		for until := time.Now().Add(10 * time.Second); running() != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("%s queries run, want %s", running(), want)
			}
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan string, 1)
	go func() {
		_, text := v.ask(ctx, http.MethodPost, "/api/clickhouse", "SELECT count() FROM numbers(1900000000) WHERE sipHash128(toString(number)) = 'a'")
		left <- text
	}()
	await("1")
	leave()
	began := time.Now()
	await("0")
	t.Logf("the query was cancelled %s after its client left: %s", time.Since(began), <-left)

	// No secret is in a file besides the key's, in a command line, or in an environment but the password in workerd's.
	key, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, f os.DirEntry, err error) error {
		if err != nil || f.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := f.Info()
		if err != nil {
			return err
		}
		if strings.Contains(string(text), e.Users.API.Password) || f.Name() != "key" && strings.Contains(string(text), key.Query().Get("key")) || info.Mode().Perm() != 0o600 {
			t.Errorf("%s holds a secret, or is open to others: %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	again, err := dashboard.FindBuild(dashboardtest.Build(t))
	if err != nil {
		t.Fatal(err)
	}
	second, err := dashboard.Start(t.Context(), dashboard.Options{Build: again, Dir: dir, ClickHouse: e.HTTPAddr, User: e.Users.API})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Stop() }()
	if other, err := url.Parse(second.URL); err != nil || other.Query().Get("key") != key.Query().Get("key") || other.Host == key.Host {
		t.Errorf("a second start has another key, or the same port: %v", err)
	}
}

// beyondLoopback returns the URL of a server on this machine's own network; empty if it is on none.
func beyondLoopback(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		ip, ok := addr.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.To4() == nil {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort(ip.IP.String(), "0"))
		if err != nil {
			continue
		}
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		_ = server.Listener.Close()
		server.Listener = l
		server.Start()
		t.Cleanup(server.Close)
		return server.URL
	}
	return ""
}

// processIn returns the id of the process that works in a folder; 0 if there is none.
func processIn(t *testing.T, dir string) int {
	t.Helper()
	if _, err := os.Stat("/proc/self/cwd"); err != nil {
		t.Skip("this system has no /proc")
	}
	found, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, cwd := range found {
		if at, err := os.Readlink(cwd); err == nil && at == dir {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(cwd)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	return 0
}

// awaitNone waits until no process works in a folder.
func awaitNone(t *testing.T, dir string) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); processIn(t, dir) != 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("process %d still works in %s", processIn(t, dir), dir)
		}
	}
}

// workerd has a small environment, is restarted when it dies, and ends with the dashboard.
func TestWorkerdIsKeptUp(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of the parent")
	log := &logtest.Log{}
	dir := t.TempDir()
	v, d := start(t, dashboard.Options{Dir: dir, ClickHouse: "127.0.0.1:1", User: chdb.User{Name: "polo_api", Password: "the password"}, Logger: slog.New(slog.NewTextHandler(log, nil))})
	pid := processIn(t, dir)
	for file, want := range map[string]string{"environ": "CLICKHOUSE_PASSWORD=the password\x00", "cmdline": ""} {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if want != "" && string(text) != want && os.Getenv("LD_LIBRARY_PATH") == "" || strings.Contains(string(text), "of the parent") || want == "" && strings.Contains(string(text), "the password") {
			t.Errorf("%s is %q", file, text)
		}
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// A request waits for the next.
	if status, text := v.ask(t.Context(), http.MethodPost, "/api/echo", "hello"); status != http.StatusOK || !strings.Contains(text, `"body":"hello"`) {
		t.Errorf("after a kill: status %d: %s", status, text)
	}
	if next := processIn(t, dir); next == 0 || next == pid {
		t.Errorf("process %d follows %d", next, pid)
	}
	if !strings.Contains(log.String(), "restarting it") || !strings.Contains(log.String(), "signal: killed") {
		t.Errorf("the log is %q", log)
	}
	if err := d.Stop(); err != nil {
		t.Error(err)
	}
	if left := processIn(t, dir); left != 0 {
		t.Errorf("process %d outlives the dashboard", left)
	}
}

// A Worker that cannot run is an error that shows why.
func TestBrokenWorker(t *testing.T) {
	t.Parallel()
	dir := dashboardtest.Build(t)
	if err := os.WriteFile(filepath.Join(dir, "worker.js"), []byte("export default {"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := dashboard.FindBuild(dir)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	_, err = dashboard.Start(t.Context(), dashboard.Options{Build: b, Dir: data, ClickHouse: "127.0.0.1:1"})
	if err == nil || !strings.Contains(err.Error(), "SyntaxError") || !strings.Contains(err.Error(), "workerd.log") {
		t.Errorf("the error is %v", err)
	}
	awaitNone(t, data)
}

// workerd does not outlive a parent that is killed.
func TestWorkerdEndsWithItsParent(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	parent := exec.CommandContext(t.Context(), self)
	parent.Env = append(os.Environ(), parentEnv+"="+dashboardtest.Build(t)+"\n"+dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http://") || processIn(t, dir) == 0 {
		t.Fatalf("it says %q: %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	awaitNone(t, dir)
	_ = parent.Wait() // it was killed
}

func TestFindBuild(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"", "worker.js", "workerd", "assets/index.html"} {
		dir := t.TempDir()
		for _, name := range []string{"worker.js", "workerd", "assets/index.html"} {
			path := filepath.Join(dir, name)
			if name == missing {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b, err := dashboard.FindBuild(dir)
		if missing == "" && (err != nil || b.Dir() != dir) {
			t.Errorf("a whole build: %v", err)
		}
		if missing != "" && (!errors.Is(err, dashboard.ErrNotBuilt) || !strings.Contains(err.Error(), filepath.Join(dir, missing))) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}
