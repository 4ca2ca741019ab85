package main

// Prices of us-east-1, in US dollars, as AWS's public pricing pages had them in 2026, without
// any free tier. docs/COST.md names the pages.
const (
	sqsRequest = 0.40 / 1e6 // a standard queue, up to 100,000 million requests a month

	lambdaRequest = 0.20 / 1e6
	lambdaX86     = 0.0000166667 // a GB-second, up to 6,000 million a month
	lambdaARM     = 0.0000133334 // a GB-second, up to 7,500 million a month

	logsByte    = 0.50 / 1e9 // taken in by CloudWatch Logs, the first 10 TB a month
	schedulerGo = 1.00 / 1e6 // one invocation by EventBridge Scheduler
	metricMonth = 0.30       // a metric of one's own, up to 10,000; by the hour in which it is told
	alarmMonth  = 0.10       // an alarm on a metric of standard resolution
)

// What is free every month.
const (
	freeSQSRequests    = 1e6
	freeLambdaRequests = 1e6
	freeGBSeconds      = 400_000
)

// How AWS counts.
const (
	// chunk is how much payload one request may carry: each further 64 KB, begun or full, is
	// one request more. A request of a batch is charged by what it carries in all.
	chunk = 64 << 10
	// vCPU is the memory, in MB, with which a function has one whole CPU; with less it has
	// as much less of it.
	vCPU = 1769
	// pollers ask an idle queue, each for longPoll seconds at a time, all month. With a
	// maximum concurrency Lambda never goes below five; without, it may go to two.
	pollers, fewPollers, longPoll = 5, 2, 20
	// month in seconds, of 30 days.
	month = 30 * 24 * 3600
)

// collectorMB is the memory of the collectors' functions, as local/stack gives it to them.
const collectorMB = 512
