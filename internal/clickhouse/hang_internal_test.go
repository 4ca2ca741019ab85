package clickhouse

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"

	"polo/envelope"
	"polo/schema"
)

// TestServerThatStopsAnsweringIsAnOutage: an insert times out, however long its context
// allows, and ends at once with its context.
func TestServerThatStopsAnsweringIsAnOutage(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { // it sends a greeting and nothing more
				buf := make([]byte, 4096)
				_, _ = conn.Read(buf)
				var b proto.Buffer
				(&proto.ServerHello{Name: "x", Major: 26, Minor: 3, Revision: 54451, Timezone: "UTC"}).EncodeAware(&b, 54451)
				_, _ = conn.Write(b.Buf)
				for err == nil {
					_, err = conn.Read(buf)
				}
			}()
		}
	}()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	rows := schema.NewRows()
	e := envelope.ResourceEvent{EventID: uuid.New(), EventType: "x.y", Source: "s", TS: at, ObservedAt: at}
	if err := rows.Append(&e, 1); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ readTimeout, cancelled time.Duration }{
		"it takes too long":     {300 * time.Millisecond, time.Minute},
		"nobody waits for it":   {time.Minute, 300 * time.Millisecond},
		"it is dropped at once": {time.Minute, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSink(Config{Addr: l.Addr().String(), Database: "polo", User: "u", Password: "p"})
			s.options.ReadTimeout = c.readTimeout
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(c.cancelled, cancel)
			done := make(chan error, 1)
			go func() { done <- s.Insert(ctx, rows, "t") }()
			select {
			case err := <-done:
				if !errors.Is(err, ErrUnavailable) {
					t.Errorf("got %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Error("the insert does not end")
			}
		})
	}
}
