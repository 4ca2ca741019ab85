package faults_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// proxy is the network between the consumer and ClickHouse.
type proxy struct {
	listener net.Listener
	target   string

	mu sync.Mutex
	// refuse closes every connection; deaf drops the server's responses; slow is the
	// delay of each kilobyte.
	refuse, deaf bool
	slow         time.Duration
	conns        map[net.Conn]bool
	// toServer counts the bytes sent to the server.
	toServer int64
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); p.cut() })
	go p.serve()
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.pass(client)
	}
}

func (p *proxy) pass(client net.Conn) {
	defer func() { _ = client.Close() }()
	p.mu.Lock()
	refuse, target := p.refuse, p.target
	p.mu.Unlock()
	if refuse {
		return
	}
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	done := make(chan struct{}, 2)
	go func() { p.copy(server, client, false); done <- struct{}{} }()
	go func() { p.copy(client, server, true); done <- struct{}{} }()
	<-done
	p.mu.Lock()
	delete(p.conns, client)
	delete(p.conns, server)
	p.mu.Unlock()
}

func (p *proxy) copy(to, from net.Conn, answers bool) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		slow, deaf := p.slow, p.deaf && answers
		if !answers {
			p.toServer += int64(n)
		}
		p.mu.Unlock()
		if slow > 0 {
			time.Sleep(slow * time.Duration(1+n>>10))
		}
		if n > 0 && !deaf {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if err != io.EOF { //nolint:errorlint // Read returns it bare
				return
			}
			return
		}
	}
}

// set changes the network's state.
func (p *proxy) set(change func(*proxy)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// heal removes all faults.
func (p *proxy) heal() {
	p.set(func(p *proxy) { p.refuse, p.deaf, p.slow = false, false, 0 })
}

// awaitTraffic waits until a good part of an insert has gone to the server, at most a
// second, so that a fault then interrupts it.
func (p *proxy) awaitTraffic() {
	passed := func() (n int64) {
		p.set(func(p *proxy) { n = p.toServer })
		return n
	}
	before := passed()
	for until := time.Now().Add(time.Second); passed() < before+16<<10 && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
}

// cut breaks every open connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
}
