package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	clickhouse "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/dlq-replay/replay"
)

type verifyCmd struct {
	Journal  string        `help:"The replay's journal; the default is that of the last replay of the queue." placeholder:"FILE"`
	Wait     time.Duration `help:"How long to wait for what has not landed yet." placeholder:"TIME"`
	Addr     string        `env:"POLO_CLICKHOUSE_ADDR" help:"ClickHouse's host:port of the native protocol." placeholder:"HOST:PORT"`
	User     string        `env:"POLO_CLICKHOUSE_USER" default:"polo_reader" help:"A user that may read."`
	TLS      bool          `name:"tls" help:"Connect by TLS, as to ClickHouse Cloud."`
	Password string        `env:"POLO_CLICKHOUSE_PASSWORD" help:"Its password; better given as POLO_CLICKHOUSE_PASSWORD." placeholder:"PASSWORD"`
}

// verified is what verify says.
type verified struct {
	Run     string   `json:"run"`
	Ended   bool     `json:"ended"`
	Events  int      `json:"events"`
	Landed  int      `json:"landed"`
	Missing []string `json:"missing,omitempty"`
}

// Run verifies.
func (c *verifyCmd) Run(ctx context.Context, e *env) error {
	path, err := c.path(ctx, e)
	if err != nil {
		return err
	}
	j, err := replay.ReadJournal(path)
	if err != nil {
		return err
	}
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // nothing is pending on it
	events := j.Events()
	missing, err := replay.AwaitLanded(ctx, conn, events, c.Wait)
	if err != nil {
		return err
	}
	out := verified{Run: j.Run, Ended: j.Ended(), Events: len(events), Landed: len(events) - len(missing)}
	for _, id := range missing {
		out.Missing = append(out.Missing, id.String())
	}
	if e.cli.JSON {
		err = printJSON(e, out)
	} else {
		_, err = fmt.Fprintf(e.stdout, "run %s: %d events were sent, %d of them are in ClickHouse\n", out.Run, out.Events, out.Landed)
		for i, id := range out.Missing {
			if i == 20 {
				_, err = fmt.Fprintf(e.stdout, "missing: and %d more (--json lists all)\n", len(out.Missing)-i)
				break
			}
			if err == nil {
				_, err = fmt.Fprintln(e.stdout, "missing:", id)
			}
		}
	}
	switch {
	case err != nil:
		return err
	case len(missing) > 0:
		return exitError{exitLeft, fmt.Errorf("%d events have not landed: they are on the main queue still, or failed again (dlq-replay list)", len(missing))}
	case !j.Ended():
		return exitError{exitLeft, errors.New("the run was interrupted: the same replay command goes on with it")}
	}
	return nil
}

func (c *verifyCmd) path(ctx context.Context, e *env) (string, error) {
	if c.Journal != "" {
		return c.Journal, nil
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return "", err
	}
	return sending{}.journalPath(o)
}

func (c *verifyCmd) connect(e *env) (driver.Conn, error) {
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
	options := &clickhouse.Options{
		Addr: []string{addr}, Auth: clickhouse.Auth{Database: "polo", Username: user.Name, Password: user.Password},
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
