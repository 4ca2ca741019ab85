package cluster_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	sink "polo/internal/clickhouse"
	"polo/local/chdb"
	"polo/local/stack"
	"polo/schema"
	"polo/schema/alerts"
	"polo/schema/queries"
)

// Statements of the workload: those inserted undisturbed, and those inserted while servers die.
const undisturbed, disturbed = 3_000, 6_000

// TestCluster runs on servers of the embedded library, started by the scripts in POLO_CLUSTER.
func TestCluster(t *testing.T) { suite(t, loopback(t)) }

// suite tests what must hold on any cluster. Its parts build on each other.
func suite(t *testing.T, s *servers) {
	polo, consumer := program(t, "polo/cmd/polo"), program(t, "polo/consumer/lambda")
	step := func(name string, do func(*testing.T)) {
		if !t.Failed() {
			began := time.Now()
			t.Run(name, do)
			t.Logf("%s: %s", name, time.Since(began).Round(time.Millisecond))
		}
	}
	step("SchemaRefusesDoubledReplication", func(t *testing.T) { schemaRefuses(t, s, polo) })
	step("SchemaWaitsForAServer", func(t *testing.T) { schemaWaits(t, s, polo) })
	if t.Failed() {
		return
	}
	into := newPipeline(t, consumer, s.all(), string(schema.Cluster), s.users.Writer)
	engine := single(t)
	alone := newPipeline(t, consumer, engine.TCPAddr, string(schema.Single), engine.Users.Writer)
	step("EveryViewIsThatOfASingleServer", func(t *testing.T) {
		for _, p := range []*pipeline{into, alone} {
			p.send(t, packs(t, workload(0, undisturbed), 150))
			p.drained(t)
		}
		sameAs(t, s, engine)
		for _, name := range []string{"accounts", "cost_hourly", "coverage_gaps", "resources_current", "resource_relationships", "scan_scopes"} {
			if got := contents(t, s.addrs[1], s.users.Reader)[name]; got == "" || strings.HasPrefix(got, "0 ") {
				t.Errorf("the workload leaves %s empty: %s", name, got)
			}
		}
	})
	step("EveryQueryAnswersAsOnASingleServer", func(t *testing.T) { sameAnswers(t, s, engine) })
	step("ReaderJoinsTables", func(t *testing.T) { readerJoins(t, s, engine) })
	step("ServersDieDuringInserts", func(t *testing.T) {
		bodies := packs(t, workload(undisturbed, disturbed), 50)
		alone.send(t, bodies)
		alone.drained(t)
		deaths(t, s, into, bodies)
		sameAs(t, s, engine)
	})
	step("BlockOfADeadReplicaIsWrittenAgain", func(t *testing.T) { writtenAgain(t, s, engine) })
	step("AcknowledgedIsOnBothReplicas", func(t *testing.T) { acknowledged(t, s, engine) })
}

