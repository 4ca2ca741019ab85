package awsaccounts

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// How long the SDK goes on over one request. This is the only layer that retries it:
// collectors do not.
const (
	// attempts is how often a request is sent at most. The SDK's own 3 give up within
	// two seconds, while an account that others read at the same time may refuse for
	// longer; beyond 5 the waits outweigh the run.
	attempts = 5
	// maxBackoff is the longest wait between two tries; the SDK draws each from zero
	// to 1, 2, 4, ... seconds up to it. Its own 20 s would hold a worker for most of a
	// minute over one account's throttle.
	maxBackoff = 8 * time.Second
	// quota is how many retries in a row are made without any request succeeding: two
	// requests that were refused to the end. Then requests fail at once
	// until one succeeds, so that an account that is throttled throughout costs a minute
	// and not one for each call. The SDK's own, 100, would let it cost the whole run.
	quota = 10
	// cost is what a retry takes of the bucket, in the SDK's measure, where a request
	// that succeeds at once gives back 1.
	cost = 5
)

// newRetryer makes the retries of one configuration. Adaptive: after a throttle its
// clients slow down, and speed up again as answers come. Each account and region has its
// own, so that one account's throttle slows no other.
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
