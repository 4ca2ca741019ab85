package integration_test

import (
	"net"
	"net/http/httptest"
	"strconv"
	"testing"

	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/local/sqsserver"
	"polo/local/stack"
)

// embedded is a backend of Polo's embedded parts, without the stack that joins them:
// the engine must be able to stop alone.
func embedded(t *testing.T) *backend {
	t.Helper()
	dir := t.TempDir()
	chdbtest.Migrated(t, dir)
	server, err := sqsserver.New(sqsserver.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	var engine *chdb.Engine
	port := 0 // the first start chooses, the next ones keep it
	b := &backend{}
	b.startClickHouse = func(t *testing.T) {
		t.Helper()
		if engine, err = chdb.Start(t.Context(), chdb.Options{Dir: dir, TCPPort: port}); err != nil {
			t.Fatal(err)
		}
	}
	b.stopClickHouse = func(t *testing.T) {
		t.Helper()
		if err := engine.Stop(); err != nil {
			t.Error(err)
		}
	}
	b.startClickHouse(t)
	t.Cleanup(func() { b.stopClickHouse(t) })
	b.addr, b.users = engine.TCPAddr, engine.Users
	_, text, err := net.SplitHostPort(b.addr)
	if err != nil {
		t.Fatal(err)
	}
	if port, err = strconv.Atoi(text); err != nil {
		t.Fatal(err)
	}
	b.makeQueues(t, sqs.NewClient(stack.AWSConfig(), web.URL))
	return b
}
