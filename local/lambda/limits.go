package lambda

import "time"

// What AWS allows.
const (
	// maxPayload is what an invocation's event and its answer may hold, in bytes.
	maxPayload = 6 << 20
	// initTime is how long an environment may take to ask for its first event. One that
	// takes longer begins anew, on the invocation's own time.
	initTime = 10 * time.Second
	// maxTimeout is the longest time an invocation may be given.
	maxTimeout = 15 * time.Minute
	// shutdownTime is how long a process that was sent SIGTERM has until SIGKILL.
	shutdownTime = 500 * time.Millisecond
	// maxBatch is the most messages in a batch, plainBatch of a mapping without a window.
	maxBatch, plainBatch                         = 10_000, 10
	maxWindow                                    = 5 * time.Minute
	maxMappingConcurrency, minMappingConcurrency = 1000, 2
)
