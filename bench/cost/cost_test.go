package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"polo/bench/doc"
	"polo/internal/queue/sqs"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestChunks(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]int64{0: 1, 1: 1, 65_536: 1, 65_537: 2, 131_072: 2, 1_048_576: 16} {
		if got := chunksOf(bytes); got != want {
			t.Errorf("%d bytes are billed as %d requests, want %d", bytes, got, want)
		}
	}
}

func TestTimeOnLambda(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                                string
		seconds, cpu, memory, slower, wants float64
	}{
		{"a whole CPU: as here", 2, 1, 1769, 1, 2},
		{"half a CPU: the work takes twice as long, the waiting does not", 2, 1, 884.5, 1, 3},
		{"half a CPU that is twice as slow", 2, 1, 884.5, 2, 5},
		{"several threads at work: no waiting is seen", 2, 3, 1769, 1, 3},
		{"more than one CPU is no faster for one thread", 2, 1, 3538, 1, 2},
	} {
		near(t, c.name, assumptions{slower: c.slower, waits: 1}.onLambda(c.seconds, c.cpu, c.memory), c.wants)
	}
	near(t, "waiting three times as long", assumptions{slower: 1, waits: 3}.onLambda(2, 1, 884.5), 3+2)
}

func TestBill(t *testing.T) {
	t.Parallel()
	u := usage{send: 1e6, receive: 2e6, remove: 500_000, idle: 500_000, consumer: 2e6, collector: 1e6, consumerGBs: 600_000, collectorGBs: 400_000, logBytes: 4e9}
	b := u.bill(assumptions{gbSecond: lambdaX86, metrics: 10, alarms: 20})
	near(t, "SQS", b.sqs, 1.60)                  // 4 million at 0.40
	near(t, "Lambda", b.lambda, 0.60+16.6667)    // 3 million at 0.20, a million GB-seconds
	near(t, "both", b.core(), 1.60+0.60+16.6667) // the promise is about this
	near(t, "logs", b.logs, 2)                   // 4 GB at 0.50
	near(t, "schedules", b.scheduler, 1)         // a million at 1.00
	near(t, "metrics", b.metrics, 3)             // ten at 0.30
	near(t, "alarms", b.alarms, 2)               // twenty at 0.10
	near(t, "around", b.around(), 8)
	near(t, "a million", perMillion(5, 10e6), .5) // 5 dollars for 10 million
	b = u.afterFree(assumptions{gbSecond: lambdaARM})
	near(t, "SQS after its free tier", b.sqs, 1.20)
	near(t, "Lambda after its free tier", b.lambda, 0.40+0.0000133334*600_000)
	if free := (usage{send: 10, consumer: 10, consumerGBs: 10}).afterFree(assumptions{gbSecond: lambdaX86}); free.core() != 0 {
		t.Errorf("a little use costs %v", free)
	}
}

// round is a run in round figures: packs of 500 events and two chunks, 100 packs an invocation
// of a second, half of it CPU time, with a quarter of a CPU.
func round() run {
	packed := figures{
		Events: 100_000, Messages: 200, Sends: 20, SendChunks: 300, ChunksAlone: 400, Receives: 20, ReceiveChunks: 300, Deletes: 20,
		Invocations: 2, BilledMS: 2000, ConsumerCPU: 1, MemoryMB: 442, LogBytes: 600, CollectorCPU: 2,
	}
	alone := packed
	alone.Invocations, alone.BilledMS, alone.LogBytes = 200, 20_000, 60_000
	small := alone
	small.Invocations = 400 // in the same time: each takes half of it
	unpacked := figures{
		Events: 10_000, Messages: 10_000, Sends: 1000, SendChunks: 1000, ChunksAlone: 10_000, Receives: 1000, ReceiveChunks: 1000, Deletes: 1000,
		Invocations: 5, BilledMS: 5000, ConsumerCPU: 1, MemoryMB: 442, LogBytes: 1500, CollectorCPU: 1,
	}
	return run{Packed: packed, Alone: alone, Small: small, Unpacked: unpacked}
}

