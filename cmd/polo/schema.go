package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"polo/internal/cli"
	"polo/internal/clickhouse"
	"polo/local/stack"
	"polo/schema"
)

// The commands on another ClickHouse (--addr), and render, do not start Polo's own engine.
type schemaCmd struct {
	Up     schemaUpCmd     `cmd:"" help:"Apply pending migrations and changed views."`
	Status schemaStatusCmd `cmd:"" help:"Show each migration and view and whether it is applied, and check what exactness depends on."`
	Render schemaRenderCmd `cmd:"" help:"Print the statements for a target."`
	Retain schemaRetainCmd `cmd:"" help:"Show or set how long events are kept."`
}

// reads is the account that a server reads its dictionaries' sources with.
type reads struct {
	DictionaryUser     string `env:"POLO_CLICKHOUSE_DICTIONARY_USER" help:"The user that the server itself reads its dictionaries' sources with; it needs SELECT on polo.*; by default the server's default user, which then has no password." placeholder:"USER"`
	DictionaryPassword string `env:"POLO_CLICKHOUSE_DICTIONARY_PASSWORD" help:"Its password; prefer the environment." placeholder:"PASSWORD"`
}

func (r reads) target(kind schema.Kind) schema.Target {
	return schema.Target{Kind: kind, DictionaryUser: r.DictionaryUser, DictionaryPassword: r.DictionaryPassword}
}

// where selects a ClickHouse: the data directory's own, or one of the user's.
type where struct {
	Data     string `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory, if no --addr is given." placeholder:"DIR"`
	Addr     string `help:"host:port of another ClickHouse's native protocol, or several separated by commas." placeholder:"HOST:PORT"`
	User     string `default:"default" help:"The user on --addr: it creates and reads everything in the database polo."`
	Password string `env:"POLO_CLICKHOUSE_PASSWORD" help:"The password on --addr; better given as POLO_CLICKHOUSE_PASSWORD." placeholder:"PASSWORD"`
	Target   string `enum:"single,cloud,cluster" default:"single" help:"What --addr is: ${enum}."`
	TLS      bool   `name:"tls" help:"Connect to --addr with TLS; always on for ClickHouse Cloud."`
	reads
}

// Help gives examples.
func (where) Help() string {
	return `Without --addr on the data directory's own ClickHouse. On another one, nothing of the embedded ClickHouse is
needed here.

Examples:

  polo schema up
  polo schema status --data /var/lib/polo
  POLO_CLICKHOUSE_PASSWORD=... polo schema up --tls --addr ch.example.com:9440 --user migrator --target cloud`
}

// Validate refuses an empty data directory.
func (w where) Validate() error { return dataDir(w.Data).valid() }

// migrator calls fn with the migrator of the selected ClickHouse.
func (w where) migrator(ctx context.Context, e *env, command string, fn func(*schema.Migrator) error) error {
	kind, err := schema.ParseKind(w.Target)
	if err != nil {
		return cli.Error{Code: cli.ExitUsage, Err: err}
	}
	if w.Addr != "" {
		server := clickhouse.Server{Addr: w.Addr, User: w.User, Password: w.Password, TLS: w.TLS || kind == schema.Cloud}
		return migrate(server, w.target(kind), fn)
	}
	if kind != schema.Single {
		return cli.Usage("--target goes with --addr: the data directory's ClickHouse is a single one")
	}
	return dataDir(w.Data).with(ctx, e, command, func(ends stack.Endpoints) error {
		u := ends.Users.Migrator
		return migrate(clickhouse.Server{Addr: ends.ClickHouseTCP, User: u.Name, Password: u.Password}, stack.Target(ends.Users), fn)
	})
}

func migrate(server clickhouse.Server, target schema.Target, fn func(*schema.Migrator) error) (err error) {
	conn, err := server.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return fn(schema.New(conn, target))
}

type schemaUpCmd struct {
	where
	Timeout time.Duration `default:"3m" help:"How long to wait for the servers of a cluster to run a statement (${default})."`
}

// Validate refuses a timeout that the servers do not support.
func (c *schemaUpCmd) Validate() error {
	if c.Timeout < time.Second || c.Timeout > time.Hour {
		return errors.New("--timeout is from 1s to 1h")
	}
	return c.where.Validate()
}

