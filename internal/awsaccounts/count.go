package awsaccounts

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"

	"polo/internal/meter"
)

type triesKey struct{}

// countTries adds a middleware that counts every try of a request in the context's
// meter.
func countTries(stack *middleware.Stack) error {
	before := middleware.InitializeMiddlewareFunc("polo.Tries", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(middleware.WithStackValue(ctx, triesKey{}, new(int)), in)
	})
	each := middleware.FinalizeMiddlewareFunc("polo.Count", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleFinalize(ctx, in)
		tries, _ := middleware.GetStackValue(ctx, triesKey{}).(*int)
		if tries == nil {
			return out, meta, err
		}
		*tries++
		var unsent *UnreachableError
		if !errors.As(err, &unsent) {
			meter.From(ctx).Request(*tries > 1, throttled(err))
		}
		return out, meta, err
	})
	if err := stack.Initialize.Add(before, middleware.Before); err != nil {
		return err
	}
	// Middleware after Retry runs once for each try.
	return stack.Finalize.Insert(each, "Retry", middleware.After)
}

// throttled reports whether the service throttled a try. Most services answer an HTTP
// 400 or 503 with a code.
func throttled(err error) bool {
	var status interface{ HTTPStatusCode() int }
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary ||
		errors.As(err, &status) && status.HTTPStatusCode() == http.StatusTooManyRequests
}
