package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
	sink "polo/internal/clickhouse"
	"polo/local/chdb"
	"polo/local/stack"
	"polo/schema"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

var at = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// start starts an engine with the schema, and a sink that connects as the writer.
func start(t *testing.T) (*stack.Stack, *sink.Sink) {
	t.Helper()
	s, err := stack.Start(t.Context(), stack.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	w := s.Endpoints.Users.Writer
	out := sink.NewSink(sink.Config{Addr: s.Endpoints.ClickHouseTCP, Database: s.Endpoints.Database, User: w.Name, Password: w.Password})
	t.Cleanup(func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, out
}

func amount(text string) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: decimal.RequireFromString(text), Valid: true}
}

func insert(t *testing.T, s *sink.Sink, token string, events ...envelope.ResourceEvent) {
	t.Helper()
	rows := schema.NewRows()
	for i := range events {
		if err := rows.Append(&events[i], uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Insert(t.Context(), rows, token); err != nil {
		t.Fatal(err)
	}
}

// TestEveryFieldArrives inserts an event with every field set and one with only the
// required ones, and reads them back as text.
func TestEveryFieldArrives(t *testing.T) {
	t.Parallel()
	s, out := start(t)
	metric := -1.5e-300
	full := envelope.ResourceEvent{
		EventID: uuid.MustParse("00112233-4455-5677-8899-aabbccddeeff"), EventType: "cost.accrued", Source: "source", TS: at,
		PeriodEnd: at.Add(time.Hour), ObservedAt: at.Add(time.Minute), ARN: "arn:aws:s3:::bucket", Platform: "aws", AccountID: "000000000001",
		AccountRole: "prod", Region: "eu-west-1", Service: "s3", ResourceType: "s3:bucket", ResourceID: "id", ResourceName: "name",
		MarqoCustomer: "cu", MarqoCluster: "cl", MarqoIndex: "ix", Actor: "actor", State: "state", ErrorCode: "code",
		CostAmount: amount("-99999999999999999999999999999999999999.99999999999999999999999999999999999999"), Currency: "EUR",
		UsageQuantity: amount("1.2E-37"), UsageUnit: "Hrs", MetricValue: &metric,
		Ancestors: []string{"a", "b"}, Relations: []envelope.Relation{{Type: "t", TargetARN: "u"}, {Type: "v", TargetARN: "w"}},
		Tags: envelope.PairsOf(map[string]string{"z": "1", "a": "\x00\n'\"€"}), Properties: envelope.PairsOf(map[string]string{"p": "{}"}),
	}
	bare := envelope.ResourceEvent{EventID: uuid.MustParse("ff000000-0000-5000-8000-000000000000"), EventType: "x.y", Source: "s", TS: at, ObservedAt: at}
	insert(t, out, "1", full, bare)

	r := s.Endpoints.Users.Reader
	conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	got := map[string][]string{}
	for _, column := range schema.NewRows().Columns() {
		var values []string
		query := fmt.Sprintf("SELECT groupArray(ifNull(toString(`%s`), 'NULL')) FROM (SELECT * FROM resource_events ORDER BY event_id)", column)
		if err := conn.QueryRow(t.Context(), query).Scan(&values); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		got[column] = values
	}
	want := map[string][]string{
		"event_id": {"00112233-4455-5677-8899-aabbccddeeff", "ff000000-0000-5000-8000-000000000000"}, "event_type": {"cost.accrued", "x.y"},
		"source": {"source", "s"}, "ts": {"2026-01-02 03:04:05.678", "2026-01-02 03:04:05.678"}, "period_end": {"2026-01-02 04:04:05.678", "NULL"},
		"observed_at": {"2026-01-02 03:05:05.678", "2026-01-02 03:04:05.678"}, "arn": {"arn:aws:s3:::bucket", ""}, "platform": {"aws", ""},
		"account_id": {"000000000001", ""}, "account_role": {"prod", ""}, "region": {"eu-west-1", ""}, "service": {"s3", ""},
		"resource_type": {"s3:bucket", ""}, "resource_id": {"id", ""}, "resource_name": {"name", ""}, "marqo_customer": {"cu", ""},
		"marqo_cluster": {"cl", ""}, "marqo_index": {"ix", ""}, "actor": {"actor", ""}, "state": {"state", ""}, "error_code": {"code", ""},
		"cost_amount": {"-99999999999999999999999999999999999999.99999999999999999999999999999999999999", "NULL"}, "currency": {"EUR", ""},
		"usage_quantity": {"0.00000000000000000000000000000000000012", "NULL"}, "usage_unit": {"Hrs", ""}, "metric_value": {"-1.5e-300", "NULL"},
		"ancestors": {"['a','b']", "[]"}, "relations.type": {"['t','v']", "[]"}, "relations.target_arn": {"['u','w']", "[]"},
		"tags": {`{'a':'\0\n\'"€','z':'1'}`, "{}"}, "properties": {"{'p':'{}'}", "{}"}, "version": {"0", "1"},
	}
	// ClickHouse sorts UUIDs by their second half first.
	if len(got["version"]) == 2 && got["version"][0] == "1" {
		for _, v := range got {
			v[0], v[1] = v[1], v[0]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRetriedBlockIsInsertedOnce: a block with the same token is inserted once, in the
// table and in what its views fill.
func TestRetriedBlockIsInsertedOnce(t *testing.T) {
	t.Parallel()
	s, out := start(t)
	event := envelope.ResourceEvent{
		EventID: uuid.New(), EventType: "resource.created", Source: "s", TS: at, ObservedAt: at, ARN: "arn:aws:s3:::b",
	}
	insert(t, out, "same", event)
	insert(t, out, "same", event)
	conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Migrator)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, table := range []string{"resource_events", "resource_states"} {
		var n uint64
		if err := conn.QueryRow(t.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != 1 {
			t.Errorf("%s holds %d rows of a block sent twice, without FINAL; want 1", table, n)
		}
	}
}

// TestRetryCompletesAHalfDoneInsert: a block that reached the table but not
// what its views fill gets there when it is retried with the same token.
func TestRetryCompletesAHalfDoneInsert(t *testing.T) {
	t.Parallel()
	s, out := start(t)
	conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Migrator)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	exec := func(sql string) {
		t.Helper()
		if err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	rows := schema.NewRows()
	for i := range 10 {
		for _, typ := range []string{"resource.created", "cost.accrued", "scan.completed", "account.described"} {
			e := envelope.ResourceEvent{EventID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, typ, i)), EventType: typ, Source: "s", TS: at, ObservedAt: at}
			if err := rows.Append(&e, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	targets := []string{"resource_states", "cost_lines", "scans", "account_states"}
	for _, hidden := range targets {
		exec("RENAME TABLE " + hidden + " TO hidden")
		if err := out.Insert(t.Context(), rows, "token"); !errors.Is(err, sink.ErrUnavailable) {
			t.Errorf("without %s: %v, want an outage", hidden, err)
		}
		exec("RENAME TABLE hidden TO " + hidden)
	}
	if err := out.Insert(t.Context(), rows, "token"); err != nil {
		t.Fatal(err)
	}
	for _, table := range append(targets, "resource_events") {
		want := uint64(10)
		if table == "resource_events" {
			want = 40
		}
		var n uint64
		if err := conn.QueryRow(t.Context(), "SELECT count() FROM "+table+" FINAL").Scan(&n); err != nil || n != want {
			t.Errorf("%s holds %d rows, %v; want %d", table, n, err, want)
		}
	}
}

// TestAmountBeyondTheColumnIsRefused: such an amount is never rounded, and no row is
// added.
func TestAmountBeyondTheColumnIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1e38", "1e-39", "0.123456789012345678901234567890123456789", "1e9000", "1e-9000"} {
		rows := schema.NewRows()
		e := envelope.ResourceEvent{EventID: uuid.New(), EventType: "cost.accrued", Source: "s", TS: at, ObservedAt: at, UsageQuantity: amount(text)}
		if err := rows.Append(&e, 1); err == nil {
			t.Errorf("%s was accepted", text)
		}
		if rows.Len() != 0 {
			t.Errorf("%s: %d rows after a refusal", text, rows.Len())
		}
	}
}

// TestCheckWorksWithTheWritersAccount: Check works with an account that can only insert.
func TestCheckWorksWithTheWritersAccount(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	w := s.Endpoints.Users.Writer
	cfg := sink.Config{Addr: s.Endpoints.ClickHouseTCP, Database: s.Endpoints.Database, User: w.Name, Password: w.Password}
	if err := sink.Check(t.Context(), cfg, schema.Target{Kind: schema.Single}); err != nil {
		t.Error(err)
	}
	conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Migrator)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(t.Context(), "ALTER TABLE resource_events MODIFY SETTING non_replicated_deduplication_window = 0"); err != nil {
		t.Fatal(err)
	}
	var faults *schema.FaultsError
	if err := sink.Check(t.Context(), cfg, schema.Target{Kind: schema.Single}); !errors.As(err, &faults) {
		t.Errorf("got %v", err)
	}
	cfg.Password = "wrong"
	if err := sink.Check(t.Context(), cfg, schema.Target{Kind: schema.Single}); !errors.Is(err, sink.ErrUnavailable) || errors.As(err, &faults) {
		t.Errorf("got %v", err)
	}
}

func TestNoServerIsAnOutage(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	out := sink.NewSink(sink.Config{Addr: addr, Database: "polo", User: "u", Password: "p"})
	rows := schema.NewRows()
	e := envelope.ResourceEvent{EventID: uuid.New(), EventType: "x.y", Source: "s", TS: at, ObservedAt: at}
	if err := rows.Append(&e, 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := out.Insert(ctx, rows, "t"); !errors.Is(err, sink.ErrUnavailable) || out.Refused(err) {
		t.Errorf("error %v, want an outage", err)
	}
}
