package lambda

import "time"

// AWS's limits.
const (
	// maxPayload bounds an invocation's event and its response, in bytes.
	maxPayload = 6 << 20
	// initTime is how long an environment may take to request its first event. One that
	// takes longer is started again, on the invocation's own time.
	initTime = 10 * time.Second
	// maxTimeout is the longest timeout of an invocation.
	maxTimeout = 15 * time.Minute
	// shutdownTime is the time between SIGTERM and SIGKILL.
	shutdownTime = 500 * time.Millisecond
	// maxBatch is the most messages in a batch, plainBatch the most without a window.
	maxBatch, plainBatch                         = 10_000, 10
	maxWindow                                    = 5 * time.Minute
	maxMappingConcurrency, minMappingConcurrency = 1000, 2
)
