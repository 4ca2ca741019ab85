package chdb

import (
	"context"
	"crypto/rand"
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
	// Dir holds the data, the configuration and the log; it is created if missing.
	Dir string
	// Host is the address to listen on; empty means 127.0.0.1.
	Host string
	// MoreUsers says that the configuration has accounts besides Users. The doors then
	// accept everybody and the engine decides; it aborts on a refused login.
	MoreUsers bool
	// TCPPort and HTTPPort on Host; 0 means a free one.
	TCPPort, HTTPPort int
	// Memory bounds the engine, in bytes; 0 means 4 GiB.
	Memory int64
	// Library is the path of libchdb.so; empty means FindLibrary.
	Library string

	ownerMayStopListening bool // for tests
}

// Timeouts of an engine. Loading the library from a cold disk takes seconds.
const (
	startTimeout = 20 * time.Second
	stopTimeout  = 30 * time.Second
	lockTimeout  = 60 * time.Second
)

// Engine is a running ClickHouse. It ends with Stop, or when this process dies.
type Engine struct {
	Users    Users
	TCPAddr  string // host:port of the native protocol
	HTTPAddr string // host:port of HTTP
	Pid      int
	// Unfenced lists the parts of the fence that this system lacks.
	Unfenced []string

	cmd    *exec.Cmd
	stdin  io.Closer
	exited chan struct{}
	err    error // why it ended; read after exited is closed
	log    string
}

// place is what consecutive engines share: the directory, and the ports that clients know.
type place struct {
	Options
	config  string
	users   Users
	keeper  User
	lock    *os.File // inherited by the child, which so holds the lock while it lives
	tcp     *os.File // listeners for the child to serve
	web     *os.File
	tcpAddr string
	webAddr string
	log     string
}

// Start starts the engine on o.Dir and returns once it answers. It waits for an earlier
// engine on the same directory to end.
func Start(ctx context.Context, o Options) (*Engine, error) {
	p, err := prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	defer p.close() // the child has its own copies
	return p.start(ctx, os.O_TRUNC)
}

