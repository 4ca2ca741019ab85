package main

import (
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/internal/cli"
	"polo/internal/clickhouse"
)

// server selects a ClickHouse.
type server struct {
	Addr     string `env:"POLO_CLICKHOUSE_ADDR" help:"ClickHouse's host:port of the native protocol, or several separated by commas." placeholder:"HOST:PORT"`
	User     string `env:"POLO_CLICKHOUSE_USER" default:"polo_reader" help:"A user with read access (${default})."`
	TLS      bool   `name:"tls" help:"Connect with TLS, as ClickHouse Cloud requires."`
	Password string `env:"POLO_CLICKHOUSE_PASSWORD" help:"Its password; better given as POLO_CLICKHOUSE_PASSWORD." placeholder:"PASSWORD"`
}

func (c *server) connect(e *env) (driver.Conn, error) {
	at := clickhouse.Server{Addr: c.Addr, Database: "polo", User: c.User, Password: c.Password, TLS: c.TLS}
	// --data overrides an address from the environment, and --addr overrides both.
	if local := e.flags.Data != "" && (at.Addr == "" || e.typed["data"] && !e.typed["addr"]); local {
		l, err := joinLocal(e.flags.Data)
		if err != nil {
			return nil, err
		}
		at = clickhouse.Server{Addr: l.ClickHouseTCP, Database: "polo", User: l.Users.Reader.Name, Password: l.Users.Reader.Password}
	}
	if at.Addr == "" {
		return nil, cli.Usage("which ClickHouse? --addr and --user, or --data of a running polo up")
	}
	if _, err := clickhouse.Addresses(at.Addr); err != nil {
		return nil, cli.Error{Code: cli.ExitUsage, Err: err}
	}
	return at.Open()
}