// Run applies what is pending.
func (c *schemaUpCmd) Run(ctx context.Context, e *env) error {
	return c.migrator(ctx, e, "polo schema up", func(m *schema.Migrator) error {
		m.Wait = c.Timeout
		m.Waiting = func(statement string, servers []string) {
			_, _ = fmt.Fprintf(e.Stderr, "polo schema up: waiting for %s to run %s, for at most %s\n", strings.Join(servers, ", "), statement, c.Timeout)
		}
		applied, err := m.Up(ctx)
		for _, a := range applied {
			if _, err := fmt.Fprintf(e.Stdout, "applied %s\n", a.Title()); err != nil {
				return err
			}
		}
		if err == nil && len(applied) == 0 {
			_, err = fmt.Fprintln(e.Stdout, "the schema is up to date")
		}
		return err
	})
}

type schemaStatusCmd struct{ where }

// Run shows the migrations.
func (c *schemaStatusCmd) Run(ctx context.Context, e *env) error {
	if c.Addr == "" {
		if err := dataDir(c.Data).mustHold(); err != nil {
			return err
		}
	}
	return c.migrator(ctx, e, "polo schema status", func(m *schema.Migrator) error {
		status, err := m.Status(ctx)
		if err != nil {
			return err
		}
		t := cli.NewTable(e.Streams, "migration", "state", "applied at")
		for _, s := range status {
			state, at := fmt.Sprintf("%d of %d statements applied", s.Applied, s.Statements), ""
			switch {
			case s.Changed:
				state = "applied, and changed since"
			case s.Done():
				state = "applied"
			case s.Applied == 0:
				state = "pending"
			}
			if !s.AppliedAt.IsZero() {
				at = s.AppliedAt.UTC().Format(time.DateTime)
			}
			t.Row(s.Title(), state, at)
		}
		if err := t.Flush(); err != nil {
			return err
		}
		return m.Check(ctx)
	})
}

type schemaRenderCmd struct {
	Target string `enum:"single,cloud,cluster" default:"single" help:"What to render for: ${enum}."`
	reads
}

// Help gives examples.
func (schemaRenderCmd) Help() string {
	return `Examples:

  polo schema render --target cloud
  polo schema render --target cluster >schema.sql`
}

// Run prints the statements.
func (c *schemaRenderCmd) Run(_ context.Context, e *env) error {
	kind, err := schema.ParseKind(c.Target)
	if err != nil {
		return cli.Error{Code: cli.ExitUsage, Err: err}
	}
	statements, err := schema.Render(c.target(kind))
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(e.Stdout, schema.Script(statements))
	return err
}

type schemaRetainCmd struct {
	Retention []string `arg:"" optional:"" help:"activity=400d, metric=90d, resource=400d or cost=1100d: its events are deleted when they are older; all=90d:VOLUME: they move to that volume of the tables' storage policy." placeholder:"FAMILY=DAYS"`
	Forever   bool     `help:"Keep everything."`
	where
}

// Help gives examples.
func (schemaRetainCmd) Help() string {
	return `Everything is kept until this says otherwise. What is given replaces what was set before; without arguments it is shown.
ClickHouse deletes or moves as it merges, not at once. Lines of a bill age from the end of their billing period, other events
from their time. A resource of which nothing was said for as long is forgotten, even if it is there.

Examples:

  polo schema retain
  polo schema retain activity=400d metric=90d
  polo schema retain cost=1100d all=90d:cold --addr ch.example.com:9440 --tls --user migrator
  polo schema retain --forever`
}

// Validate refuses retentions that are not of the form.
func (c *schemaRetainCmd) Validate() error {
	if c.Forever && len(c.Retention) > 0 {
		return errors.New("--forever goes without retentions")
	}
	if _, err := c.retentions(); err != nil {
		return err
	}
	return c.where.Validate()
}

func (c *schemaRetainCmd) retentions() ([]schema.Retention, error) {
	out := make([]schema.Retention, len(c.Retention))
	for i, text := range c.Retention {
		var err error
		if out[i], err = schema.ParseRetention(text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Run sets what is given, and shows what is set.
func (c *schemaRetainCmd) Run(ctx context.Context, e *env) error {
	if c.Addr == "" {
		if err := dataDir(c.Data).mustHold(); err != nil {
			return err
		}
	}
	return c.migrator(ctx, e, "polo schema retain", func(m *schema.Migrator) error {
		if c.Forever || len(c.Retention) > 0 {
			all, err := c.retentions()
			if err != nil {
				return err
			}
			if _, err := m.Retain(ctx, all); err != nil {
				return err
			}
		}
		have, err := m.Retained(ctx)
		if err != nil {
			return err
		}
		t := cli.NewTable(e.Streams, "table", "kept")
		for _, table := range slices.Sorted(maps.Keys(have)) {
			t.Row(table, cmp.Or(have[table], "for ever"))
		}
		return t.Flush()
	})
}
