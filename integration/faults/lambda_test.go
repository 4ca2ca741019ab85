package faults_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/lambda"
	"polo/local/stack"
)

// function returns the consumer's Lambda function: the program that runs on AWS. more are
// variables, name and value alternating.
func (r *rig) function(t *testing.T, timeout time.Duration, more ...string) *lambda.Function {
	t.Helper()
	program := filepath.Join(r.dir, "consumer")
	if out, err := osexec.CommandContext(t.Context(), "go", "build", "-o", program, "polo/consumer/lambda").CombinedOutput(); err != nil {
		t.Fatalf("building the consumer: %v: %s", err, out)
	}
	log, err := os.OpenFile(filepath.Join(r.dir, "consumer.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	writer := r.engine().Users.Writer
	env := map[string]string{
		"POLO_CLICKHOUSE_ADDR": r.proxy.addr(), "POLO_CLICKHOUSE_DATABASE": chdb.Database, "POLO_CLICKHOUSE_PLAINTEXT": "true",
		"POLO_CLICKHOUSE_USER": writer.Name, "POLO_CLICKHOUSE_PASSWORD": writer.Password, "POLO_CLICKHOUSE_TARGET": "single",
		"POLO_DLQ": r.dlqURL, "AWS_ENDPOINT_URL_SQS": r.sqsURL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	for pair := range slices.Chunk(more, 2) {
		env[pair[0]] = pair[1]
	}
	f, err := lambda.New(lambda.Options{
		Name: "consumer", Bootstrap: program, Dir: filepath.Join(r.dir, "lambda"), Timeout: timeout, Memory: 1 << 30, Log: log, Env: env,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(f.Close(), log.Close()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// mapped maps the main queue to a function until the test ends. The queue itself moves
// messages with too many receives to the dead-letter queue.
func (r *rig) mapped(t *testing.T, fn lambda.Invoker, visible time.Duration, maxReceive, batch int) *lambda.Mapping {
	t.Helper()
	client := sqs.NewClient(stack.AWSConfig(), r.sqsURL)
	dlq := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:polo-events-dlq","maxReceiveCount":` + strconv.Itoa(maxReceive) + `}`
	_, err := client.SetQueueAttributes(t.Context(), &awssqs.SetQueueAttributesInput{
		QueueUrl: &r.queueURL, Attributes: map[string]string{"VisibilityTimeout": strconv.Itoa(int(visible / time.Second)), "RedrivePolicy": dlq},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := lambda.NewMapping(lambda.MappingConfig{
		Function: fn, Source: client, Queue: r.queue, QueueURL: r.queueURL, QueueARN: "arn:aws:sqs:us-east-1:000000000000:polo-events", Visibility: visible,
		BatchSize: batch, Window: time.Second, Concurrency: 2, ReportBatchItemFailures: true, Backoff: 100 * time.Millisecond, BackoffMax: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return m
}

// forgetfulFunction falsifies a function's responses: it reports single messages as failed
// that are done, and whole invocations as failed that succeeded.
type forgetfulFunction struct {
	*lambda.Function
	mu          sync.Mutex
	random      *rand.Rand
	items, lost int
}

func (f *forgetfulFunction) Invoke(ctx context.Context, in lambda.Invocation) ([]byte, error) {
	answer, err := f.Function.Invoke(ctx, in)
	if err != nil {
		return nil, err
	}
	var e struct{ Records []struct{ MessageID string } }
	var r struct {
		Failures []map[string]string `json:"batchItemFailures"`
	}
	if err := errors.Join(json.Unmarshal(in.Payload, &e), json.Unmarshal(answer, &r)); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.random.IntN(20) == 0 {
		f.lost++
		return nil, &lambda.Error{Type: "Test.Lost", Message: "the answer is lost"}
	}
	for i := range e.Records {
		if f.random.IntN(10) == 0 {
			f.items++
			r.Failures = append(r.Failures, map[string]string{"itemIdentifier": e.Records[i].MessageID})
		}
	}
	return json.Marshal(r)
}

// The consumer's Lambda function drains a workload while messages that are done are reported
// as failed: the tables equal those of an undisturbed run.
func TestLambdaDrainsThroughPartialFailures(t *testing.T) {
	n := statements
	if os.Getenv("POLO_FAULTS") != "" {
		n = 100_000
	}
	random := seedOf(t)
	lines := workloadOf(n, 7)
	want := quietContent(t, random, lines)

	r := newRig(t)
	fn := &forgetfulFunction{Function: r.function(t, 15*time.Second), random: random}
	bodies := packsOf(t, random, lines, 200)
	r.send(t, bodies...)
	began := time.Now()
	m := r.mapped(t, fn, 15*time.Second, 1000, 100)
	r.awaitEmpty(t)
	passed := time.Since(began)
	mapping, stats := m.Stats(), fn.Stats()
	t.Logf("%d events in %d messages in %s: %d invocations, %d messages reported as failed, %d responses lost; init %s, %d MB at rest, %d MB at most",
		n, len(bodies), passed.Round(time.Millisecond), stats.Invocations, fn.items, fn.lost, stats.InitTime.Round(time.Millisecond), stats.AtRest>>20, stats.MaxMemory>>20)
	if fn.items == 0 || mapping.ItemFailures != int64(fn.items) || mapping.Failed < int64(fn.lost) {
		t.Errorf("no failures were injected: %d, %d, %+v", fn.items, fn.lost, mapping)
	}
	if diff := cmp.Diff(want, r.content(t)); diff != "" {
		t.Errorf("the tables differ from an undisturbed run's (-undisturbed +got):\n%s", diff)
	}
	if f := r.letters(t); len(f) > 0 {
		t.Errorf("%d failures, the first: %s %s", len(f), f[0].Reason, f[0].Err)
	}
}

// ClickHouse is unreachable for so long that every message would exceed its receives if the
// queue were polled at full speed. The mapping backs off, nothing goes to the dead-letter
// queue, and the queue drains by itself afterwards.
func TestLambdaOutage(t *testing.T) {
	outage, maxReceive := 12*time.Second, 12
	if d, err := time.ParseDuration(os.Getenv("POLO_OUTAGE")); err == nil {
		outage = d
	}
	if outage > 30*time.Second {
		maxReceive = 1000 // as in the Terraform module
	}
	random := seedOf(t)
	r := newRig(t)
	const timeout, visible = 3 * time.Second, 6 * time.Second
	fn := r.function(t, timeout)
	r.proxy.set(func(p *proxy) { p.refuse = true })
	bodies := packsOf(t, random, workload(), 60)
	r.send(t, bodies...)
	m := r.mapped(t, fn, visible, maxReceive, 20)
	time.Sleep(outage)
	during := m.Stats()
	stats, err := r.queue.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if waiting := stats.Visible + stats.InFlight; waiting != len(bodies) || during.Deleted != 0 {
		t.Errorf("%d of %d messages wait, %d are deleted", waiting, len(bodies), during.Deleted)
	}
	if during.Failed < 3 || during.Slowest != 2*time.Second {
		t.Errorf("the mapping did not back off: %+v", during)
	}
	// Two pollers with a backoff of two seconds make few invocations.
	if most := int64(outage/time.Second) + 6; during.Batches > most {
		t.Errorf("%d invocations in %s of outage, want at most %d", during.Batches, outage, most)
	}
	healed := time.Now()
	r.proxy.heal()
	r.awaitEmpty(t)
	t.Logf("outage of %s: %d invocations failed, the longest wait was %s; drained %s after it ended", outage, during.Failed, during.Slowest, time.Since(healed).Round(time.Millisecond))
	r.wantUndisturbed(t)
}

// A message's trace continues in the function, and the function's spans arrive.
func TestLambdaIsTraced(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []byte
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, body...)
	}))
	t.Cleanup(collector.Close)
	r := newRig(t)
	fn := r.function(t, 15*time.Second, "OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	body := packsOf(t, seedOf(t), workload()[:10], 10)[0]
	out := queue.Outgoing{Body: body, TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}
	if err := queue.SendAll(t.Context(), r.queue, []queue.Outgoing{out}, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
	r.mapped(t, fn, 15*time.Second, 1000, 10)
	r.awaitEmpty(t)
	mu.Lock()
	defer mu.Unlock()
	id, err := hex.DecodeString("5759e988bd862e3fe1be46a994272793")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]byte{id, []byte("consume"), []byte("insert"), []byte("service.name")} {
		if !bytes.Contains(got, want) {
			t.Errorf("of %q nothing arrived, in %d bytes", want, len(got))
		}
	}
}

// A batch of Lambda's largest size, whose messages decompress to fifty times their size, stays
// within the function's memory.
func TestLambdaTakesDenseBatches(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	fn := r.function(t, time.Minute)
	state := strings.Repeat("all resources have this in common, and it is long; ", 80)
	var batch []map[string]any
	n, raw, size := 0, 0, 0
	for size < 4<<20 {
		var lines [][]byte
		for range 500 {
			e := stated(rand.New(rand.NewPCG(uint64(n), 3)), n)
			e.Properties.Set("state", state)
			lines = append(lines, e.AppendJSON(nil))
			n, raw = n+1, raw+len(lines[len(lines)-1])
		}
		packs, tooLarge, err := envelope.EncodePacks("test", lines, 256<<10)
		if err != nil || len(tooLarge) > 0 {
			t.Fatal(err, tooLarge)
		}
		for _, p := range packs {
			size += len(p.Body)
			batch = append(batch, map[string]any{
				"messageId": strconv.Itoa(len(batch)), "body": p.Body, "attributes": map[string]string{"ApproximateReceiveCount": "1", "SentTimestamp": "1760000000000"},
			})
		}
	}
	payload, err := json.Marshal(map[string]any{"Records": batch})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := fn.Invoke(t.Context(), lambda.Invocation{Payload: payload})
	t.Logf("%d events in %d messages, %d MB for %d MB of JSON: at most %d MB of memory", n, len(batch), size>>20, raw>>20, fn.Stats().MaxMemory>>20)
	if err != nil || string(answer) != `{"batchItemFailures":[]}` {
		t.Errorf("it answers %s, %v", answer, err)
	}
	r.awaitRows(t, uint64(n))
}
