package faults_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/integration/content"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/local/sqsserver"
	"polo/local/stack"
)

// visibility is short, so that messages of a crashed consumer are redelivered within a
// test.
const visibility = 4 * time.Second

func TestMain(m *testing.M) {
	chdb.RunChild()
	runConsumer()
	os.Exit(m.Run())
}

// rig is everything between a publisher and the tables; each part can be broken.
type rig struct {
	dir              string
	proxy            *proxy
	server           *sqsserver.Server
	sqsURL           string
	queueURL, dlqURL string
	queue, dlq       *sqs.Queue

	mu  sync.Mutex
	eng *chdb.Engine
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigIn(t, t.TempDir())
}

func newRigIn(t *testing.T, dir string) *rig {
	t.Helper()
	r := &rig{dir: dir}
	if _, err := os.Stat(filepath.Join(dir, "clickhouse")); os.IsNotExist(err) {
		chdbtest.Migrated(t, filepath.Join(dir, "clickhouse"))
	}
	r.startEngine(t)
	t.Cleanup(func() {
		if err := r.engine().Stop(); err != nil {
			t.Error(err)
		}
	})
	r.proxy = newProxy(t, r.engine().TCPAddr)
	r.startSQS(t)
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		if text, err := os.ReadFile(filepath.Join(r.dir, "consumer.log")); err == nil {
			t.Logf("the consumers' log ends:\n%s", text[max(0, len(text)-20_000):])
		}
	})
	return r
}

func (r *rig) engine() *chdb.Engine {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.eng
}

// startEngine starts ClickHouse on the rig's data, new or existing.
func (r *rig) startEngine(t *testing.T) {
	t.Helper()
	e, err := chdb.Start(t.Context(), chdb.Options{Dir: filepath.Join(r.dir, "clickhouse")})
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.eng = e
	r.mu.Unlock()
	if r.proxy != nil {
		r.proxy.set(func(p *proxy) { p.target = e.TCPAddr })
	}
}

// killEngine kills ClickHouse with kill -9.
func (r *rig) killEngine(t *testing.T) {
	t.Helper()
	e := r.engine()
	if err := syscall.Kill(e.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-e.Exited()
}

func (r *rig) startSQS(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.sqsURL = "http://" + l.Addr().String()
	if r.server, err = sqsserver.New(sqsserver.Options{BaseURL: r.sqsURL}); err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: r.server, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(l) }()
	t.Cleanup(func() {
		_ = web.Close()
		if err := r.server.Close(); err != nil {
			t.Error(err)
		}
	})
	client := sqs.NewClient(stack.AWSConfig(), r.sqsURL)
	create := func(name string, attributes map[string]string) string {
		out, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl
	}
	r.dlqURL = create("polo-events-dlq", map[string]string{"MaximumMessageSize": "1048576"})
	r.queueURL = create("polo-events", map[string]string{
		"MaximumMessageSize": "1048576", "VisibilityTimeout": strconv.Itoa(int(visibility / time.Second)),
	})
	r.queue, r.dlq = sqs.New(client, r.queueURL, sqs.Options{}), sqs.New(client, r.dlqURL, sqs.Options{})
}

