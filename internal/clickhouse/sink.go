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

// Config says where ClickHouse is.
type Config struct {
	// Addr is host:port of the native protocol, or several of them with commas between.
	// They are servers of one ClickHouse; where one does not answer, the next is tried.
	Addr     string
	Database string
	User     string
	Password string
	// Secret, if set, is where the password is kept: it may change while the sink works.
	Secret Secret
	// TLS is for ClickHouse Cloud and any other server across a network.
	TLS bool
	// Connections bounds the inserts under way at once.
	Connections int
	// InsertQuorum, if set, is how many replicas of a shard hold a row before it is
	// acknowledged: see Quorum.
	InsertQuorum string
	// Compress packs blocks with LZ4: for a network, not for one machine.
	Compress bool
}

// Secret is a password that may change.
type Secret interface {
	// Value is the password as far as it is known; Refresh asks again.
	Value(ctx context.Context) (string, error)
	Refresh(ctx context.Context) (string, error)
}

// Times one insert is given. The context's own deadline comes first.
const (
	dialTimeout   = 10 * time.Second
	readTimeout   = 2 * time.Minute
	quorumTimeout = time.Minute // for a replica that is there, but behind
)

// Sink inserts into resource_events. Safe for concurrent use.
type Sink struct {
	options ch.Options
	secret  Secret
	// addrs are the servers; current is the place of the one to dial first, which is the
	// one that answered last. It begins anywhere, so that many sinks spread over them.
	addrs   []string
	current atomic.Int64
	// idle holds connections; one without a client is to be dialled. Its length bounds them.
	idle   chan connection
	body   string
	quorum string
	// columns are the table's, for errors to name.
	columns []column
}

// connection is one to the server at a place of addrs.
type connection struct {
	client *ch.Client
	server int64
}

// NewSink makes a Sink. It dials when it first inserts.
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

// settings are every one an insert relies on, because their defaults move
// between versions: a synchronous insert of one block, answered once it is written
// in the table and in what its views fill. Without a quorum a block that comes again
// is known by its token, and taken once. With one it is written again: a block that was
// written by a replica that died may be given up while whoever repeats it waits for the
// quorum, and ClickHouse takes that for its end (26.7).
func settings(token, quorum string) []ch.Setting {
	set := []ch.Setting{
		{Key: "async_insert", Value: "0", Important: true},
		{Key: "materialized_views_ignore_errors", Value: "0", Important: true},
		// The consumer has ordered and deduplicated the block already.
		{Key: "optimize_on_insert", Value: "0"},
		// A replay may hold events of many years, and so of many partitions.
		{Key: "max_partitions_per_insert_block", Value: "0"},
		// On a cluster the acknowledgement must mean the shards, not a spool.
		{Key: "distributed_foreground_insert", Value: "1"},
		{Key: "parallel_view_processing", Value: "0"},
		{Key: "max_insert_block_size", Value: "1048576"},
		{Key: "min_insert_block_size_rows", Value: "0"},
		{Key: "min_insert_block_size_bytes", Value: "0"},
	}
	// deduplicate_insert is unknown before 26.2, where insert_deduplicate says the same.
	if quorum == "" {
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

// Insert writes rows as one block and returns when ClickHouse has acknowledged
// it in the table and in every table its views fill. token is the same for the
// same rows: without a quorum ClickHouse then takes a repeated block once. Errors match
// ErrUnavailable or ErrRefused.
func (s *Sink) Insert(ctx context.Context, rows *schema.Rows, token string) error {
	if rows.Len() == 0 {
		return nil
	}
	return s.with(ctx, "inserting into "+schema.EventsTable, func(ctx context.Context, client *ch.Client) error {
		return client.Do(ctx, ch.Query{Body: s.body, Input: rows.Input(), Settings: settings(token, s.quorum)})
	})
}

// Ping tells whether ClickHouse answers, and lets the sink's user in. Errors match
// ErrUnavailable.
func (s *Sink) Ping(ctx context.Context) error {
	return s.with(ctx, "asking ClickHouse for an answer", func(ctx context.Context, client *ch.Client) error { return client.Ping(ctx) })
}

// with runs do on a connection, which it waits for or dials.
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
	// The client's own read timeout ends nothing: it asks on for as long as the
	// context lasts.
	ctx, cancel := context.WithTimeout(ctx, s.options.ReadTimeout)
	defer cancel()
	// Nor does the end of a context without a deadline end what it is reading.
	used := conn
	stop := context.AfterFunc(ctx, func() { _ = used.client.Close() })
	err := do(ctx, used.client)
	if whole := stop(); err == nil && !whole {
		conn = connection{} // its answer came as it was closed
	}
	if err != nil {
		// What the server still has to say on this connection is not for the next.
		_ = used.client.Close()
		conn = connection{}
		err = classify(doing, err, s.columns)
		if errors.Is(err, ErrUnavailable) {
			s.leave(used.server)
		}
	}
	return err
}

// leave makes the next server the one to dial, unless another insert has done so already.
func (s *Sink) leave(server int64) {
	s.current.CompareAndSwap(server, (server+1)%int64(len(s.addrs)))
}

// dial connects to the first server that answers, with the password as it is now. Errors
// match ErrUnavailable.
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
		s.leave(server)
	}
	return connection{}, errors.Join(errs...)
}

// login dials with the secret, and once more where that was rotated.
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

// isRefusedLogin tells whether ClickHouse did not let the user in.
func isRefusedLogin(err error) bool {
	exception, ok := ch.AsException(err)
	return ok && exception.IsCode(proto.ErrAuthenticationFailed, proto.ErrWrongPassword)
}

// Refused tells whether err speaks of the rows themselves.
func (s *Sink) Refused(err error) bool { return errors.Is(err, ErrRefused) }

// Close ends the connections. No Insert may be under way or follow.
func (s *Sink) Close() error {
	var errs []error
	for range cap(s.idle) {
		if conn := <-s.idle; conn.client != nil && !conn.client.IsClosed() {
			errs = append(errs, conn.client.Close())
		}
	}
	return errors.Join(errs...)
}
