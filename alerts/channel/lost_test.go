package channel_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"polo/alerts/channel"
)

// everyKind are the channels that send over a network.
func everyKind(t *testing.T, address string) map[string]channel.Channel {
	t.Helper()
	all := kinds(t, address)
	maps.Copy(all, onAWS(t, address))
	return all
}

// What was sent and not answered may have arrived; what never left has not.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	serve := func(h http.HandlerFunc) func(t *testing.T) string {
		return func(t *testing.T) string {
			server := httptest.NewServer(h)
			t.Cleanup(server.Close)
			return server.URL
		}
	}
	for _, c := range []struct {
		name    string
		address func(t *testing.T) string
		unknown bool
	}{
		{"no answer", serve(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}), true},
		{"closed after reading", serve(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}), true},
		{"closed before reading the body", serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), true},
		{"no HTTP", func(t *testing.T) string {
			return listen(t, func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 1))
				_, _ = io.WriteString(conn, "SSH-2.0-x\r\n")
			})
		}, true},
		{"refused", func(t *testing.T) string {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = listener.Close() }()
			return "http://" + listener.Addr().String()
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for kind, to := range everyKind(t, c.address(t)) {
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				err := to.Send(ctx, message())
				cancel()
				var e *channel.Error
				if !errors.As(err, &e) || e.Unknown != c.unknown || e.Permanent {
					t.Errorf("%s: %#v %v", kind, e, err)
				}
				if err != nil && strings.Contains(err.Error(), "SECRET") {
					t.Errorf("%s: the error tells a secret: %v", kind, err)
				}
			}
		})
	}
}

// listen answers each connection with f.
func listen(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f(conn)
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

// An answer that cannot be read says nothing about the message.
func TestAWSAnswersNonsense(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<not what it says") }))
	defer server.Close()
	for kind, to := range onAWS(t, server.URL) {
		var e *channel.Error
		if err := to.Send(t.Context(), message()); !errors.As(err, &e) || !e.Unknown || e.Permanent {
			t.Errorf("%s: %#v", kind, err)
		}
	}
}
