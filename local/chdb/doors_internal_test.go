package chdb

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// hello returns a greeting of the native protocol.
func hello(u User, database string) []byte {
	var b proto.Buffer
	(proto.ClientHello{Name: "fuzz", Major: 1, Minor: 2, ProtocolVersion: 54460, Database: database, User: u.Name, Password: u.Password}).Encode(&b)
	return b.Buf
}

var somebody = User{Name: "somebody", Password: "known"} // an account that these tests accept

// The door parses a greeting as the engine does, within its bounds.
func FuzzGreeting(f *testing.F) {
	f.Add(hello(somebody, "polo"))
	f.Add([]byte("\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x80\x20"))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(data)
		r := bufio.NewReader(in)
		g, err := readGreeting(r)
		if err != nil {
			return
		}
		if n := len(data) - in.Len() - r.Buffered(); n > 5*greetingWord {
			t.Errorf("a greeting of %d bytes", n)
		}
		other := proto.NewReader(bytes.NewReader(data))
		var h proto.ClientHello
		if _, err := other.UVarInt(); err != nil {
			t.Fatal(err)
		}
		if err := h.Decode(other); err != nil || h.User != g.user.Name || h.Password != g.user.Password || h.Database != g.database {
			t.Errorf("%q: read %+v, want %+v, %v", data, g, h, err)
		}
	})
}

// quietEngine accepts connections and records what it receives.
type quietEngine struct {
	l    net.Listener
	mu   sync.Mutex
	got  bytes.Buffer
	done chan struct{} // signals the end of a connection
}

func newQuietEngine(f *testing.F) *quietEngine {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = l.Close() })
	e := &quietEngine{l: l, done: make(chan struct{}, 100)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			text, _ := io.ReadAll(conn)
			e.mu.Lock()
			e.got.Write(text)
			e.mu.Unlock()
			_ = conn.Close()
			e.done <- struct{}{}
		}
	}()
	return e
}

// received returns and clears what it received.
func (e *quietEngine) received() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.got.Reset()
	return e.got.String()
}

// The engine receives bytes of the native protocol only after a greeting of a known account, and then
// all of them.
func FuzzNativeRelay(f *testing.F) {
	f.Add(append(hello(somebody, "polo"), "and more"...))
	f.Add(hello(User{Name: "default"}, ""))
	f.Add(hello(User{Name: somebody.Name, Password: "wrong"}, ""))
	f.Add(hello(somebody, "elsewhere"))
	f.Add([]byte("\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	engine := newQuietEngine(f)
	known := accounts{somebody.Name: hashOf(somebody.Password)}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		go relay(l, engine.l.Addr().String(), doorkeeper{known}.admit)
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write(data) // the door may close before the last byte
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
		want := ""
		if g, err := readGreeting(bufio.NewReader(bytes.NewReader(data))); err == nil && g.user == somebody && strings.Contains(",default,system,polo,", ","+g.database+",") {
			want = string(data)
			<-engine.done
		}
		if got := engine.received(); got != want {
			t.Errorf("the engine saw %q of %q, want %q", got, data, want)
		}
	})
}

// The engine receives an HTTP request only with exactly one known account.
func FuzzHTTPRelay(f *testing.F) {
	login := "user=" + somebody.Name + "&password=" + somebody.Password
	for _, words := range []string{
		"GET /?" + login + "&query=SELECT+1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /?" + login + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8\r\n\r\nSELECT 1",
		"POST / HTTP/1.1\r\nHost: localhost\r\nX-ClickHouse-User: somebody\r\nX-ClickHouse-Key: known\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic c29tZWJvZHk6a25vd24=\r\n\r\n",
		"GET /?" + login + " HTTP/1.1\r\nHost: localhost\r\nConnection: X-Clickhouse-User, X-Clickhouse-Key\r\n\r\n",
		"GET /?user=somebody&password=wrong HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /?user=default HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /?" + login + "&user=default HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /?" + login + ";user=default HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /?" + login + " HTTP/1.1\r\nHost: evil\r\n\r\n",
	} {
		f.Add([]byte(words))
	}
	var mu sync.Mutex
	var seen []*http.Request
	engine := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r)
	}))
	f.Cleanup(engine.Close)
	door := webDoor(accounts{somebody.Name: hashOf(somebody.Password)}, engine.Listener.Addr().String())
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan struct{})
		go func() { serveWeb(l, door); close(served) }()
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Error(err)
		}
		// Give the fuzzer a Host that is right.
		data = bytes.Replace(data, []byte("Host: localhost\r"), []byte("Host: localhost:"+port+"\r"), 1)
		_, _ = conn.Write(data)
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
		_ = l.Close()
		<-served
		mu.Lock()
		defer mu.Unlock()
		for _, r := range seen {
			if r.URL.Path == "/ping" && r.URL.RawQuery == "" {
				continue
			}
			query, err := url.ParseQuery(r.URL.RawQuery)
			if err != nil || query.Has("user") || query.Has("password") || query.Has("role") || query.Has("add_http_cors_header") {
				t.Errorf("%q: the engine sees the parameters %v, %v", data, query, err)
			}
			h := r.Header
			if h["Authorization"] != nil || len(h[userHeader]) != 1 || h.Get(userHeader) != somebody.Name || len(h[keyHeader]) != 1 || h.Get(keyHeader) != somebody.Password {
				t.Errorf("%q: the engine sees the headers %v", data, h)
			}
		}
		seen = nil
	})
}