// single starts one server with the same schema.
func single(t *testing.T) *chdb.Engine {
	t.Helper()
	e, err := chdb.Start(t.Context(), chdb.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	if _, err := schema.New(connect(t, e.TCPAddr, e.Users.Migrator), stack.Target(e.Users)).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

// sameAs compares every table and view of the cluster with a single server's, and the replicas of each shard with each
// other.
func sameAs(t *testing.T, s *servers, e *chdb.Engine) {
	t.Helper()
	want := contents(t, e.TCPAddr, e.Users.Reader)
	for _, n := range []int{1, 4} {
		if diff := cmp.Diff(want, contents(t, s.addrs[n], s.users.Reader)); diff != "" {
			t.Errorf("server %d shows other rows than a single server (-single +cluster):\n%s", n, diff)
		}
	}
	for n := 1; n < 5; n += 2 {
		if diff := cmp.Diff(s.replica(t, n), s.replica(t, n+1)); diff != "" {
			t.Errorf("servers %d and %d differ:\n%s", n, n+1, diff)
		}
	}
}

// schemaUp runs `polo schema up` and returns its output.
func schemaUp(t *testing.T, s *servers, polo, addr string, more ...string) (stdout, stderr string, err error) {
	t.Helper()
	args := append([]string{"schema", "up", "--addr", addr, "--user", s.users.Migrator.Name, "--target", "cluster"}, more...)
	cmd := exec.CommandContext(t.Context(), polo, args...)
	cmd.Env = append(os.Environ(), "POLO_CLICKHOUSE_PASSWORD="+s.users.Migrator.Password,
		"POLO_CLICKHOUSE_DICTIONARY_USER="+s.users.Reader.Name, "POLO_CLICKHOUSE_DICTIONARY_PASSWORD="+s.users.Reader.Password)
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	err = cmd.Run()
	return out.String(), told.String(), err
}

// schemaRefuses: no schema is created where Distributed tables write to every replica.
func schemaRefuses(t *testing.T, s *servers, polo string) {
	const right, wrong = "<internal_replication>true<", "<internal_replication>false<"
	s.kill(t, 1)
	s.replaceConfig(t, 1, right, wrong)
	s.start(t, 1)
	_, told, err := schemaUp(t, s, polo, s.addrs[1])
	if err == nil || !strings.Contains(told, "internal_replication") || !strings.Contains(told, s.names[3]) {
		t.Errorf("error %v: %s", err, told)
	}
	s.kill(t, 1)
	s.replaceConfig(t, 1, wrong, right)
	s.start(t, 1)
}

// schemaWaits: a server that is down is named, and waited for only so long. Once it is back the schema is created, on
// it too, and only once.
func schemaWaits(t *testing.T, s *servers, polo string) {
	s.kill(t, 4)
	began := time.Now()
	_, told, err := schemaUp(t, s, polo, s.addrs[1], "--timeout", "8s")
	passed := time.Since(began)
	if err == nil || strings.Count(told, s.names[4]) != 2 || strings.Contains(told, s.names[3]) {
		t.Errorf("error %v; it should only name %s: %s", err, s.names[4], told)
	}
	if passed > 30*time.Second {
		t.Errorf("it gives up after %s", passed)
	}
	t.Logf("after %s: %s", passed.Round(time.Millisecond), told)
	s.start(t, 4)
	// Nobody answers on the first address.
	out, told, err := schemaUp(t, s, polo, "127.0.0.1:1,"+s.addrs[2])
	if err != nil || !strings.Contains(out, "applied 0001") {
		t.Fatalf("once the server is back: %v: %s%s", err, out, told)
	}
	if out, told, err = schemaUp(t, s, polo, s.addrs[4]); err != nil || out != "the schema is up to date\n" {
		t.Errorf("the second time: %v: %s%s", err, out, told)
	}
	for n := 1; n < 5; n++ {
		if err := schema.Check(t.Context(), connect(t, s.addrs[n], s.users.Migrator), schema.Target{Kind: schema.Cluster}); err != nil {
			t.Errorf("server %d: %v", n, err)
		}
	}
}

// readerJoins: with docs/DEPLOY.md's reader, rows of two tables join whichever shards they are on.
func readerJoins(t *testing.T, s *servers, e *chdb.Engine) {
	one, many := connect(t, e.TCPAddr, e.Users.Reader), connect(t, s.addrs[2], s.users.Reader)
	for _, query := range []string{
		"SELECT count(), sum(sipHash64(e.arn, s.ts)) FROM resource_events AS e INNER JOIN resource_states AS s ON e.arn = s.arn",
		"SELECT count(), sum(sipHash64(arn, ts)) FROM resource_events WHERE account_id IN (SELECT account_id FROM scans)",
		"SELECT count(), sum(sipHash64(e.event_id, a.name)) FROM resource_events AS e INNER JOIN accounts AS a ON e.account_id = a.account_id",
		"SELECT count(), sum(sipHash64(arn, last_ts)) FROM resources_current WHERE arn IN (SELECT arn FROM resource_events WHERE actor != '')",
	} {
		var rows, hash [2]uint64
		for i, conn := range []driver.Conn{one, many} {
			if err := conn.QueryRow(t.Context(), query).Scan(&rows[i], &hash[i]); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
		}
		if rows[0] == 0 || rows[0] != rows[1] || hash[0] != hash[1] {
			t.Errorf("%s: %d rows (%x) on a cluster, %d (%x) on a single server", query, rows[1], hash[1], rows[0], hash[0])
		}
	}
}

// sameAnswers runs every named query on the cluster and on the single server.
func sameAnswers(t *testing.T, s *servers, e *chdb.Engine) {
	t.Helper()
	const vpc = "arn:aws:ec2:eu-west-1:000000000001:vpc/v-00000001"
	one, many := connect(t, e.TCPAddr, e.Users.Reader), connect(t, s.addrs[2], s.users.Reader)
	var scanned, paid string // instances that two scans saw, and that a bill names
	if err := one.QueryRow(t.Context(), `SELECT argMax(arn, n) FROM (SELECT arn, countIf(event_type = 'resource.snapshot') AS n FROM polo.resource_events
		WHERE arn LIKE '%:instance/%' GROUP BY arn ORDER BY arn)`).Scan(&scanned); err != nil {
		t.Fatal(err)
	}
	if err := one.QueryRow(t.Context(), "SELECT max(arn) FROM polo.cost_daily_by_arn WHERE arn LIKE '%:instance/%'").Scan(&paid); err != nil {
		t.Fatal(err)
	}
	for _, conn := range []driver.Conn{connect(t, e.TCPAddr, e.Users.Migrator), connect(t, s.addrs[2], s.users.Migrator)} {
		if err := conn.Exec(t.Context(), "INSERT INTO fx_rates (currency, target, day, rate, observed_at) VALUES ('USD', 'EUR', '2026-02-01', 0.9, '2026-03-01')"); err != nil {
			t.Fatal(err)
		}
	}
	known := map[string]string{"arn": scanned, "q": "name", "tag": "team", "from": "2026-02-01", "since": "2026-02-01"}
	empty := 0
	for _, q := range queries.All() {
		if q.Name == "health_freshness" {
			continue // it tells when rows came in, and that differs
		}
		values := map[string]string{}
		for _, p := range q.Params {
			if v, ok := known[p.Name]; ok && (p.Required || p.Name != "tag") {
				values[p.Name] = v
			}
			// The workload's alerts are of the past.
			if v := map[string]string{"days": "4000", "status": "all"}[p.Name]; v != "" && q.Group == "alerts" {
				values[p.Name] = v
			}
		}
		switch q.Name {
		case "resource_dependents":
			values["arn"] = vpc
		case "resource_cost":
			values["arn"] = paid
		case "cost_converted":
			values["to"] = "EUR"
		}
		bound, err := q.Bind(values, day.AddDate(0, 0, 28))
		if err != nil {
			t.Fatal(err)
		}
		var answers [2]queries.Answer
		for i, conn := range []driver.Conn{one, many} {
			if answers[i], err = bound.Run(t.Context(), conn); err != nil {
				t.Errorf("%s: %v", q.Name, err)
			}
		}
		for i, c := range q.Columns {
			if c.Name == "inserted_at" || c.Name == "age" { // they tell when a row came in, and when one asks
				for _, row := range slices.Concat(answers[0].Rows, answers[1].Rows) {
					row[i] = nil
				}
			}
		}
		if diff := cmp.Diff(answers[0].Rows, answers[1].Rows); diff != "" {
			t.Errorf("%s %v (-single +cluster):\n%s", q.Name, values, diff)
		}
		if len(answers[0].Rows) == 0 {
			t.Logf("%s %v has no rows", q.Name, values)
			empty++
		}
	}
	for _, a := range alerts.All() {
		bound, err := a.Bind(nil, day.AddDate(0, 0, 28))
		if err != nil {
			t.Fatal(err)
		}
		var answers [2]queries.Answer
		for i, conn := range []driver.Conn{one, many} {
			if a.Data != "" {
				var some bool
				if err := conn.QueryRow(t.Context(), a.Data).Scan(&some); err != nil {
					t.Errorf("%s: %v", a.ID, err)
				}
			}
			if answers[i], err = bound.Run(t.Context(), conn); err != nil {
				t.Errorf("%s: %v", a.ID, err)
			}
		}
		if diff := cmp.Diff(answers[0].Rows, answers[1].Rows); diff != "" && a.ID != "ingest_lag" { // it tells when rows came in
			t.Errorf("%s (-single +cluster):\n%s", a.ID, diff)
		}
		t.Logf("%s finds %d", a.ID, len(answers[0].Rows))
	}
	if empty > 11 {
		t.Errorf("%d answers have no rows, and compare nothing", empty)
	}
}

// deaths kills a replica, a whole shard, and Keeper, while messages are inserted.
func deaths(t *testing.T, s *servers, p *pipeline, bodies []string) {
	const quarters = 4
	kills := []struct {
		name         string
		kill, revive func()
	}{
		{"a replica", func() { s.kill(t, 2) }, func() { s.start(t, 2) }},
		{"a shard", func() { s.kill(t, 3); s.kill(t, 4) }, func() { s.start(t, 3); s.start(t, 4) }},
		{"Keeper", func() { s.killKeeper(t) }, func() { s.startKeeper(t) }},
	}
	for i := range quarters {
		part := bodies[i*len(bodies)/quarters : (i+1)*len(bodies)/quarters]
		before := p.landed()
		p.send(t, part)
		if i == len(kills) {
			break
		}
		await(t, "the first messages", func() bool { return p.landed() > before })
		kills[i].kill()
		time.Sleep(2 * time.Second)
		left := int64(len(part)) - (p.landed() - before)
		t.Logf("%s died when %d of %d messages were on the queue", kills[i].name, left, len(part))
		if left == 0 {
			t.Errorf("%s died after all was done", kills[i].name)
		}
		kills[i].revive()
	}
	p.drained(t)
}

// writer returns a consumer's sink, open until the test ends.
func writer(t *testing.T, addr string, u chdb.User, quorum string) *sink.Sink {
	t.Helper()
	out := sink.NewSink(sink.Config{Addr: addr, Database: chdb.Database, User: u.Name, Password: u.Password, InsertQuorum: quorum})
	t.Cleanup(func() { _ = out.Close() })
	return out
}

// creations returns rows of a source that nothing else writes.
func creations(t *testing.T, source string) *schema.Rows {
	t.Helper()
	rows := schema.NewRows()
	for i := range 100 {
		ev := envelope.ResourceEvent{
			EventID: envelope.NewEventID(source, day, fmt.Sprint(i)), EventType: envelope.TypeResourceCreated, Source: source,
			TS: day, ObservedAt: day, ARN: fmt.Sprint("arn:aws:s3:::", source, i),
		}
		if err := rows.Append(&ev, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

// writtenAgain: a replica dies with the only copy of a block, the other replica gives that copy up, and meanwhile the
// block is retried. By its token ClickHouse would take the block for written and the quorum of the copy that was given
// up for reached.
func writtenAgain(t *testing.T, s *servers, e *chdb.Engine) {
	// The last table that an insert of these rows fills, so that nothing after it fails because of the dead replica.
	const source, table = "again", "resource_states_local"
	if err := writer(t, e.TCPAddr, e.Users.Writer, "").Insert(t.Context(), creations(t, source), source); err != nil {
		t.Fatal(err)
	}
	first, second := connect(t, s.addrs[1], s.admin), connect(t, s.addrs[2], s.admin)
	count := func(on driver.Conn, sql string) int {
		var rows uint64
		if err := on.QueryRow(t.Context(), sql).Scan(&rows); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return int(rows)
	}
	insert := func(n int) <-chan error {
		done := make(chan error, 1)
		out, rows := writer(t, s.addrs[n], s.users.Writer, sink.QuorumAuto), creations(t, source)
		go func() { done <- out.Insert(t.Context(), rows, source) }()
		return done
	}
	s.exec(t, 2, "SYSTEM STOP FETCHES "+chdb.Database+"."+table)
	died := insert(1)
	await(t, "the first copy", func() bool {
		return count(first, "SELECT count() FROM "+table+" WHERE source = '"+source+"'") > 0
	})
	s.kill(t, 1)
	if err := <-died; !errors.Is(err, sink.ErrUnavailable) {
		t.Errorf("the server that died answers %v", err)
	}
	again := insert(2)
	time.Sleep(time.Second) // it waits for the quorum while the dead server still counts as alive
	s.exec(t, 2, "SYSTEM START FETCHES "+chdb.Database+"."+table)
	await(t, "the first copy is given up", func() bool {
		return count(second, "SELECT sum(inserts_in_queue) FROM system.replicas WHERE database = currentDatabase() AND table = '"+table+"'") == 0
	})
	s.start(t, 1)
	err := <-again
	t.Logf("the second time: %v", err)
	for began := time.Now(); err != nil && time.Since(began) < time.Minute; time.Sleep(time.Second) {
		err = <-insert(2)
	}
	if err != nil {
		t.Fatal(err)
	}
	sameAs(t, s, e)
}

// acknowledged: a row that the second replica cannot have yet is not acknowledged. Once it is, the first one's disk may
// be lost.
func acknowledged(t *testing.T, s *servers, e *chdb.Engine) {
	rows := func() *schema.Rows { return creations(t, "last") }
	if err := writer(t, e.TCPAddr, e.Users.Writer, "").Insert(t.Context(), rows(), "last"); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{2, 4} {
		s.exec(t, n, "SYSTEM STOP FETCHES")
	}
	done := make(chan error, 1)
	go func() {
		done <- writer(t, s.addrs[1]+","+s.addrs[3], s.users.Writer, sink.QuorumAuto).Insert(t.Context(), rows(), "last")
	}()
	select {
	case err := <-done:
		t.Errorf("an insert that is on one replica ends with %v", err)
	case <-time.After(3 * time.Second):
	}
	for _, n := range []int{2, 4} {
		s.exec(t, n, "SYSTEM START FETCHES")
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 3} {
		s.kill(t, n)
		s.wipe(t, n)
	}
	// While a replica of each shard is down, an insert fails at once and says why.
	began := time.Now()
	err := writer(t, s.addrs[2], s.users.Writer, sink.QuorumAuto).Insert(t.Context(), rows(), "later")
	if !errors.Is(err, sink.ErrUnavailable) || !strings.Contains(err.Error(), "TOO_FEW_LIVE_REPLICAS") {
		t.Errorf("with a replica down: %v after %s", err, time.Since(began))
	}
	if diff := cmp.Diff(contents(t, e.TCPAddr, e.Users.Reader), contents(t, s.addrs[2], s.users.Reader)); diff != "" {
		t.Errorf("without the disks of servers 1 and 3 (-single +cluster):\n%s", diff)
	}
}
