package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"sync"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/internal/clickhouse"
)

// Secret is a password that may change.
type Secret interface {
	Value(ctx context.Context) (string, error)
	Refresh(ctx context.Context) (string, error)
}

// Conn is a connection to ClickHouse, opened when it is first needed, and again when the password was refused. Safe
// for concurrent use.
type Conn struct {
	// Server is what is connected to.
	Server clickhouse.Server
	// Secret, if set, supplies the password.
	Secret Secret
	// Sequential demands of the server that a query sees every row that was acknowledged before it, by any replica.
	Sequential bool

	mu   sync.Mutex
	conn driver.Conn
}

// authentication is ClickHouse's code of a refused password.
const authentication = 516

// rows runs a query and calls each for its rows.
func (c *Conn) rows(ctx context.Context, each func(driver.Rows) error, query string, args ...any) error {
	err := c.query(ctx, each, query, args)
	var refused *ch.Exception
	if errors.As(err, &refused) && refused.Code == authentication && c.Secret != nil {
		if _, problem := c.Secret.Refresh(ctx); problem != nil {
			return errors.Join(err, problem)
		}
		if problem := c.Close(); problem != nil {
			return errors.Join(err, problem)
		}
		err = c.query(ctx, each, query, args)
	}
	return err
}

func (c *Conn) query(ctx context.Context, each func(driver.Rows) error, query string, args []any) (err error) {
	conn, err := c.open(ctx)
	if err != nil {
		return err
	}
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("asking ClickHouse: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return fmt.Errorf("reading ClickHouse's answer: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading ClickHouse's answer: %w", err)
	}
	return nil
}

func (c *Conn) open(ctx context.Context) (driver.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		return c.conn, nil
	}
	server := c.Server
	if c.Secret != nil {
		var err error
		if server.Password, err = c.Secret.Value(ctx); err != nil {
			return nil, err
		}
	}
	conn, err := server.Open()
	if err != nil {
		return nil, err
	}
	if c.Sequential {
		if err := sequential(ctx, conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	c.conn = conn
	return conn, nil
}

// errSequential means that what another function just wrote might not be seen.
var errSequential = errors.New("the user's profile does not set select_sequential_consistency = 1")

// sequential checks the setting, which a read-only user cannot set itself.
func sequential(ctx context.Context, conn driver.Conn) error {
	var on uint64
	if err := conn.QueryRow(ctx, "SELECT toUInt64(getSetting('select_sequential_consistency'))").Scan(&on); err != nil {
		return fmt.Errorf("asking ClickHouse for its settings: %w", err)
	}
	if on != 1 {
		return errSequential
	}
	return nil
}

// Close closes the connection; a later query opens another.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil
	}
	conn := c.conn
	c.conn = nil
	return conn.Close()
}
