package channel

import (
	"errors"
	"net"
	"net/http"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// awsError classifies an error of the SDK, whose own retries are off.
func awsError(kind string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Channel: kind, Err: err}
	var response *awshttp.ResponseError
	var sending *smithyhttp.RequestSendError
	var canceled *smithy.CanceledError
	var dial *net.OpError
	switch {
	// Where there is no answer the SDK makes an empty one, of status 0.
	case errors.As(err, &response) && response.HTTPStatusCode() > 0:
		status := response.HTTPStatusCode()
		e.RetryAfter = retryAfter(response.Response.Header.Get("Retry-After"), time.Now())
		e.Unknown = status < 400 || status >= 500 // of less than 400, the answer could not be read
		e.Permanent = !e.Unknown && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout && !throttles(err)
	case errors.As(err, &dial) && dial.Op == "dial": // it never left
	case errors.As(err, &sending), errors.As(err, &canceled):
		e.Unknown = true
	} // else it was not sent: there were no credentials, say
	return e
}

// throttles reports whether an error says that there are too many requests; AWS says so with the status 400.
func throttles(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "Throttling", "Throttled", "KMSThrottling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestThrottled", "LimitExceededException":
		return true
	}
	return false
}
