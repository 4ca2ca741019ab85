package main

import (
	"math"
	"time"

	"polo/internal/queue"
	"polo/producers/registry"
)

// figures are the measurements of one way to send events.
type figures struct {
	Events   int64 `json:"events"`
	Messages int64 `json:"messages"`
	// BodyBytes and AttributeBytes are the messages' payload, RawBytes the events' JSON.
	BodyBytes      int64 `json:"body_bytes"`
	AttributeBytes int64 `json:"attribute_bytes"`
	RawBytes       int64 `json:"raw_bytes"`
	// Sends, Receives and Deletes are requests with a payload, Chunks what they are billed as, ChunksAlone
	// what they would be if each message were sent alone. Empty receives are the local mapping's, which polls
	// more often than AWS's: they are shown, and billed by formula.
	Sends         int64 `json:"sends"`
	SendChunks    int64 `json:"send_chunks"`
	ChunksAlone   int64 `json:"chunks_alone"`
	Receives      int64 `json:"receives"`
	ReceiveChunks int64 `json:"receive_chunks"`
	Empty         int64 `json:"empty_receives"`
	Deletes       int64 `json:"deletes"`
	// Invocations are the consumer's. BilledMS is their duration and that of starts, each rounded up to a
	// millisecond.
	Invocations int64   `json:"invocations"`
	BilledMS    int64   `json:"billed_ms"`
	ConsumerCPU float64 `json:"consumer_cpu_seconds"`
	MemoryMB    int64   `json:"memory_mb"`
	MaxMemoryMB int64   `json:"max_memory_mb"`
	LogBytes    int64   `json:"log_bytes"`
	// StartMS and StartCPU are what the consumer's process took to start and to handle an event without
	// messages; the other figures are of a started process.
	StartMS  int64   `json:"start_ms"`
	StartCPU float64 `json:"start_cpu_seconds"`
	// CollectorCPU is the CPU time of a process that reads files, normalises and publishes.
	CollectorCPU float64 `json:"collector_cpu_seconds"`
}

// perMessage and perEvent divide a count.
func (f figures) perMessage(n int64) float64 { return float64(n) / float64(f.Messages) }
func (f figures) perEvent(n int64) float64   { return float64(n) / float64(f.Events) }

// run is one measured run.
type run struct {
	// Packed drains as many packs at once as an invocation takes, Alone one pack an invocation, Small the same
	// with packs of smallPack events, Unpacked events that were sent one a message.
	Packed   figures `json:"packed"`
	Alone    figures `json:"alone"`
	Small    figures `json:"small"`
	Unpacked figures `json:"unpacked"`
	// Others is the share of the CPUs that other programs took meanwhile, which made all times longer.
	Others float64 `json:"others"`
}

// least returns the run with the least times of all runs: other programs and the disk only ever lengthen them.
// Counts stay r's.
func (r run) least(all []run) run {
	for _, way := range []func(*run) *figures{
		func(r *run) *figures { return &r.Packed }, func(r *run) *figures { return &r.Alone },
		func(r *run) *figures { return &r.Small }, func(r *run) *figures { return &r.Unpacked },
	} {
		f := way(&r)
		for i := range all {
			o := way(&all[i])
			f.BilledMS = min(f.BilledMS, int64(math.Ceil(float64(o.BilledMS)/float64(o.Invocations)*float64(f.Invocations))))
			f.ConsumerCPU = min(f.ConsumerCPU, o.ConsumerCPU/float64(o.Events)*float64(f.Events))
			f.CollectorCPU = min(f.CollectorCPU, o.CollectorCPU/float64(o.Events)*float64(f.Events))
			f.StartMS, f.StartCPU = min(f.StartMS, o.StartMS), min(f.StartCPU, o.StartCPU)
		}
	}
	return r
}

// chunksOf returns how many requests a request of so many bytes is billed as.
func chunksOf(bytes int64) int64 { return max(1, (bytes+chunk-1)/chunk) }

// assumptions are what a month's bill depends on and a benchmark cannot measure.
type assumptions struct {
	// runs is the number of collector invocations a month, metrics the number of the functions' own metrics
	// written all month, alarms the number of metrics that alarms use.
	runs, metrics, alarms float64
	// slower is how many times slower Lambda's CPU is than the one measured on. waits is how many times longer
	// the consumer waits, mostly for ClickHouse.
	slower, waits float64
	// gbSecond is the price of a GB-second on Lambda.
	gbSecond float64
	// pollers poll the queue all month.
	pollers float64
	// consumerMB is the consumer's memory, if not as measured.
	consumerMB float64
	// larger counts the larger of full packs and runs' messages, not both.
	larger bool
	// wait is how many seconds a collector's run waits for APIs.
	wait float64
}

