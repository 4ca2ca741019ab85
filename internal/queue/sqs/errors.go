package sqs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"

	"polo/internal/queue"
)

// classify wraps err, from a call made under ctx, in the queue error that it means. It
// decides by codes and types, never by text.
func classify(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		// The caller cancelled. The SDK wraps that in errors of its own.
		if errors.Is(err, ended) {
			return err
		}
		return fmt.Errorf("%w: %w", ended, err)
	}
	kind := kindOfCall(err)
	if kind == nil {
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

func kindOfCall(err error) error {
	var status interface{ HTTPStatusCode() int }
	serverSide := errors.As(err, &status) && isServerSide(status.HTTPStatusCode())
	var api smithy.APIError
	if errors.As(err, &api) {
		return kindOf(api.ErrorCode(), serverSide || api.ErrorFault() == smithy.FaultServer)
	}
	var params smithy.InvalidParamsError
	var serialization *smithy.SerializationError
	if errors.As(err, &params) || errors.As(err, &serialization) {
		return queue.ErrRefused
	}
	// The service did not answer: a network error, a cut or changed response (the SDK's
	// checksum errors have no type of their own), a timeout, credentials that could not
	// be fetched. A retry may succeed.
	return queue.ErrTransient
}

func isServerSide(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests ||
		status == http.StatusRequestTimeout
}

// kindOf returns the queue error that a code means, or nil. serverSide is whether the
// response itself blames the server.
func kindOf(code string, serverSide bool) error {
	// Responses to older clients carry the codes of the query protocol.
	switch strings.TrimPrefix(code, "AWS.SimpleQueueService.") {
	case "RequestThrottled", "KmsThrottled", "ServiceUnavailable", "InternalError", "InternalFailure", //mutant:throttling-is-final,server-error-is-final
		// Throttling as the front ends of AWS services spell it, an HTTP 400.
		"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
		"RequestLimitExceeded", "RequestTimeout", "RequestTimeoutException":
		return queue.ErrTransient
	case "OverLimit":
		return queue.ErrInFlight
	case "QueueDoesNotExist", "NonExistentQueue":
		return queue.ErrNoQueue
	case "ReceiptHandleIsInvalid", "InvalidReceiptHandle", "MessageNotInflight":
		return queue.ErrReceipt
	case "BatchRequestTooLong":
		return queue.ErrTooLarge
	case "InvalidMessageContents":
		return queue.ErrNotText
	case "InvalidParameterValue", "InvalidAttributeValue", "InvalidAttributeName", "MissingParameter",
		"UnsupportedOperation", "EmptyBatchRequest", "TooManyEntriesInBatchRequest", "ValidationError",
		"ValidationException", "SerializationException":
		return queue.ErrRefused
	}
	if serverSide {
		return queue.ErrTransient
	}
	return nil
}
