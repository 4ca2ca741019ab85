package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	clickhouse "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	sink "polo/internal/clickhouse"
)

// server says which ClickHouse.
type server struct {
	Addr     string `env:"POLO_CLICKHOUSE_ADDR" help:"ClickHouse's host:port of the native protocol, or several with commas between." placeholder:"HOST:PORT"`
	User     string `env:"POLO_CLICKHOUSE_USER" default:"polo_reader" help:"A user that may read (${default})."`
	TLS      bool   `name:"tls" help:"Connect by TLS, as to ClickHouse Cloud."`
	Password string `env:"POLO_CLICKHOUSE_PASSWORD" help:"Its password; better given as POLO_CLICKHOUSE_PASSWORD." placeholder:"PASSWORD"`
}

func (c *server) connect(e *env) (driver.Conn, error) {
	addr, user := c.Addr, account{Name: c.User, Password: c.Password}
	if addr == "" {
		if e.cli.Data == "" {
			return nil, exitError{exitUsage, errors.New("which ClickHouse? --addr and --user, or --data of a running polo up")}
		}
		l, err := joinLocal(e.cli.Data)
		if err != nil {
			return nil, err
		}
		addr, user = l.ClickHouseTCP, l.Users.Reader
	}
	addrs, err := sink.Addresses(addr)
	if err != nil {
		return nil, exitError{exitUsage, err}
	}
	options := &clickhouse.Options{
		Addr: addrs, Auth: clickhouse.Auth{Database: "polo", Username: user.Name, Password: user.Password},
		DialTimeout: 10 * time.Second,
	}
	if c.TLS {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("connecting to ClickHouse: %w", err)
	}
	return conn, nil
}
