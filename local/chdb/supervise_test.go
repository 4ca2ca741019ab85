package chdb_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polo/local/logtest"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"polo/local/chdb"
)

func supervise(t *testing.T, o chdb.Options) (*chdb.Supervisor, *logtest.Log) {
	t.Helper()
	var log logtest.Log
	s, err := chdb.Supervise(t.Context(), o, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s, &log
}

// engineOf returns an Engine for the helpers of these tests.
func engineOf(s *chdb.Supervisor) *chdb.Engine {
	return &chdb.Engine{Users: s.Users, TCPAddr: s.TCPAddr, HTTPAddr: s.HTTPAddr, Pid: s.Pid()}
}

// awaitOther waits for an engine with another process id.
func awaitOther(t *testing.T, s *chdb.Supervisor, pid int, log *logtest.Log) {
	t.Helper()
	for until := time.Now().Add(2 * time.Minute); s.Pid() == pid; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not restarted:\n%s", log)
		}
	}
}

// A killed engine is restarted on the same ports with its data.
func TestKilledEngineIsRestarted(t *testing.T) {
	t.Parallel()
	s, log := supervise(t, chdb.Options{Dir: t.TempDir()})
	must(t, engineOf(s), s.Users.Migrator, table)
	for n := range 2 {
		must(t, engineOf(s), s.Users.Writer, "INSERT INTO resource_events VALUES (1, 1)")
		pid := s.Pid()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		// A client that connects meanwhile waits.
		if got := must(t, engineOf(s), s.Users.Reader, "SELECT count() FROM resource_events"); got != "1" {
			t.Errorf("after kill %d: %s rows, want 1", n, got)
		}
		awaitOther(t, s, pid, log)
	}
	if !strings.Contains(log.String(), "signal: killed") || !strings.Contains(log.String(), "ClickHouse is up again") {
		t.Errorf("the log is %s", log)
	}
	if err := s.Err(); err != nil {
		t.Error(err)
	}
}

// An engine that has closed its ports is noticed within seconds.
func TestEngineThatStopsListeningIsRestarted(t *testing.T) {
	t.Parallel()
	s, log := supervise(t, chdb.OwnerMayStopListening(chdb.Options{Dir: t.TempDir()}))
	for _, what := range []string{"TCP", "HTTP"} {
		pid := s.Pid()
		query(t, engineOf(s), s.Users.Owner, "SYSTEM STOP LISTEN "+what) // it may not answer any more
		awaitOther(t, s, pid, log)
		conn, err := ch.Open(&ch.Options{Addr: []string{s.TCPAddr}, Auth: ch.Auth{Username: s.Users.Reader.Name, Password: s.Users.Reader.Password}})
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Ping(t.Context()); err != nil {
			t.Errorf("after STOP LISTEN %s: %v", what, err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		must(t, engineOf(s), s.Users.Reader, "SELECT 1")
	}
	if got := log.String(); !strings.Contains(got, "on the native port: not listening") || !strings.Contains(got, "over HTTP") {
		t.Errorf("the log is %s", got)
	}
}

// The Supervisor gives up an engine that cannot be restarted, with the cause.
func TestEngineIsGivenUp(t *testing.T) {
	t.Parallel()
	library, err := chdb.FindLibrary()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.Symlink(library, link); err != nil {
		t.Fatal(err)
	}
	s, log := supervise(t, chdb.Options{Dir: t.TempDir(), Library: link})
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(s.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Exited():
	case <-time.After(2 * time.Minute):
		t.Fatalf("not given up:\n%s", log)
	}
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "after 5 restarts") || !strings.Contains(err.Error(), "libchdb.so") {
		t.Errorf("given up with %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.HTTPAddr+"/ping", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(r); err == nil {
		_ = resp.Body.Close()
		t.Error("somebody listens on its port")
	} else if ctx.Err() != nil {
		t.Error("clients still wait")
	}
}
