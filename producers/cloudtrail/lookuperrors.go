package cloudtrail

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/cenkalti/backoff/v4"
)

// ErrAccessDenied says that the role may not look up events: a gap to report, and
// nothing that a retry would mend.
var ErrAccessDenied = errors.New("access denied")

// errPageToken says that the service does not take the page token, because it
// has expired.
var errPageToken = errors.New("page token refused")

// classify parts the errors of LookupEvents into those a retry may mend and
// permanent ones. Throttling comes as an HTTP 400, so the code decides.
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
	// No answer at all: the connection.
	return err
}