func TestMonths(t *testing.T) {
	t.Parallel()
	r := round()
	a := assumptions{runs: 1000, slower: 1, waits: 1, gbSecond: lambdaX86, pollers: 5}
	const quarter = 1769.0 / 442 // how much longer CPU-bound work takes
	collector := func(cpu float64) float64 { return cpu * 1769 / 512 * 512 / 1024 }

	// A million events are 2000 full packs; 1000 runs add 2000 small ones.
	alone := r.alone(a, 1e6)
	near(t, "messages", alone.messages, 4000)
	near(t, "sends, each full pack alone", alone.send, 2000*2+2000)
	near(t, "receives, each full pack alone, and one more to find none", alone.receive, 2000*2+2000+4000)
	near(t, "deletes, each alone", alone.remove, 4000)
	near(t, "idle receives", alone.idle, 648_000) // 5 pollers, 3 a minute, 43,200 minutes
	near(t, "invocations, each alone", alone.consumer, 4000)
	each := (0.1 - 0.005 + 0.005*quarter) * 442 / 1024 // 100 ms, 5 of them CPU time
	near(t, "the consumer's time, each alone", alone.consumerGBs, 2000*each+2000*each/2)
	near(t, "the collectors' time", alone.collectorGBs, collector(20)) // 2 s for 100,000
	larger := a
	larger.larger = true
	near(t, "messages, the larger of 2000 and 2000", r.alone(larger, 1e6).messages, 2000)
	near(t, "messages, the larger of 200 and 2000", r.alone(larger, 1e5).messages, 2000)
	whole := a
	whole.consumerMB = 1769
	near(t, "the consumer's time with a whole CPU", r.alone(whole, 1e6).consumerGBs, 3000*0.1*1769/1024)
	near(t, "logs, each alone", alone.logBytes, 4000*300+1000*2000)

	packed := r.packed(a, 1e6)
	near(t, "sends in full batches", packed.send, 3000+2000)
	near(t, "receives in full batches", packed.receive, 3000+2000+20+2000)
	near(t, "deletes in full batches", packed.remove, 200+2000)
	near(t, "invocations in full batches", packed.consumer, 20+2000)
	near(t, "the consumer's time in full batches", packed.consumerGBs, 20*(1-0.5+0.5*quarter)*442/1024+2000*each/2)

	// In batches of ten: 2000 packs in 200 invocations, each between 100 ms for one pack and a
	// second for a hundred. Ten packs of 65,537 bytes are eleven chunks.
	r.Packed.BodyBytes = 200 * 65_537
	tens := r.inBatches(10)(a, 1e6)
	near(t, "sends in batches of ten, each alone", tens.send, 2000*2+2000)
	near(t, "receives in batches of ten", tens.receive, 200*11+2000+200+2000)
	near(t, "deletes in batches of ten", tens.remove, 200+2000)
	near(t, "invocations in batches of ten", tens.consumer, 200+2000)
	hundred := (1 - 0.5 + 0.5*quarter) * 442 / 1024
	near(t, "the consumer's time in batches of ten", tens.consumerGBs, 200*(each+9*(hundred-each)/99)+2000*each/2)
	near(t, "one to a batch is alone", r.inBatches(1)(a, 1e6).consumerGBs, alone.consumerGBs)
	near(t, "one to a batch is alone, in requests", r.inBatches(1)(a, 1e6).requests(), alone.requests())

	unpacked := r.unpacked(a, 1e6)
	near(t, "sends of single events", unpacked.send, 100_000+2000)
	near(t, "receives of single events", unpacked.receive, 100_000+2000+500+2000)
	near(t, "deletes of single events", unpacked.remove, 100_000+2000)
	near(t, "invocations of single events", unpacked.consumer, 500+2000)
	near(t, "the collectors' time for single events", unpacked.collectorGBs, collector(100))

	// Waiting is billed by the second, whatever the memory; starts by the quarter of an hour.
	a.wait = 3
	near(t, "the collectors' time with waiting", r.alone(a, 1e6).collectorGBs, collector(20)+3000*0.5)
	r.Packed.StartMS, r.Packed.StartCPU, r.Packed.MemoryMB = 200, 0.1, 442
	started := r.alone(a, 1e6).consumerGBs - alone.consumerGBs
	near(t, "starts", started, 5*2880*(0.1+0.1*quarter)*442/1024)
}

func TestLookup(t *testing.T) {
	t.Parallel()
	near(t, "seconds of a million events, all of one region", lookup(1), 10_000) // 20,000 pages
	near(t, "seconds of a million events, of sixteen", lookup(16), 625)
}

