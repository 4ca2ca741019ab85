package chdb_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"polo/local/chdb"
)

// dialInside connects from inside the engine's network namespace.
func dialInside(t *testing.T, e *chdb.Engine, addr string) (net.Conn, error) {
	t.Helper()
	ns, err := os.Open("/proc/" + strconv.Itoa(e.Pid) + "/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ns.Close() }()
	var conn net.Conn
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so the thread ends with this goroutine
		err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		if err == nil {
			conn, err = net.Dial("tcp", addr)
		}
		done <- err
	}()
	err = <-done
	return conn, err
}

// The account without a password is refused even on the engine's own port.
func TestDefaultAccountIsRefused(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("root alone gets into the engine's network")
	}
	e := start(t, t.TempDir())
	asked := 0
	for _, addr := range innerPorts(t, e) {
		for _, login := range []string{"", "user=default", "user=polo_keeper", "user=polo_owner"} {
			conn, err := dialInside(t, e, addr)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, "GET /?query=SELECT+1&"+login+" HTTP/1.0\r\n\r\n"); err != nil {
				t.Error(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Error(err)
			}
			text, err := io.ReadAll(conn)
			if err != nil {
				t.Error(err)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			if strings.HasPrefix(string(text), "HTTP/") && strings.Contains(string(text), "Server-Display-Name") {
				asked++
			}
			if strings.HasPrefix(string(text), "HTTP/1.0 200") || strings.HasPrefix(string(text), "HTTP/1.1 200") {
				t.Errorf("%q is accepted on the engine's own port: %s", login, text)
			}
		}
	}
	if asked < 4 {
		t.Errorf("the engine answered %d times over HTTP", asked)
	}
}

// innerPorts returns the addresses that an engine's process listens on beside its doors.
func innerPorts(t *testing.T, e *chdb.Engine) []string {
	t.Helper()
	proc := "/proc/" + strconv.Itoa(e.Pid)
	own := map[string]bool{}
	files, err := filepath.Glob(proc + "/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if target, err := os.Readlink(f); err == nil {
			own[target] = true
		}
	}
	text, err := os.ReadFile(proc + "/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	var addrs []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line) // sl local_address rem_address st ... inode
		if len(f) < 10 || f[3] != "0A" || !own["socket:["+f[9]+"]"] {
			continue
		}
		port, err := strconv.ParseUint(f[1][strings.IndexByte(f[1], ':')+1:], 16, 16)
		if err != nil {
			t.Fatal(err)
		}
		if addr := fmt.Sprintf("127.0.0.1:%d", port); addr != e.TCPAddr && addr != e.HTTPAddr {
			addrs = append(addrs, addr)
		}
	}
	if len(addrs) < 2 {
		t.Fatalf("the engine listens on %v beside its doors", addrs)
	}
	return addrs
}