// exec runs a statement as the migrator.
func (r *rig) exec(t *testing.T, sql string) {
	t.Helper()
	conn, err := stack.Connect(r.engine().TCPAddr, chdb.Database, r.engine().Users.Migrator)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// content returns the content of every table and view.
func (r *rig) content(t *testing.T) map[string]string {
	t.Helper()
	conn, err := stack.Connect(r.engine().TCPAddr, chdb.Database, r.engine().Users.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	got, err := content.Of(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < 10 {
		t.Fatalf("only %d tables and views: %v", len(got), got)
	}
	return got
}

// send puts message bodies on the main queue despite its faults.
func (r *rig) send(t *testing.T, bodies ...string) {
	t.Helper()
	out := make([]queue.Outgoing, len(bodies))
	for i, b := range bodies {
		out[i] = queue.Outgoing{Body: b}
	}
	if err := queue.SendAll(t.Context(), r.queue, out, queue.Retry{MaxElapsed: time.Minute}); err != nil {
		t.Fatal(err)
	}
}

// awaitEmpty waits until the main queue is empty.
func (r *rig) awaitEmpty(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := stack.AwaitEmpty(ctx, r.queue, 50*time.Millisecond, nil); err != nil {
		t.Fatal(err)
	}
}

// awaitRows waits until at least so many rows are inserted.
func (r *rig) awaitRows(t *testing.T, atLeast uint64) {
	t.Helper()
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(20 * time.Millisecond) {
		conn, err := stack.Connect(r.engine().TCPAddr, chdb.Database, r.engine().Users.Reader)
		if err != nil {
			t.Fatal(err)
		}
		var n uint64
		err = conn.QueryRow(t.Context(), "SELECT count() FROM resource_events").Scan(&n)
		_ = conn.Close()
		if err == nil && n >= atLeast {
			return
		}
	}
	t.Fatalf("%d rows did not come", atLeast)
}

// letters empties the dead-letter queue.
func (r *rig) letters(t *testing.T) []queue.Failure {
	t.Helper()
	var out []queue.Failure
	for {
		got, err := r.dlq.Receive(t.Context(), 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			return out
		}
		for _, m := range got {
			f, err := queue.ParseFailure(m)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, f)
		}
	}
}

// wantUndisturbed compares the tables with those of a run in which every statement
// arrived once, in order, and nothing broke.
func (r *rig) wantUndisturbed(t *testing.T) {
	t.Helper()
	if diff := cmp.Diff(undisturbed(t), r.content(t)); diff != "" {
		t.Errorf("the tables differ from an undisturbed run's (-undisturbed +got):\n%s", diff)
	}
	if f := r.letters(t); len(f) > 0 {
		t.Errorf("%d failures, the first: %s %s", len(f), f[0].Reason, f[0].Err)
	}
}

// seedOf returns a test's random source and logs its seed, so that the run can be
// repeated.
func seedOf(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("POLO_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("POLO_SEED: %v", err)
		}
	}
	t.Logf("seed %d (POLO_SEED=%d repeats it)", seed, seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// packsOf groups statements into messages of random size, in random order.
func packsOf(t *testing.T, r *rand.Rand, lines [][]byte, most int) []string {
	t.Helper()
	mixed := make([][]byte, len(lines))
	for to, from := range r.Perm(len(lines)) {
		mixed[to] = lines[from]
	}
	var bodies []string
	for len(mixed) > 0 {
		n := min(1+r.IntN(most), len(mixed))
		packs, tooLarge, err := envelope.EncodePacks("test", mixed[:n], 1<<20)
		if err != nil || len(tooLarge) > 0 {
			t.Fatalf("packing: %v, %d too large", err, len(tooLarge))
		}
		for _, p := range packs {
			bodies = append(bodies, p.Body)
		}
		mixed = mixed[n:]
	}
	return bodies
}

// quietContent returns the content after an undisturbed run of these statements.
func quietContent(t *testing.T, random *rand.Rand, lines [][]byte) map[string]string {
	t.Helper()
	r := newRig(t)
	r.send(t, packsOf(t, random, lines, 400)...)
	c := r.startConsumer(t)
	r.awaitEmpty(t)
	c.stop(t)
	return r.content(t)
}

var reference = struct {
	sync.Mutex
	content map[string]string
}{}

// undisturbed returns the content after an undisturbed run of the standard workload,
// which runs once.
func undisturbed(t *testing.T) map[string]string {
	t.Helper()
	reference.Lock()
	defer reference.Unlock()
	if reference.content != nil {
		return reference.content
	}
	r := newRig(t)
	for i, lines := 0, workload(); i < len(lines); i += 100 {
		packs, _, err := envelope.EncodePacks("test", lines[i:min(i+100, len(lines))], 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packs {
			r.send(t, p.Body)
		}
	}
	c := r.startConsumer(t)
	r.awaitEmpty(t)
	c.stop(t)
	reference.content = r.content(t)
	for _, table := range []string{"resource_events", "resource_snapshots", "resources_current", "resource_relationships", "resource_ancestry", "cost_hourly", "cost_rollup_daily", "accounts"} {
		if reference.content[table] == "" || reference.content[table][:2] == "0 " {
			t.Fatalf("the workload leaves %s empty: %s", table, reference.content[table])
		}
	}
	t.Log(fmt.Sprint("undisturbed: ", reference.content))
	return reference.content
}