func TestUsualRuns(t *testing.T) {
	t.Parallel()
	a, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	// CloudTrail and CloudWatch run every quarter of an hour at least.
	if a.runs < 2*2880 || a.slower != 1 || a.waits != 1 || a.pollers != 5 || a.gbSecond != lambdaARM || a.metrics < 24 || a.alarms < 3*24 || a.wait != 0 {
		t.Errorf("assumed: %+v", a)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	var f figures
	err := reports(`START RequestId: a Version: $LATEST
REPORT RequestId: a Duration: 10.00 ms Memory Size: 1024 MB Max Memory Used: 50 MB Init Duration: 5.01 ms
{"msg":"REPORT RequestId: x Duration: 1.00 ms Memory Size: 1 MB Max Memory Used: 1 MB"}
REPORT RequestId: b Duration: 2.30 ms Memory Size: 1024 MB Max Memory Used: 40 MB
REPORT RequestId: c Duration: 9.00 ms Memory Size: 1024 MB Max Memory Used: 90 MB Status: Runtime.ExitError
`, &f)
	if err != nil {
		t.Fatal(err)
	}
	// A failed invocation is not counted: the counts then differ, and the run fails.
	if diff := cmp.Diff(figures{Invocations: 2, BilledMS: 16 + 3, MemoryMB: 1024, MaxMemoryMB: 50}, f); diff != "" {
		t.Error(diff)
	}
}

func TestCPUOfProcess(t *testing.T) {
	t.Parallel()
	const stat = "12 (a (b) c) S 1 12 12 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 5 0 1000 1 1"
	if s, is, err := cpuOf(stat, "a (b) c"); s != 3 || !is || err != nil {
		t.Errorf("%v seconds, %v, %v", s, is, err)
	}
	if _, is, err := cpuOf(stat, "consumer"); is || err != nil {
		t.Errorf("another's process: %v, %v", is, err)
	}
	for _, bad := range []string{"", "12 (x) S 1", "12 (x) S 1 12 12 0 -1 4194304 100 0 0 0 many 50 7 8"} {
		if _, _, err := cpuOf(bad, "x"); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// sent is an SQS client that accepts every send.
type sent struct{ sqs.API }

func (sent) SendMessageBatch(context.Context, *awssqs.SendMessageBatchInput, ...func(*awssqs.Options)) (*awssqs.SendMessageBatchOutput, error) {
	return &awssqs.SendMessageBatchOutput{}, nil
}

func TestCountSends(t *testing.T) {
	t.Parallel()
	c := &sending{API: sent{}}
	in := &awssqs.SendMessageBatchInput{}
	for range 10 {
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			MessageBody: aws.String(strings.Repeat("x", 10_000)), MessageAttributes: map[string]types.MessageAttributeValue{
				"name": {DataType: aws.String("String"), StringValue: aws.String("value")},
			},
		})
	}
	if _, err := c.SendMessageBatch(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	// 100,150 bytes in one request; none of the ten exceeds a chunk.
	want := figures{Messages: 10, BodyBytes: 100_000, AttributeBytes: 150, Sends: 1, SendChunks: 2, ChunksAlone: 10}
	if diff := cmp.Diff(want, c.f); diff != "" {
		t.Error(diff)
	}
}

// answers are a queue's responses, one after the other.
type answers struct {
	all []*awssqs.ReceiveMessageOutput
}

func (a *answers) ReceiveMessage(context.Context, *awssqs.ReceiveMessageInput, ...func(*awssqs.Options)) (*awssqs.ReceiveMessageOutput, error) {
	if len(a.all) == 0 {
		return nil, errors.New("throttled")
	}
	out := a.all[0]
	a.all = a.all[1:]
	return out, nil
}

func TestCountReceives(t *testing.T) {
	t.Parallel()
	message := types.Message{Body: aws.String(strings.Repeat("x", 40_000))}
	c := &receiving{source: &answers{all: []*awssqs.ReceiveMessageOutput{{Messages: []types.Message{message, message}}, {}, {Messages: []types.Message{message}}}}}
	for range 3 {
		if _, err := c.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{}); err == nil {
		t.Error("no error")
	}
	if diff := cmp.Diff(figures{Receives: 2, ReceiveChunks: 3, Empty: 1}, c.f); diff != "" {
		t.Error(diff)
	}
}

func TestMiddle(t *testing.T) {
	t.Parallel()
	all := []run{{Packed: figures{BilledMS: 9}}, {Packed: figures{BilledMS: 1}}, {Packed: figures{BilledMS: 4}}}
	of := func(r run) float64 { return float64(r.Packed.BilledMS) }
	if got := middle(all, of).Packed.BilledMS; got != 4 {
		t.Errorf("the median is %d", got)
	}
	if got := between(all, "%.0f", of); got != "4 (1 to 9)" {
		t.Errorf("formatted as %q", got)
	}
}

func TestLeastTimes(t *testing.T) {
	t.Parallel()
	slow, fast := round(), round()
	// Half the invocations, in a third of the time: each takes two thirds.
	fast.Packed.Invocations, fast.Packed.BilledMS, fast.Packed.ConsumerCPU = 1, 667, 0.25
	slow.Packed.StartMS, fast.Packed.StartMS, fast.Packed.Messages = 300, 100, 7
	got := slow.least([]run{slow, fast})
	want := slow
	want.Packed.BilledMS, want.Packed.ConsumerCPU, want.Packed.StartMS = 1334, 0.25, 100
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[float64]string{0: "0.00", 0.00012: "0.00012", 12.345: "12.35", 1234.5: "1,234.50", 1234567: "1,234,567.00"} {
		if got := dollars(n); got != want {
			t.Errorf("%v is formatted as %q, want %q", n, got, want)
		}
	}
}

const document = "../../docs/COST.md"

// The document's tables follow from its figures, the prices and the formulas, and keep the
// project's promise.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, tables, _, err := doc.Cut(string(text), tablesPart)
	if err != nil {
		t.Fatal(err)
	}
	all, err := readFigures("measured.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 3 {
		t.Errorf("%d runs do not show a spread", len(all))
	}
	want, err := render(all)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Errorf("docs/COST.md differs from its figures; regenerate it with: go run ./bench/cost -recorded -doc docs/COST.md\n%s", diff)
	}
	told, err := promises(tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{wayPacked, wayAlone} {
		if got := told[way]; got <= 0 || got >= promise || !strings.HasPrefix(tables, kept+" at 100M") {
			t.Errorf("%s: a million events cost %v dollars at 100M a month, and %v is promised; the document says: %.60s", way, got, promise, tables)
		}
	}
	if packed, single := told[wayAlone], told[wayUnpacked]; packed >= single {
		t.Errorf("packs each alone cost %v a million, and single events %v", packed, single)
	}
}

// promises parses the dollars for a million events of each way at 100M events a month.
func promises(tables string) (map[string]float64, error) {
	told := map[string]float64{}
	for line := range strings.Lines(tables) {
		cells := strings.Split(line, "|")
		if len(cells) < 10 || strings.TrimSpace(cells[1]) != "100M" {
			continue
		}
		way := strings.TrimSpace(cells[2])
		n, err := strconv.ParseFloat(strings.Trim(cells[9], " *"), 64)
		if err != nil {
			return nil, fmt.Errorf("the dollars of %q: %w", way, err)
		}
		told[way] = n
	}
	if len(told) != 3 {
		return nil, fmt.Errorf("the document has %v at 100M events a month, want three ways", told)
	}
	return told, nil
}

func TestPromisesAreRead(t *testing.T) {
	t.Parallel()
	b := &strings.Builder{}
	a := assumptions{runs: 1000, slower: 1, waits: 1, gbSecond: lambdaX86, pollers: 5}
	renderMonths(b, round(), a)
	got, err := promises(b.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range ways(round()) {
		if want := perMillion(w.of(a, promised).bill(a).core(), promised); math.Abs(got[w.name]-want) > 0.000006 {
			t.Errorf("%s: %v is read, want %v", w.name, got[w.name], want)
		}
	}
	if _, err := promises(strings.ReplaceAll(b.String(), "| 100M |", "| 100G |")); err == nil {
		t.Error("a document without the rows is accepted")
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	// Idle and iowait are not busy; steal is; guest time is part of user time.
	s, err := busyOf("cpu  100 200 300 5000 600 10 20 70 50 60\ncpu0 1 2 3\n")
	if err != nil {
		t.Fatal(err)
	}
	near(t, "busy seconds", s, 7)
	for _, bad := range []string{"", "cpu 1 2", "cpu  a 200 300 5000 600 10 20 70 50 60"} {
		if _, err := busyOf(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestRoundUp(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]int64{0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2} {
		if got := roundUpMS(d); got != want {
			t.Errorf("%s is billed as %d ms, want %d", d, got, want)
		}
	}
}
