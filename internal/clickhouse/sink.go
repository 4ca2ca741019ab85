package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"polo/schema"
)

// Config configures the connection to ClickHouse.
type Config struct {
	// Addr is host:port of the native protocol, or several separated by commas: servers of
	// one ClickHouse. If one does not answer, the next is tried.
	Addr     string
	Database string
	User     string
	Password string
	// Secret, if set, supplies the password, which may change while the sink runs.
	Secret Secret
	// TLS is required for ClickHouse Cloud and any server across a network.
	TLS bool
	// Connections bounds the concurrent inserts.
	Connections int
	// InsertQuorum, if set, is how many replicas of a shard must hold a row before it is
	// acknowledged: see Quorum.
	InsertQuorum string
	// Compress compresses blocks with LZ4, which pays across a network but not on one
	// machine.
	Compress bool
}

// Secret is a password that may change.
type Secret interface {
	// Value returns the cached password; Refresh fetches it again.
	Value(ctx context.Context) (string, error)
	Refresh(ctx context.Context) (string, error)
}

// Timeouts of one insert. The context's deadline, if sooner, applies.
const (
	dialTimeout   = 10 * time.Second
	readTimeout   = 2 * time.Minute
	quorumTimeout = time.Minute // waits for a replica that lags
)

// Sink inserts into resource_events. Safe for concurrent use.
type Sink struct {
	options ch.Options
	secret  Secret
	// addrs are the servers. current is the index of the one to dial first: the last that
	// answered. It starts at random, so that many sinks spread over the servers.
	addrs   []string
	current atomic.Int64
	// idle holds the connections; its capacity bounds them. One without a client has yet to
	// be dialled.
	idle   chan connection
	body   string
	quorum string
	// columns are the table's, for error messages.
	columns []column
}

// connection is a connection to the server at an index of addrs.
type connection struct {
	client *ch.Client
	server int64
}

