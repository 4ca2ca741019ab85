// Package awstest is for tests that speak to servers of their own through the AWS SDK.
package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Retryer tries again only where the SDK's own client closed the connection: it may do so on
// a server that answers before the request is written to its end, which a busy machine brings
// about. See https://github.com/aws/aws-sdk-go-v2/issues/2737.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableConnectionError{}}
	})
}
