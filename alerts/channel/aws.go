package channel

import (
	"errors"
	"net"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// awsError classifies an error of the SDK, whose own retries are off.
func awsError(kind string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Channel: kind, Unknown: true, Err: err}
	var response *awshttp.ResponseError
	var api smithy.APIError
	var dial *net.OpError
	switch {
	case errors.As(err, &response) && response.HTTPStatusCode() < 500:
		e.Unknown = false
		e.Permanent = response.HTTPStatusCode() != 429 && !throttles(err)
	case errors.As(err, &response):
	case errors.As(err, &api) && throttles(err):
		e.Unknown = false
	case errors.As(err, &dial) && dial.Op == "dial": // it never left
		e.Unknown = false
	}
	return e
}

// throttles reports whether an error says that there are too many requests; AWS says so with the status 400.
func throttles(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestThrottled", "LimitExceededException":
		return true
	}
	return false
}
