package clickhouse_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/clickhouse"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
		bad  []string
	}{
		{text: "ch:9440", want: []string{"ch:9440"}},
		{text: "a:9000, b:9001,[::1]:9000", want: []string{"a:9000", "b:9001", "[::1]:9000"}},
		{text: "a:9000,", want: []string{"a:9000", ""}, bad: []string{`""`}},
		{text: "a,b:0,c:70000,:9000,d:9000", want: []string{"a", "b:0", "c:70000", ":9000", "d:9000"}, bad: []string{`"a"`, `"b:0"`, `"c:70000"`, `":9000"`}},
	} {
		got, err := clickhouse.Addresses(c.text)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
		if (err != nil) != (c.bad != nil) {
			t.Errorf("%s: error %v", c.text, err)
		}
		for _, b := range c.bad {
			if !strings.Contains(err.Error(), b) {
				t.Errorf("%s: error %q does not name %s", c.text, err, b)
			}
		}
	}
}

// event returns the nth test event.
func event(n int) envelope.ResourceEvent {
	return envelope.ResourceEvent{
		EventID: envelope.NewEventID("s", at, fmt.Sprint(n)), EventType: "resource.created", Source: "s", TS: at, ObservedAt: at, ARN: fmt.Sprint("arn:aws:s3:::b", n),
	}
}

// A server that is down or refuses connections is skipped. The next insert goes straight to
// the server that answered.
func TestSinkFailsOver(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	// This server accepts connections and closes them.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var refused atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			refused.Add(1)
			_ = conn.Close()
		}
	}()
	w := s.Endpoints.Users.Writer
	addrs := []string{closed.Addr().String(), l.Addr().String(), s.Endpoints.ClickHouseTCP}
	// Whichever server a sink starts with, it finds the one that answers.
	for i := range 12 {
		out := clickhouse.NewSink(clickhouse.Config{
			Addr: strings.Join(addrs, ","), Database: s.Endpoints.Database, User: w.Name, Password: w.Password, Connections: 3,
		})
		insert(t, out, fmt.Sprint("first", i), event(i))
		before := refused.Load()
		insert(t, out, fmt.Sprint("second", i), event(100+i))
		if got := refused.Load(); got != before {
			t.Errorf("run %d: the second insert tried a server that had not answered", i)
		}
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	}
	if refused.Load() == 0 {
		t.Error("no sink began with a server that ends connections")
	}
	out := clickhouse.NewSink(clickhouse.Config{Addr: addrs[0] + "," + addrs[1], Database: s.Endpoints.Database, User: w.Name})
	if err := out.Ping(t.Context()); !errors.Is(err, clickhouse.ErrUnavailable) {
		t.Errorf("no server answers: error %v", err)
	}
}
