package stack

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	sink "polo/internal/clickhouse"
	"polo/local/chdb"
	"polo/schema"
)

// Connect opens a connection pool to a stack's database, or to any ClickHouse at host:port (or
// several, separated by commas), as one of its users. Close it before the stack stops.
func Connect(addr, database string, u chdb.User) (driver.Conn, error) {
	return sink.Server{Addr: addr, Database: database, User: u.Name, Password: u.Password}.Open()
}

// Target is what the migrations are rendered for: one server, whose dictionaries read as the
// reader.
func Target(u chdb.Users) schema.Target {
	return schema.Target{Kind: schema.Single, DictionaryUser: u.Reader.Name, DictionaryPassword: u.Reader.Password}
}

// migrate applies the migrations.
func migrate(ctx context.Context, e *chdb.Supervisor) error {
	conn, err := Connect(e.TCPAddr, chdb.Database, e.Users.Migrator)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // nothing is pending on it
	target := Target(e.Users)
	if _, err := schema.New(conn, target).Up(ctx); err != nil {
		return fmt.Errorf("migrating the schema: %w", err)
	}
	return schema.Check(ctx, conn, target)
}