// How many metrics a source's runs write, and the consumer, when all is well: zeros are not written. A paid
// source writes one more.
const metricsOfSource, metricsOfConsumer = 1, 4

// How many metrics the module's alarms use, by which they are billed: for each source, for a paid one, and in
// all.
const alarmsOfSource, alarmsOfPaid, alarmsBeside = 3, 1, 19

// paid are the functions whose requests cost money.
var paid = map[string]bool{"cloudwatch": true, "costexplorer": true}

// usual returns the table's assumptions: arm64, as fast as the measured CPU.
func usual() (assumptions, error) {
	all, err := registry.All()
	if err != nil {
		return assumptions{}, err
	}
	a := assumptions{slower: 1, waits: 1, gbSecond: lambdaARM, pollers: pollers, metrics: metricsOfConsumer, alarms: alarmsBeside}
	for _, s := range all {
		runs := month / s.Period.Seconds()
		a.runs += runs
		a.metrics += metricsOfSource * min(1, runs/(month/3600))
		a.alarms += alarmsOfSource
		if paid[s.Function] {
			a.alarms += alarmsOfPaid
		}
	}
	return a, nil
}

// usage is what a month is billed for.
type usage struct {
	messages float64
	// send, receive and remove are requests by chunks; before each invocation one receive returns nothing.
	// idle are receives from an empty queue.
	send, receive, remove, idle float64
	consumer, collector         float64 // invocations
	consumerGBs, collectorGBs   float64
	logBytes                    float64
}

func (u usage) requests() float64 { return u.send + u.receive + u.remove + u.idle }
func (u usage) gbSeconds() float64 {
	return u.consumerGBs + u.collectorGBs
}

// bill is in US dollars a month.
type bill struct{ sqs, lambda, logs, scheduler, metrics, alarms float64 }

// core is what the promise covers; around is the rest.
func (b bill) core() float64   { return b.sqs + b.lambda }
func (b bill) around() float64 { return b.logs + b.scheduler + b.metrics + b.alarms }

func (u usage) bill(a assumptions) bill {
	return bill{
		sqs:    u.requests() * sqsRequest,
		lambda: (u.consumer+u.collector)*lambdaRequest + u.gbSeconds()*a.gbSecond,
		logs:   u.logBytes * logsByte, scheduler: u.collector * schedulerGo, metrics: a.metrics * metricMonth, alarms: a.alarms * alarmMonth,
	}
}

// afterFree returns the bill minus the monthly free tier, if nothing else uses that.
func (u usage) afterFree(a assumptions) bill {
	over := func(n, free float64) float64 { return max(0, n-free) }
	b := u.bill(a)
	b.sqs = over(u.requests(), freeSQSRequests) * sqsRequest
	b.lambda = over(u.consumer+u.collector, freeLambdaRequests)*lambdaRequest + over(u.gbSeconds(), freeGBSeconds)*a.gbSecond
	return b
}

// onLambda returns how long a function takes on Lambda that took seconds here, cpu of them CPU time. Waiting
// takes as long, unless assumed otherwise; CPU time grows with the share of a CPU that the memory buys.
func (a assumptions) onLambda(seconds, cpu, memoryMB float64) float64 {
	return max(0, seconds-cpu)*a.waits + cpu*a.slower*max(1, vCPU/memoryMB)
}

func (a assumptions) memory(f figures) float64 {
	if a.consumerMB > 0 {
		return a.consumerMB
	}
	return float64(f.MemoryMB)
}

// consumerGBs returns the GB-seconds of one invocation of the consumer.
func (f figures) consumerGBs(a assumptions) float64 {
	memory := a.memory(f)
	return a.onLambda(float64(f.BilledMS)/1000, f.ConsumerCPU, memory) * memory / 1024 / float64(f.Invocations)
}

// startGBs returns the GB-seconds of a cold start.
func (f figures) startGBs(a assumptions) float64 {
	memory := a.memory(f)
	return a.onLambda(float64(f.StartMS)/1000, f.StartCPU, memory) * memory / 1024
}

// rest adds the part of a month that is the same for every way: the collectors, the idle queue, and the
// consumer's starts.
func (u *usage) rest(f figures, a assumptions, events float64) {
	cpu := f.CollectorCPU / float64(f.Events) * events
	u.collector = a.runs
	u.collectorGBs = (a.onLambda(cpu, cpu, collectorMB) + a.runs*a.wait) * collectorMB / 1024
	u.idle = a.pollers * month / longPoll
	u.consumerGBs += coldStarts * f.startGBs(a)
	u.logBytes += a.runs * logOfRun
}

