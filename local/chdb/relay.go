package chdb

import (
	"errors"
	"io"
	"net"
	"time"
)

// lingering is how long a client may go on sending after the engine has closed its
// connection, so that the engine's last bytes still arrive.
const lingering = time.Second

// relay serves l by relaying each connection to addr, until l is closed. admit, if not
// nil, reads a connection's first bytes and decides whether to accept it.
//
// It exists because of how connections end. A client that goes away mid-query, as one
// does whose context is cancelled, resets its connection. A ClickHouse server logs
// that; the embedded engine treats it as a failure of its thread and aborts. Behind a
// relay it only ever sees clients that have finished sending and read everything.
func relay(l net.Listener, addr string, admit func(net.Conn) ([]byte, error)) {
	for {
		client, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, for example
			time.Sleep(10 * time.Millisecond)
			continue
		}
		go relayOne(client.(*net.TCPConn), addr, admit)
	}
}

func relayOne(client *net.TCPConn, addr string, admit func(net.Conn) ([]byte, error)) {
	defer func() { _ = client.Close() }()
	var greeting []byte
	if admit != nil {
		var err error
		if greeting, err = admit(client); err != nil {
			closeAfterWrite(client)
			return
		}
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return // the client sees the connection end, and retries
	}
	engine := conn.(*net.TCPConn)
	defer func() { _ = engine.Close() }()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		// However this ends, the client has finished sending.
		if _, err := engine.Write(greeting); err == nil {
			_, _ = io.Copy(engine, client)
		}
		_ = engine.CloseWrite()
	}()
	if _, err := io.Copy(client, engine); err != nil {
		_, _ = io.Copy(io.Discard, engine)
	}
	_ = client.CloseWrite()
	_ = client.SetReadDeadline(time.Now().Add(lingering))
	<-sent
}

// closeAfterWrite closes a connection so that what was last written to it arrives.
func closeAfterWrite(client *net.TCPConn) {
	_ = client.CloseWrite()
	_ = client.SetReadDeadline(time.Now().Add(lingering))
	_, _ = io.Copy(io.Discard, client)
}

// patientConn is a connection to the engine that closes as relay's do, whoever closes
// it and when.
type patientConn struct{ *net.TCPConn }

// Close drains what the engine still sends.
func (c patientConn) Close() error {
	if err := c.CloseWrite(); err != nil {
		return c.TCPConn.Close()
	}
	go func() {
		_ = c.SetReadDeadline(time.Time{})
		_, _ = io.Copy(io.Discard, c.TCPConn)
		_ = c.TCPConn.Close()
	}()
	return nil
}
