package clickhouse

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Options configure an Engine.
type Options struct {
	// Dir holds the data, the configuration and the log; it is made if missing.
	Dir string
	// Host is the address to listen on; empty means 127.0.0.1.
	Host string
	// MoreUsers says that the configuration knows accounts beside the engine's own:
	// then the engine itself decides who is let in, and aborts over whoever is not.
	MoreUsers bool
	// TCPPort and HTTPPort on Host; 0 takes a free one.
	TCPPort, HTTPPort int
	// Memory bounds the engine, in bytes; 0 means 4 GiB.
	Memory int64
	// Library is the path of libchdb.so; empty means FindLibrary.
	Library string
}

// Times an engine is given. Loading the library from a cold disk takes seconds.
const (
	startTimeout = 20 * time.Second
	stopTimeout  = 30 * time.Second
	lockTimeout  = 60 * time.Second
)

// Engine is a running ClickHouse. It ends with Stop, and by itself when this
// process dies.
type Engine struct {
	Users    Users
	TCPAddr  string // host:port of the native protocol
	HTTPAddr string // host:port of HTTP
	Pid      int

	cmd    *exec.Cmd
	stdin  io.Closer
	exited chan struct{}
	err    error // why it ended; read after exited is closed
	log    string
}

// Start brings the engine up on o.Dir and returns once it answers. It waits for
// an earlier engine on the same directory to end.
func Start(ctx context.Context, o Options) (*Engine, error) {
	if o.Memory == 0 {
		o.Memory = 4 << 30
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Library == "" {
		var err error
		if o.Library, err = FindLibrary(); err != nil {
			return nil, err
		}
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the engine's data directory: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		return nil, fmt.Errorf("making the engine's data directory: %w", err)
	}
	lock, err := lockDir(ctx, dir)
	if err != nil {
		return nil, err
	}
	// The child inherits the locked file and so holds the lock for its life.
	defer func() { _ = lock.Close() }()
	users, err := loadUsers(dir)
	if err != nil {
		return nil, err
	}
	keeper := User{Name: "polo_keeper", Password: rand.Text()}
	config, err := writeConfig(dir, users, keeper, o.Memory)
	if err != nil {
		return nil, err
	}
	// A free port may be taken between finding and using it: try again.
	for attempt := 0; ; attempt++ {
		e, err := start(ctx, o, dir, config, users, keeper, lock)
		if err == nil || attempt == 2 || ctx.Err() != nil {
			return e, err
		}
	}
}

func start(ctx context.Context, o Options, dir, config string, users Users, keeper User, lock *os.File) (*Engine, error) {
	tcp, tcpAddr, err := listen(o.Host, o.TCPPort)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tcp.Close() }() // the child has its own
	web, webAddr, err := listen(o.Host, o.HTTPPort)
	if err != nil {
		return nil, err
	}
	defer func() { _ = web.Close() }()
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program to start the engine: %w", err)
	}
	logPath := filepath.Join(dir, "clickhouse.log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the engine's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	asked := order{Library: o.Library, Args: []string{
		"--config-file", config, "--path", filepath.Join(dir, "data"), "--listen_host", "127.0.0.1",
		"--query", "CREATE DATABASE IF NOT EXISTS " + Database + "; SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; " + serveQuery,
	}, Accounts: accountsOf(users), Keeper: keeper, MoreUsers: o.MoreUsers}
	orders, tell, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe to the engine: %w", err)
	}
	defer func() { _ = orders.Close() }() // the child has its own
	defer func() { _ = tell.Close() }()
	cmd := exec.Command(self)
	cmd.Env = environment()
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{lock, tcp, web, orders}
	cmd.SysProcAttr = detached()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making the engine's standard input: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the engine: %w", err)
	}
	e := &Engine{
		Users: users, TCPAddr: tcpAddr, HTTPAddr: webAddr,
		Pid: cmd.Process.Pid, cmd: cmd, stdin: stdin, exited: make(chan struct{}), log: logPath,
	}
	go func() {
		e.err = cmd.Wait()
		close(e.exited)
	}()
	if err := errors.Join(json.NewEncoder(tell).Encode(asked), tell.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("telling the engine what to do: %w", err), e.Stop())
	}
	if err := e.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}

// environment is the engine's: what the system's loader and clock look for, and none of this
// process's secrets.
func environment() []string {
	env := []string{childEnv + "=1"}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func (e *Engine) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	go func() { // the listener takes connections though nobody is behind it
		select {
		case <-e.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if e.ping(ctx) == nil {
			return nil
		}
		select {
		case <-tick.C:
			continue
		case <-ctx.Done(): // because it has ended, it may be
		}
		select {
		case <-e.exited:
			return fmt.Errorf("starting the engine: it ended at once: %w%s", orExit(e.err), e.logTail())
		default:
			return fmt.Errorf("starting the engine: waiting for an answer on %s: %w%s", e.HTTPAddr, ctx.Err(), e.logTail())
		}
	}
}

func orExit(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// ping asks over a connection of its own: the engine's stop waits for open ones.
func (e *Engine) ping(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.HTTPAddr+"/ping", nil)
	if err != nil {
		return err
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %d", resp.StatusCode)
	}
	return nil
}

// logTail is the end of the engine's log, for an error message.
func (e *Engine) logTail() string {
	text, err := os.ReadFile(e.log)
	if err != nil || len(text) == 0 {
		return ""
	}
	if len(text) > 2000 {
		text = text[len(text)-2000:]
	}
	return "\nthe engine's log ends:\n" + strings.TrimSpace(string(text))
}

// Exited is closed when the engine has ended, for whatever reason.
func (e *Engine) Exited() <-chan struct{} { return e.exited }

// Err says why the engine ended, with the end of its log; nil while it runs.
func (e *Engine) Err() error {
	select {
	case <-e.exited:
		return fmt.Errorf("the engine ended: %w%s", orExit(e.err), e.logTail())
	default:
		return nil
	}
}

// Stop ends the engine cleanly by closing its standard input, and kills it if
// that takes longer than 30 seconds.
func (e *Engine) Stop() error {
	_ = e.stdin.Close() // an engine that has already ended is stopped, too
	select {
	case <-e.exited:
		return nil
	case <-time.After(stopTimeout):
	}
	if err := e.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("killing the engine: %w", err)
	}
	<-e.exited
	return fmt.Errorf("stopping the engine: it was killed after %s", stopTimeout)
}

// listen binds the port, or a free one for 0, for the child to serve.
func listen(host string, port int) (*os.File, string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, "", fmt.Errorf("listening for the engine: %w", err)
	}
	defer func() { _ = l.Close() }() // the file holds it open
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, "", fmt.Errorf("handing the engine port %d: %w", port, err)
	}
	return file, l.Addr().String(), nil
}
