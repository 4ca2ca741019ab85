package stack

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	sink "polo/internal/clickhouse"
	"polo/local/chdb"
	"polo/schema"
)

// Connect opens a connection pool to a stack's database, or to any ClickHouse at host:port (or
// several, separated by commas), as one of its users. Close it before the stack stops.
func Connect(addr, database string, u chdb.User) (driver.Conn, error) {
	return connect(addr, database, u, nil)
}

// ConnectTLS is Connect to a server across a network.
func ConnectTLS(addr, database string, u chdb.User) (driver.Conn, error) {
	return connect(addr, database, u, &tls.Config{MinVersion: tls.VersionTLS12})
}

func connect(addr, database string, u chdb.User, by *tls.Config) (driver.Conn, error) {
	addrs, err := sink.Addresses(addr)
	if err != nil {
		return nil, fmt.Errorf("opening ClickHouse: %w", err)
	}
	conn, err := clickhouse.Open(&clickhouse.Options{
		TLS:         by,
		Addr:        addrs,
		Auth:        clickhouse.Auth{Database: database, Username: u.Name, Password: u.Password},
		DialTimeout: 10 * time.Second,
		ReadTimeout: 5 * time.Minute,
	})
	if err != nil {
		return nil, fmt.Errorf("opening ClickHouse: %w", err)
	}
	return conn, nil
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
