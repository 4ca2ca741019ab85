// Package awstest helps tests that run the AWS SDK against their own servers.
package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Retryer retries only where the SDK's client closed the connection, which it may do when a
// server answers before the whole request is written, as happens on a busy machine. See
// https://github.com/aws/aws-sdk-go-v2/issues/2737.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableConnectionError{}}
	})
}
