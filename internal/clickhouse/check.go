package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"

	clickhouse "github.com/ClickHouse/clickhouse-go/v2"

	"polo/schema"
)

// Check reads the definition of the tables that the sink inserts into. A
// *schema.FaultsError means that rows could be lost or counted twice; every other error
// matches ErrUnavailable.
func Check(ctx context.Context, c Config, t schema.Target) (err error) {
	options := &clickhouse.Options{
		Addr: split(c.Addr), Auth: clickhouse.Auth{Database: c.Database, Username: c.User, Password: c.Password},
		DialTimeout: dialTimeout, ReadTimeout: readTimeout,
	}
	if c.TLS {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() { _ = conn.Close() }() // nothing is pending on it
	err = schema.Check(ctx, conn, t, schema.EventsTable)
	var faults *schema.FaultsError
	if err == nil || errors.As(err, &faults) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
