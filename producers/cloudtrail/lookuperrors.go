package cloudtrail

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/cenkalti/backoff/v4"
)

// ErrAccessDenied means that the role may not look up events: a gap to report; a retry does not
// help.
var ErrAccessDenied = errors.New("access denied")

// errPageToken means that the page token has expired.
var errPageToken = errors.New("page token refused")

// classify distinguishes transient errors of LookupEvents from permanent ones. The code decides,
// because throttling is an HTTP 400.
func classify(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
			"RequestThrottled", "RequestThrottledException", "SlowDown", "ServiceUnavailable", "InternalFailure", "InternalError",
			"ServiceUnavailableException", "InternalServerError", "RequestTimeout":
			return err
		case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NoManagementAccountSLRExistsException",
			"OperationNotPermittedException":
			return backoff.Permanent(fmt.Errorf("%w: %w", ErrAccessDenied, err))
		case "InvalidNextTokenException", "InvalidNextToken":
			return backoff.Permanent(fmt.Errorf("%w: %w", errPageToken, err))
		}
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		if code := answer.HTTPStatusCode(); code == http.StatusTooManyRequests || code >= http.StatusInternalServerError {
			return err
		}
		return backoff.Permanent(err)
	}
	if api != nil {
		return backoff.Permanent(err)
	}
	// Without an answer, the connection failed.
	return err
}
