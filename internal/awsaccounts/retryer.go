package awsaccounts

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Limits of the SDK's retries. This is the only layer that retries: collectors do not.
const (
	// attempts is the most times a request is sent. The SDK's default of 3 gives up
	// within two seconds, while an account that others read at the same time may
	// throttle for longer. Beyond 5 the waits take too much of the run.
	attempts = 5
	// maxBackoff is the longest wait between two tries. The SDK draws each wait from
	// zero to 1, 2, 4, ... seconds up to it. Its default of 20 s would hold a worker for
	// most of a minute over one throttled account.
	maxBackoff = 8 * time.Second
	// quota bounds the retries without any success: two requests that failed to the end.
	// After that requests fail at once until one succeeds, so that a throttled account
	// costs a minute in all and not a minute for each call. The SDK's default of 100
	// would let it cost the whole run.
	quota = 10
	// cost is what a retry takes from the SDK's retry bucket, where a request that
	// succeeds at once puts back 1.
	cost = 5
)

// newRetryer returns the retryer of one configuration. It is adaptive: after a throttle
// its clients slow down, and speed up again as requests succeed. Each account and region
// has its own, so that one throttled account slows no other.
func newRetryer() aws.Retryer {
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.MaxBackoff = maxBackoff
			o.RateLimiter = ratelimit.NewTokenRateLimit(quota * cost)
			o.RetryCost, o.RetryTimeoutCost, o.ThrottlingRetryCost = cost, cost, cost
		})
	})
}