// coldStarts is how often a month the consumer starts: with the collectors every quarter of an hour, an
// environment for each poller.
const coldStarts = pollers * month / 900

// runMessages is how many messages a collector's run publishes besides full packs: a last pack that is not
// full and, once that is safe, the completions. Unpacked, they are batches.
const runMessages = 2

// smallPack is the assumed number of events in such a message: about as many as a run has at a million events
// a month.
const smallPack = 50

// logOfRun is about how many bytes a collector's run logs: its own line, its metrics and Lambda's three lines.
const logOfRun = 2000

// packs returns the month's messages: full ones as measured, and those of runs. That is an upper bound: no run
// publishes more than both.
func (r run) packs(a assumptions, events float64) (full, small float64) {
	full, small = events*r.Packed.perEvent(r.Packed.Messages), a.runs*runMessages
	if a.larger {
		small = max(0, small-full)
	}
	return full, small
}

// packed is a month in which full packs arrive as fast as measured. Those of runs still arrive alone.
func (r run) packed(a assumptions, events float64) usage {
	full, small := r.packs(a, events)
	f := r.Packed
	batches := full * f.perMessage(f.Invocations)
	u := usage{
		messages: full + small,
		send:     full*f.perMessage(f.SendChunks) + small,
		receive:  full*f.perMessage(f.ReceiveChunks) + small + batches + small,
		remove:   full*f.perMessage(f.Deletes) + small,
	}
	u.consuming(r, f, a, batches, small)
	u.rest(f, a, events)
	return u
}

// alone is a month in which every pack is sent, received, processed and deleted alone.
func (r run) alone(a assumptions, events float64) usage {
	full, small := r.packs(a, events)
	chunks, n := full*r.Packed.perMessage(r.Packed.ChunksAlone)+small, full+small
	u := usage{messages: n, send: chunks, receive: chunks + n, remove: n}
	u.consuming(r, r.Alone, a, full, small)
	u.rest(r.Packed, a, events)
	return u
}

// inBatches returns a month in which each pack is sent alone and an invocation gets packs of them. Its time is
// interpolated between that of one pack and that of a full batch.
func (r run) inBatches(packs float64) func(assumptions, float64) usage {
	return func(a assumptions, events float64) usage {
		full, small := r.packs(a, events)
		batches, together := full/packs, min(packs, queue.MaxReceipts)
		u := usage{
			messages: full + small,
			send:     full*r.Packed.perMessage(r.Packed.ChunksAlone) + small,
			receive:  full/together*float64(chunksOf(int64(together*r.Packed.perMessage(r.Packed.BodyBytes)))) + small + batches + small,
			remove:   full/together + small,
		}
		u.consuming(r, r.Alone, a, 0, small)
		most, one := r.batch(), r.Alone.consumerGBs(a)
		more := max(0, (r.Packed.consumerGBs(a)-one)/(most-1))
		u.consumer += batches
		u.consumerGBs += batches * (one + more*(packs-1))
		u.logBytes += batches * r.Packed.logOfInvocation()
		u.rest(r.Packed, a, events)
		return u
	}
}

// batch returns how many packs an invocation got in full batches.
func (r run) batch() float64 { return float64(r.Packed.Messages) / float64(r.Packed.Invocations) }

// unpacked is a month of events sent one a message, in the best case: in full batches as measured, whatever
// the size, except for the two that end a run.
func (r run) unpacked(a assumptions, events float64) usage {
	f := r.Unpacked
	_, small := r.packs(a, events)
	batches := events * f.perEvent(f.Invocations)
	u := usage{
		messages: events,
		send:     events*f.perEvent(f.SendChunks) + small,
		receive:  events*f.perEvent(f.ReceiveChunks) + small + batches + small,
		remove:   events*f.perEvent(f.Deletes) + small,
	}
	u.consuming(r, f, a, batches, small)
	u.rest(f, a, events)
	return u
}

// consuming adds the consumer's part: batches as measured, and a small pack alone for each message of a run.
func (u *usage) consuming(r run, f figures, a assumptions, batches, small float64) {
	u.consumer = batches + small
	u.consumerGBs = batches*f.consumerGBs(a) + small*r.Small.consumerGBs(a)
	u.logBytes = (batches + small) * f.logOfInvocation()
}

func (f figures) logOfInvocation() float64 { return float64(f.LogBytes) / float64(f.Invocations) }

// perMillion converts dollars a month to dollars for a million events.
func perMillion(dollars, events float64) float64 { return dollars / events * 1e6 }

// roundUpMS returns a duration as it is billed.
func roundUpMS(d time.Duration) int64 {
	return int64(math.Ceil(float64(d) / float64(time.Millisecond)))
}