// NewSink returns a Sink that dials at the first insert.
func NewSink(c Config) *Sink {
	n := max(c.Connections, 1)
	s := &Sink{
		options: ch.Options{
			Database: c.Database, User: c.User, Password: c.Password, ClientName: "polo-consumer",
			DialTimeout: dialTimeout, HandshakeTimeout: dialTimeout, ReadTimeout: readTimeout,
		},
		secret: c.Secret,
		quorum: c.InsertQuorum,
		addrs:  split(c.Addr),
		idle:   make(chan connection, n),
	}
	s.current.Store(rand.Int64N(int64(len(s.addrs))))
	if c.TLS {
		s.options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if c.Compress {
		s.options.Compression = ch.CompressionLZ4
	}
	for range n {
		s.idle <- connection{}
	}
	input := schema.NewRows().Input()
	s.body, s.columns = input.Into(schema.EventsTable), columnsOf(input)
	return s
}

// settings states every setting that an insert relies on, because defaults change between
// versions: a synchronous insert of one block, acknowledged once the table and the tables
// that its views fill hold it. Without a quorum, the token deduplicates a retried block.
// With one, a retried block is written again. ClickHouse (26.7) may give up a block that a
// replica wrote before it died, and would still acknowledge a retry of it by token while
// that waits for the quorum.
func settings(token, quorum string) []ch.Setting {
	set := []ch.Setting{
		{Key: "async_insert", Value: "0", Important: true},
		{Key: "materialized_views_ignore_errors", Value: "0", Important: true},
		// The consumer has already sorted and deduplicated the block.
		{Key: "optimize_on_insert", Value: "0"},
		// A replay may hold events of many years, and so of many partitions.
		{Key: "max_partitions_per_insert_block", Value: "0"},
		// On a cluster the acknowledgement must come from the shards, not from a spool.
		{Key: "distributed_foreground_insert", Value: "1"},
		{Key: "parallel_view_processing", Value: "0"},
		{Key: "max_insert_block_size", Value: "1048576"},
		{Key: "min_insert_block_size_rows", Value: "0"},
		{Key: "min_insert_block_size_bytes", Value: "0"},
	}
	// deduplicate_insert is unknown before 26.2, where insert_deduplicate does the same.
	if quorum == "" { //mutant:token-with-a-quorum
		return append(set,
			ch.Setting{Key: "insert_deduplicate", Value: "1", Important: true},
			ch.Setting{Key: "insert_deduplication_token", Value: token, Important: true},
			ch.Setting{Key: "deduplicate_insert", Value: "enable"},
			ch.Setting{Key: "deduplicate_blocks_in_dependent_materialized_views", Value: "1", Important: true},
		)
	}
	return append(set,
		ch.Setting{Key: "insert_deduplicate", Value: "0", Important: true},
		ch.Setting{Key: "deduplicate_insert", Value: "disable"},
		ch.Setting{Key: "insert_quorum", Value: quorum, Important: true},
		// Inserts do not wait for one another.
		ch.Setting{Key: "insert_quorum_parallel", Value: "1", Important: true},
		ch.Setting{Key: "insert_quorum_timeout", Value: strconv.FormatInt(quorumTimeout.Milliseconds(), 10)},
	)
}

// Insert writes rows as one block and returns when ClickHouse has acknowledged it in the
// table and in every table that its views fill. The same rows must have the same token:
// without a quorum it deduplicates a retried block. Errors match ErrUnavailable or
// ErrRefused.
func (s *Sink) Insert(ctx context.Context, rows *schema.Rows, token string) error {
	if rows.Len() == 0 {
		return nil
	}
	return s.with(ctx, "inserting into "+schema.EventsTable, func(ctx context.Context, client *ch.Client) error {
		return client.Do(ctx, ch.Query{Body: s.body, Input: rows.Input(), Settings: settings(token, s.quorum)})
	})
}

// Ping checks that ClickHouse answers and accepts the sink's user. Errors match
// ErrUnavailable.
func (s *Sink) Ping(ctx context.Context) error {
	return s.with(ctx, "asking ClickHouse for an answer", func(ctx context.Context, client *ch.Client) error { return client.Ping(ctx) })
}

// with runs do on a connection; it waits for an idle one and dials if needed.
func (s *Sink) with(ctx context.Context, doing string, do func(context.Context, *ch.Client) error) error {
	var conn connection
	select {
	case conn = <-s.idle:
	case <-ctx.Done():
		return fmt.Errorf("%w: waiting for a connection: %w", ErrUnavailable, ctx.Err())
	}
	defer func() { s.idle <- conn }()
	if conn.client == nil || conn.client.IsClosed() {
		var err error
		if conn, err = s.dial(ctx); err != nil {
			return err
		}
	}
	// The client's read timeout does not end the call: the client keeps reading until the
	// context ends.
	ctx, cancel := context.WithTimeout(ctx, s.options.ReadTimeout)
	defer cancel()
	// Cancelling a context without a deadline does not interrupt its read either.
	used := conn
	stop := context.AfterFunc(ctx, func() { _ = used.client.Close() })
	err := do(ctx, used.client)
	if whole := stop(); err == nil && !whole {
		conn = connection{} // closed while it answered
	}
	if err != nil {
		// Close it: what the server still sends must not reach the next insert.
		_ = used.client.Close()
		conn = connection{}
		err = classify(doing, err, s.columns)
		if errors.Is(err, ErrUnavailable) {
			s.failOver(used.server)
		}
	}
	return err
}

// failOver makes the next server the one to dial, unless another insert has already done so.
func (s *Sink) failOver(server int64) {
	s.current.CompareAndSwap(server, (server+1)%int64(len(s.addrs)))
}

// dial connects to the first server that answers, with the current password. Errors match
// ErrUnavailable.
func (s *Sink) dial(ctx context.Context) (connection, error) {
	var errs []error
	for range s.addrs {
		server := s.current.Load()
		client, err := s.login(ctx, s.addrs[server])
		if err == nil {
			return connection{client, server}, nil
		}
		if !errors.Is(err, ErrUnavailable) {
			err = classify("connecting to ClickHouse", err, nil)
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
		s.failOver(server) //mutant:first-server-alone
	}
	return connection{}, errors.Join(errs...)
}

// login dials with the password, and once more if it was rotated.
func (s *Sink) login(ctx context.Context, addr string) (*ch.Client, error) {
	options := s.options
	options.Address = addr
	if s.secret == nil {
		return ch.Dial(ctx, options)
	}
	var err error
	if options.Password, err = s.secret.Value(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	client, refused := ch.Dial(ctx, options)
	if !isRefusedLogin(refused) {
		return client, refused
	}
	rotated, err := s.secret.Refresh(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	case rotated == options.Password:
		return nil, refused
	}
	options.Password = rotated
	return ch.Dial(ctx, options)
}

// isRefusedLogin reports whether ClickHouse refused the user or password.
func isRefusedLogin(err error) bool {
	exception, ok := ch.AsException(err)
	return ok && exception.IsCode(proto.ErrAuthenticationFailed, proto.ErrWrongPassword)
}

// Refused reports whether err is about the rows themselves.
func (s *Sink) Refused(err error) bool { return errors.Is(err, ErrRefused) }

// Close closes the connections. No Insert may run or follow.
func (s *Sink) Close() error {
	var errs []error
	for range cap(s.idle) {
		if conn := <-s.idle; conn.client != nil && !conn.client.IsClosed() {
			errs = append(errs, conn.client.Close())
		}
	}
	return errors.Join(errs...)
}
