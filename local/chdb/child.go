package chdb

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"
)

// childEnv marks the process that becomes the engine, and holds its next step. Everything
// else comes through a pipe, because others may read a process's environment and arguments.
const childEnv = "POLO_CLICKHOUSE_ENGINE"

// The steps of a child: it fences itself in and starts itself again, then it serves.
const (
	stepFence = "fence"
	stepServe = "serve"
)

// order is the child's configuration from its parent.
type order struct {
	Library string   `json:"library"`
	Args    []string `json:"args"`
	// Accounts are those that the doors accept.
	Accounts accounts `json:"accounts"`
	// Keeper is the account that can end the query that keeps the engine up. Nobody else
	// knows it.
	Keeper User `json:"keeper"`
	// MoreUsers: see Options.
	MoreUsers bool `json:"more_users"`
	// Data is the directory that the engine writes to; Reads lists what else it reads.
	Data  string   `json:"data"`
	Reads []string `json:"reads"`
	// OwnNetwork says that the child has its own network namespace.
	OwnNetwork bool `json:"own_network"`
	// TCPPort and HTTPPort are the engine's own, behind the doors; 0 until they are chosen.
	TCPPort  int `json:"tcp_port"`
	HTTPPort int `json:"http_port"`
}

// The child's open files: 3 is the parent's lock; then the listeners for clients, the pipe
// with the order, and the pipe for the fence report.
const (
	tcpFile    = 4
	webFile    = 5
	orderFile  = 6
	reportFile = 7
)

// RunChild turns this process into the engine if it was started as one, and then never
// returns; otherwise it does nothing.
func RunChild() {
	step := os.Getenv(childEnv)
	if step == "" {
		return
	}
	var o order
	err := receive(os.NewFile(orderFile, "order"), &o)
	if err == nil {
		switch step {
		case stepFence:
			err = enterFence(o)
		default:
			err = offMainThread(func() error { return serve(o) })
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clickhouse:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs the engine until standard input ends, so that it never outlives its parent.
func serve(o order) error {
	run, err := loadEngine(o.Library)
	if err != nil {
		return err
	}
	if o.TCPPort == 0 {
		if o.TCPPort, o.HTTPPort, err = freePorts(); err != nil {
			return err
		}
	}
	tcpAddr, webAddr := loopbackAddr(o.TCPPort), loopbackAddr(o.HTTPPort)
	tcp, err := takeOver(tcpFile)
	if err != nil {
		return err
	}
	web, err := takeOver(webFile)
	if err != nil {
		return err
	}
	go func() {
		awaitEngine(webAddr) // clients wait until then, and never find the doors without an engine
		if o.MoreUsers {
			go relay(tcp, tcpAddr, nil)
			relay(web, webAddr, nil)
			return
		}
		go relay(tcp, tcpAddr, doorkeeper{o.Accounts}.admit)
		serveWeb(web, webDoor(o.Accounts, webAddr))
	}()
	go endWithParent(webAddr, o.Keeper)
	text := run(append([]string{"clickhouse", "--tcp_port", strconv.Itoa(o.TCPPort), "--http_port", strconv.Itoa(o.HTTPPort)}, o.Args...))
	if stopping.Load() && (text == "" || strings.Contains(text, "QUERY_WAS_CANCELLED")) {
		return nil
	}
	return fmt.Errorf("the engine stopped unasked: %q", text)
}

// loadEngine loads the library, and returns the function that runs a command line and returns its error.
func loadEngine(library string) (run func(args []string) string, err error) {
	handle, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("loading the ClickHouse library: %w", err)
	}
	var query func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	var errorOf func(result unsafe.Pointer) string
	for name, fn := range map[string]any{"chdb_query_cmdline": &query, "chdb_result_error": &errorOf} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("finding %s in the ClickHouse library: %w", name, err)
		}
		purego.RegisterFunc(fn, symbol)
	}
	return func(args []string) string {
		var pin runtime.Pinner
		defer pin.Unpin()
		argv := make([]*byte, len(args)+1) // C wants a null at the end
		for i, arg := range args {
			b := append([]byte(arg), 0)
			pin.Pin(&b[0])
			argv[i] = &b[0]
		}
		pin.Pin(&argv[0])
		return errorOf(query(int32(len(args)), unsafe.Pointer(&argv[0])))
	}, nil
}

// awaitEngine waits until the engine listens for HTTP, which it does last.
func awaitEngine(webAddr string) {
	for ; ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequest(http.MethodGet, "http://"+webAddr+"/ping", nil)
		if err != nil {
			continue
		}
		r.Close = true // the engine waits for open connections before it ends
		if resp, err := http.DefaultClient.Do(r); err == nil {
			_ = resp.Body.Close() // any answer shows that it listens
			return
		}
	}
}

// takeOver returns the listener of the inherited file fd.
func takeOver(fd uintptr) (net.Listener, error) {
	l, err := net.FileListener(os.NewFile(fd, "listener"))
	if err != nil {
		return nil, fmt.Errorf("taking over a listener: %w", err)
	}
	return l, nil
}

func loopbackAddr(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// stopping is set once the parent has asked the engine to end.
var stopping atomic.Bool

// serveQuery runs for ever; it checks for cancellation 20 times a second.
const serveQuery = "SELECT sleepEachRow(0.05) FROM system.numbers SETTINGS max_block_size = 1, max_execution_time = 0, " +
	"max_rows_to_read = 0 FORMAT Null"

// endWithParent waits for standard input to end and then cancels serveQuery, so that the
// engine closes its tables and returns. If it cannot be asked or takes too long it is
// killed; its data survive that as they survive a crash.
func endWithParent(webAddr string, keeper User) {
	_, _ = io.Copy(io.Discard, os.Stdin) // an error ends it too
	stopping.Store(true)
	go func() {
		time.Sleep(stopTimeout - 5*time.Second)
		os.Exit(3)
	}()
	kill := "KILL QUERY WHERE user = '' AND query LIKE 'SELECT sleepEachRow%' ASYNC"
	req, err := http.NewRequest(http.MethodPost, "http://"+webAddr, strings.NewReader(kill))
	if err != nil {
		os.Exit(3)
	}
	req.Header.Set(userHeader, keeper.Name)
	req.Header.Set(keyHeader, keeper.Password)
	req.Close = true // the engine waits for open connections before it ends
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		os.Exit(3)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		os.Exit(3)
	}
}
