package rules_test

import (
	"os"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/envelope"
	"polo/internal/clickhouse"
	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/schema"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// store is an engine with the whole schema, for one test.
type store struct {
	*chdb.Engine
	owner, reader driver.Conn
}

func start(t *testing.T) store {
	t.Helper()
	s := store{Engine: chdbtest.Start(t)}
	s.owner, s.reader = s.connect(t, s.Users.Migrator), s.connect(t, s.Users.Reader)
	return s
}

func (s store) connect(t *testing.T, u chdb.User) driver.Conn {
	t.Helper()
	conn, err := ch.Open(&ch.Options{Addr: []string{s.TCPAddr}, Auth: ch.Auth{Username: u.Name, Password: u.Password, Database: chdb.Database}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// insert inserts events as the consumer does.
func (s store) insert(t *testing.T, token string, events []envelope.ResourceEvent) {
	t.Helper()
	rows := schema.NewRows()
	for i := range events {
		if err := rows.Append(&events[i], uint64(events[i].ObservedAt.UnixMilli())<<22); err != nil { //nolint:gosec // after 1970
			t.Fatal(err)
		}
	}
	sink := clickhouse.NewSink(clickhouse.Config{Addr: s.TCPAddr, Database: chdb.Database, User: s.Users.Writer.Name, Password: s.Users.Writer.Password})
	if err := sink.Insert(t.Context(), rows, token); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Error(err)
	}
}

func (s store) exec(t *testing.T, sql string) {
	t.Helper()
	if err := s.owner.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%.300s: %v", sql, err)
	}
}
