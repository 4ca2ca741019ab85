package main

// Prices of us-east-1 in US dollars, from AWS's public pricing pages in 2026, without any
// free tier. docs/COST.md names the pages.
const (
	sqsRequest = 0.40 / 1e6 // a standard queue, up to 100,000 million requests a month

	lambdaRequest = 0.20 / 1e6
	lambdaX86     = 0.0000166667 // a GB-second, up to 6,000 million a month
	lambdaARM     = 0.0000133334 // a GB-second, up to 7,500 million a month

	logsByte    = 0.50 / 1e9 // ingested by CloudWatch Logs, the first 10 TB a month
	schedulerGo = 1.00 / 1e6 // one invocation by EventBridge Scheduler
	metricMonth = 0.30       // a custom metric, up to 10,000; prorated by the hours in which it is written
	alarmMonth  = 0.10       // an alarm on a metric of standard resolution
)

// The monthly free tier.
const (
	freeSQSRequests    = 1e6
	freeLambdaRequests = 1e6
	freeGBSeconds      = 400_000
)

// How AWS bills.
const (
	// chunk is the payload of one billed request: each further 64 KB, full or not, is another
	// one. A batch is billed by its total.
	chunk = 64 << 10
	// vCPU is the memory, in MB, with which a function has one whole CPU; less memory gives a
	// proportional share.
	vCPU = 1769
	// pollers poll an idle queue for longPoll seconds at a time, all month. With a maximum
	// concurrency Lambda never goes below five; without it, it may go down to two.
	pollers, fewPollers, longPoll = 5, 2, 20
	// month in seconds, of 30 days.
	month = 30 * 24 * 3600
)

// collectorMB is the memory of the collectors' functions, as in local/stack.
const collectorMB = 512