// prepare prepares everything for an engine on o.Dir.
func prepare(ctx context.Context, o Options) (_ *place, err error) {
	if o.Memory == 0 {
		o.Memory = 4 << 30
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Library == "" {
		if o.Library, err = FindLibrary(); err != nil {
			return nil, err
		}
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, fmt.Errorf("finding the engine's data directory: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, "data"), 0o700); err != nil {
		return nil, fmt.Errorf("making the engine's data directory: %w", err)
	}
	p := &place{Options: o, keeper: User{Name: "polo_keeper", Password: rand.Text()}, log: filepath.Join(o.Dir, "clickhouse.log")}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.lock, err = lockDir(ctx, o.Dir); err != nil {
		return nil, err
	}
	if p.users, err = loadUsers(o.Dir); err != nil {
		return nil, err
	}
	if p.config, err = writeConfig(o.Dir, p.users, p.keeper, o); err != nil {
		return nil, err
	}
	if p.tcp, p.tcpAddr, err = listen(o.Host, o.TCPPort); err != nil {
		return nil, err
	}
	if p.web, p.webAddr, err = listen(o.Host, o.HTTPPort); err != nil {
		return nil, err
	}
	return p, nil
}

// close releases the directory and the ports, unless a child holds them.
func (p *place) close() {
	for _, f := range []*os.File{p.lock, p.tcp, p.web} {
		_ = f.Close() // Close of nil is harmless
	}
}

// start starts an engine; logFlag truncates its log or appends to it.
func (p *place) start(ctx context.Context, logFlag int) (*Engine, error) {
	// Somebody may take a free port between finding and using it: retry.
	for attempt := 0; ; attempt++ {
		e, err := p.startOnce(ctx, logFlag)
		if err == nil || attempt == 2 || ctx.Err() != nil {
			return e, err
		}
	}
}

func (p *place) startOnce(ctx context.Context, logFlag int) (*Engine, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program to start the engine: %w", err)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|logFlag, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the engine's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	asked := order{
		Library: p.Library, Args: []string{
			"--config-file", p.config, "--path", filepath.Join(p.Dir, "data"), "--listen_host", "127.0.0.1",
			"--query", "CREATE DATABASE IF NOT EXISTS " + Database + "; SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; " + serveQuery,
		},
		Accounts: accountsOf(p.users), Keeper: p.keeper, MoreUsers: p.MoreUsers,
		Data: filepath.Join(p.Dir, "data"), Reads: []string{p.config, filepath.Join(p.Dir, "users.xml")},
	}
	if p.MoreUsers {
		asked.Reads = append(asked.Reads, filepath.Join(p.Dir, "users.d"))
	}
	e := &Engine{Users: p.users, TCPAddr: p.tcpAddr, HTTPAddr: p.webAddr, log: p.log}
	for _, by := range isolations() {
		asked.OwnNetwork = by.ownNetwork
		cmd := exec.Command(self)
		cmd.Env = environment(first)
		cmd.Dir = p.Dir
		cmd.Stdout, cmd.Stderr = log, log
		cmd.ExtraFiles = []*os.File{p.lock, p.tcp, p.web}
		cmd.SysProcAttr = by.attributes
		if err = e.launch(cmd, asked); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("starting the engine: %w%s", err, e.logTail())
	}
	if err := e.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}

// launch starts the child and sends it its order.
func (e *Engine) launch(cmd *exec.Cmd, asked order) error {
	var pipes [4]*os.File // both ends of the order's pipe, and of the report's
	for i := 0; i < len(pipes); i += 2 {
		r, w, err := os.Pipe()
		if err != nil {
			return fmt.Errorf("making a pipe to the engine: %w", err)
		}
		pipes[i], pipes[i+1] = r, w
	}
	orders, orderWriter, reports, reportWriter := pipes[0], pipes[1], pipes[2], pipes[3]
	defer func() {
		for _, p := range pipes {
			_ = p.Close() // some are closed already; the child has its own copies
		}
	}()
	cmd.ExtraFiles = append(cmd.ExtraFiles, orders, reportWriter)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("making the engine's standard input: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	e.cmd, e.Pid, e.stdin, e.exited = cmd, cmd.Process.Pid, stdin, exited
	go func() {
		e.err = cmd.Wait()
		close(exited)
	}()
	_ = reportWriter.Close() // so that the report ends when the child closes its end
	var report fenceReport
	err = send(orderWriter, asked)
	if err == nil && first == stepFence {
		err = receive(reports, &report)
	} else {
		report.Missing = []string{"Landlock, which Linux alone has and which keeps it from the files outside its data directory"}
	}
	if err == nil && report.Failed != "" {
		err = errors.New(report.Failed)
	}
	if err != nil {
		_ = cmd.Process.Kill() // it may have exited
		<-exited
		return err
	}
	e.Unfenced = report.Missing
	return nil
}

// environment returns the engine's environment: what the dynamic loader and the clock need,
// and none of this process's secrets.
func environment(step string) []string {
	env := []string{childEnv + "=" + step}
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
	go func() { // a ping may hang: the listener accepts connections before anybody serves it
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
		case <-ctx.Done(): // perhaps because the engine has exited
		}
		select {
		case <-e.exited:
			return fmt.Errorf("starting the engine: it exited at once: %w%s", orExit(e.err), e.logTail())
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

// ping uses its own connection: the engine waits for open ones before it ends.
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

// logTail returns the end of the engine's log, for an error message.
func (e *Engine) logTail() string {
	text, err := os.ReadFile(e.log)
	switch {
	case err != nil:
		return "\nthe engine's log cannot be read: " + err.Error()
	case len(text) == 0:
		return " (its log, " + e.log + ", is empty)"
	}
	if len(text) > 2000 {
		text = text[len(text)-2000:]
	}
	return "\nthe engine's log, " + e.log + ", ends:\n" + strings.TrimSpace(string(text))
}

// Exited is closed when the engine has ended for any reason.
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

// Stop ends the engine cleanly by closing its standard input. If that takes longer than 30
// seconds, it kills the engine.
func (e *Engine) Stop() error {
	_ = e.stdin.Close() // harmless if it has exited already
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

// listen binds the port (0: a free one) for the child to serve.
func listen(host string, port int) (*os.File, string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, "", fmt.Errorf("listening for the engine: %w", err)
	}
	defer func() { _ = l.Close() }() // the file keeps the socket open
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, "", fmt.Errorf("handing the engine port %d: %w", port, err)
	}
	return file, l.Addr().String(), nil
}
