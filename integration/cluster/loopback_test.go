package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"polo/local/chdb"
)

// foreignBuild is the scripts' exit code if the library is another build than they support.
const foreignBuild = 4

// loopback starts a cluster of the library's own servers on 127.0.0.1, with the scripts in
// POLO_CLUSTER. If that is unset the test is skipped; if the scripts are missing it fails.
func loopback(t *testing.T) *servers {
	t.Helper()
	given := os.Getenv("POLO_CLUSTER")
	if given == "" {
		t.Skip("POLO_CLUSTER is not set: no scripts that make a cluster")
	}
	library, err := chdb.FindLibrary()
	if err != nil {
		t.Fatal(err)
	}
	dir, scripts := t.TempDir(), t.TempDir()
	if err := os.CopyFS(scripts, os.DirFS(given)); err != nil {
		t.Fatalf("POLO_CLUSTER is set, but: %v", err)
	}
	// Use docs/DEPLOY.md's reader.
	replace(t, filepath.Join(scripts, "configs.py"), `"SELECT ON system.*"],"polo_reader")`, `],"polo_reader")`)
	replace(t, filepath.Join(scripts, "configs.py"), "<access_control_improvements>", "<access_control_improvements><select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>")
	replace(t, filepath.Join(scripts, "configs.py"), "<final>1</final>", "<final>1</final><distributed_product_mode>global</distributed_product_mode>")
	// ZooKeeper does not answer a client that asks too early.
	replace(t, filepath.Join(scripts, "up"), "cat <&3", "timeout 2 cat <&3")
	reset := filepath.Join(scripts, "reset.so")
	run := func(ctx context.Context, name string, args ...string) error {
		cmd := exec.CommandContext(ctx, name, args...)
		// A file, not a pipe: the servers keep the script's output open.
		out, err := os.CreateTemp(scripts, "out")
		if err != nil {
			return err
		}
		defer func() { _ = out.Close() }()
		cmd.Stdout, cmd.Stderr = out, out
		cmd.Env = append(os.Environ(), "LIBCHDB="+library)
		if _, err := os.Stat(reset); err == nil {
			cmd.Env = append(cmd.Env, "LD_PRELOAD="+reset)
		}
		if err := cmd.Run(); err != nil {
			text, _ := os.ReadFile(out.Name())
			return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, bytes.TrimSpace(text))
		}
		return nil
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(t, run(t.Context(), "gcc", "-O1", "-shared", "-fPIC", "-o", reset, "testdata/reset.c", "-ldl"))
	t.Cleanup(func() { _ = run(context.WithoutCancel(t.Context()), filepath.Join(scripts, "down"), dir) })
	began := time.Now()
	err = run(t.Context(), filepath.Join(scripts, "up"), dir)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == foreignBuild {
		t.Skip("the library is another build than POLO_CLUSTER is made for: no cluster is run")
	}
	must(t, err)
	t.Logf("the cluster is up after %s", time.Since(began).Round(time.Millisecond))

	user := func(name string) chdb.User { return chdb.User{Name: name, Password: "pw_" + name} }
	s := &servers{
		users: chdb.Users{Migrator: user("polo_migrator"), Writer: user("polo_writer"), Reader: user("polo_reader")},
		admin: chdb.User{Name: "default"},
	}
	for n := 1; n < len(s.addrs); n++ {
		s.addrs[n] = fmt.Sprint("127.0.0.1:1920", n)
	}
	s.names = s.addrs
	folder := func(n int) string { return filepath.Join(dir, fmt.Sprint("n", n)) }
	killed := func(t *testing.T, path string) {
		t.Helper()
		text, err := os.ReadFile(path)
		must(t, err)
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		must(t, err)
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		for syscall.Kill(pid, 0) == nil && !isZombie(pid) {
			time.Sleep(10 * time.Millisecond)
		}
	}
	s.kill = func(t *testing.T, n int) { t.Helper(); killed(t, filepath.Join(folder(n), "pid")) }
	s.start = func(t *testing.T, n int) {
		t.Helper()
		must(t, run(t.Context(), filepath.Join(scripts, "node"), dir, strconv.Itoa(n)))
	}
	s.wipe = func(t *testing.T, n int) { t.Helper(); must(t, os.RemoveAll(filepath.Join(folder(n), "data"))) }
	s.replaceConfig = func(t *testing.T, n int, was, is string) {
		t.Helper()
		replace(t, filepath.Join(folder(n), "config.xml"), was, is)
	}
	keeperPID := filepath.Join(dir, "zk.pid")
	s.killKeeper = func(t *testing.T) { t.Helper(); killed(t, keeperPID) }
	s.startKeeper = func(t *testing.T) {
		t.Helper()
		log, err := os.OpenFile(filepath.Join(dir, "zk.log"), os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		defer func() { _ = log.Close() }()
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "java", "-Xmx256m", "-cp", "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar",
			"org.apache.zookeeper.server.quorum.QuorumPeerMain", filepath.Join(dir, "zoo.cfg"))
		cmd.Stdout, cmd.Stderr = log, log
		must(t, cmd.Start())
		go func() { _ = cmd.Wait() }()
		must(t, os.WriteFile(keeperPID, []byte(strconv.Itoa(cmd.Process.Pid)), 0o600))
		await(t, "ZooKeeper", func() bool {
			conn, err := net.Dial("tcp", "127.0.0.1:12181")
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
	return s
}

// isZombie reports whether a process has exited and was not reaped.
func isZombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return errors.Is(err, fs.ErrNotExist) || bytes.Contains(stat, []byte(") Z "))
}

func replace(t *testing.T, path, was, is string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(was)) {
		t.Fatalf("%s has no %s", path, was)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, info.Mode()|0o200); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte(was), []byte(is)), 0); err != nil {
		t.Fatal(err)
	}
}

// await waits until so returns true.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for began := time.Now(); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("%s: not after a minute", what)
		}
	}
}
