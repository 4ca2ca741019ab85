package clickhouse

import (
	"encoding/json"
	"errors"
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

// childEnv marks the process that is to become the engine. Its order comes by a pipe:
// others may read a process's environment and its arguments.
const childEnv = "POLO_CLICKHOUSE_ENGINE"

// order is what the parent asks of the child.
type order struct {
	Library string   `json:"library"`
	Args    []string `json:"args"`
	// Accounts are those that the doors let in.
	Accounts accounts `json:"accounts"`
	// Keeper ends the query that keeps the engine up. Nobody else knows it.
	Keeper User `json:"keeper"`
	// MoreUsers: see Options.
	MoreUsers bool `json:"more_users"`
}

// The child's open files: the parent's lock is 3, after it come the listeners
// that are the engine's to its clients, and the order.
const (
	tcpFile   = 4
	webFile   = 5
	orderFile = 6
)

// RunChild turns this process into the engine when it was started as one, and
// then never returns; otherwise it does nothing.
func RunChild() {
	if os.Getenv(childEnv) == "" {
		return
	}
	o, err := readOrder()
	if err == nil {
		err = serve(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clickhouse:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func readOrder() (order, error) {
	var o order
	f := os.NewFile(orderFile, "order")
	if err := errors.Join(json.NewDecoder(f).Decode(&o), f.Close()); err != nil {
		return order{}, fmt.Errorf("reading what is asked of the engine: %w", err)
	}
	return o, nil
}

// serve runs the engine until its standard input ends, so that it never
// outlives its parent.
func serve(o order) error {
	handle, err := purego.Dlopen(o.Library, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return fmt.Errorf("loading the ClickHouse library: %w", err)
	}
	var run func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	var errorOf func(result unsafe.Pointer) string
	for name, fn := range map[string]any{"chdb_query_cmdline": &run, "chdb_result_error": &errorOf} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return fmt.Errorf("finding %s in the ClickHouse library: %w", name, err)
		}
		purego.RegisterFunc(fn, symbol)
	}
	tcp, tcpAddr, err := takeOver(tcpFile)
	if err != nil {
		return err
	}
	web, webAddr, err := takeOver(webFile)
	if err != nil {
		return err
	}
	if o.MoreUsers {
		go relay(tcp, tcpAddr.String(), nil)
		go relay(web, webAddr.String(), nil)
	} else {
		go relay(tcp, tcpAddr.String(), doorkeeper{o.Accounts}.admit)
		go serveWeb(web, webDoor(o.Accounts, webAddr.String()))
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	args := append([]string{"clickhouse", "--tcp_port", strconv.Itoa(tcpAddr.Port), "--http_port", strconv.Itoa(webAddr.Port)}, o.Args...)
	argv := make([]*byte, len(args)+1) // C wants a null at the end
	for i, arg := range args {
		b := append([]byte(arg), 0)
		pin.Pin(&b[0])
		argv[i] = &b[0]
	}
	pin.Pin(&argv[0])
	go endWithParent(webAddr.String(), o.Keeper)
	text := errorOf(run(int32(len(args)), unsafe.Pointer(&argv[0])))
	if stopping.Load() && (text == "" || strings.Contains(text, "QUERY_WAS_CANCELLED")) {
		return nil
	}
	return fmt.Errorf("the engine stopped by itself: %q", text)
}

// takeOver takes the listener in the open file fd, and finds a free address for
// the engine to listen on behind it.
func takeOver(fd uintptr) (net.Listener, *net.TCPAddr, error) {
	l, err := net.FileListener(os.NewFile(fd, "listener"))
	if err != nil {
		return nil, nil, fmt.Errorf("taking over a listener: %w", err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("finding a free port: %w", err)
	}
	if err := free.Close(); err != nil {
		return nil, nil, fmt.Errorf("freeing a port: %w", err)
	}
	return l, free.Addr().(*net.TCPAddr), nil
}

// stopping tells that the parent wants an end.
var stopping atomic.Bool

// serveQuery never ends by itself; it looks for a cancellation 20 times a
// second.
const serveQuery = "SELECT sleepEachRow(0.05) FROM system.numbers SETTINGS max_block_size = 1, max_execution_time = 0, " +
	"max_rows_to_read = 0 FORMAT Null"

// endWithParent waits for standard input to end, and then cancels serveQuery:
// the engine closes its tables and returns. One that cannot be asked, or takes
// too long, is ended as a crash would end it, which its data survive.
func endWithParent(webAddr string, keeper User) {
	_, _ = io.Copy(io.Discard, os.Stdin) // an error ends it just as well
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
	req.Close = true // the engine's end waits for open connections
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		os.Exit(3)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		os.Exit(3)
	}
}
