package main

import (
	"context"
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/internal/clickhouse"
	"polo/local/chdb"
	"polo/local/stack"
)

// server selects a ClickHouse: the data directory's own, or one of the user's.
type server struct {
	Data     string `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory, if no --addr is given." placeholder:"DIR"`
	Addr     string `help:"host:port of another ClickHouse's native protocol, or several separated by commas." placeholder:"HOST:PORT"`
	User     string `help:"The user on --addr." placeholder:"USER"`
	Password string `env:"POLO_CLICKHOUSE_PASSWORD" help:"The password on --addr; better given as POLO_CLICKHOUSE_PASSWORD." placeholder:"PASSWORD"`
	TLS      bool   `name:"tls" help:"Connect to --addr with TLS."`
}

// valid refuses an empty data directory, and an address without a user.
func (s server) valid() error {
	if s.Addr != "" && s.User == "" {
		return errors.New("--addr needs --user")
	}
	return dataDir(s.Data).valid()
}

// connected calls fn with a connection. who chooses the account on the data directory's ClickHouse.
func (s server) connected(ctx context.Context, e *env, command string, who func(chdb.Users) chdb.User, fn func(driver.Conn) error) error {
	if s.Addr != "" {
		return use(clickhouse.Server{Addr: s.Addr, Database: chdb.Database, User: s.User, Password: s.Password, TLS: s.TLS}, fn)
	}
	data := dataDir(s.Data)
	if err := data.mustHold(); err != nil {
		return err
	}
	return data.with(ctx, e, command, func(ends stack.Endpoints) error {
		u := who(ends.Users)
		return use(clickhouse.Server{Addr: ends.ClickHouseTCP, Database: ends.Database, User: u.Name, Password: u.Password}, fn)
	})
}

func use(server clickhouse.Server, fn func(driver.Conn) error) (err error) {
	conn, err := server.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return fn(conn)
}

// reader is a ClickHouse that is read.
type reader struct{ server }

func (r reader) connected(ctx context.Context, e *env, command string, fn func(driver.Conn) error) error {
	return r.server.connected(ctx, e, command, func(u chdb.Users) chdb.User { return u.Reader }, fn)
}
