package sqsserver

import (
	"fmt"
	"net/http"

	"github.com/go-faster/jx"
)

// apiError is an error response of the JSON protocol.
type apiError struct {
	shape    string // the error's name in the service model; SDKs derive their typed error from it
	code     string // the code of the older query protocol, which SDKs report for compatibility
	message  string
	status   int
	receiver bool // the server is at fault
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

const (
	serviceSpace = "com.amazonaws.sqs#"
	coralSpace   = "com.amazon.coral.service#"
	queryPrefix  = "AWS.SimpleQueueService."
)

func modelled(name, code, format string, args ...any) *apiError {
	return &apiError{
		shape: serviceSpace + name, code: code,
		message: fmt.Sprintf(format, args...), status: http.StatusBadRequest,
	}
}

func errNoQueue() *apiError {
	return modelled("QueueDoesNotExist", queryPrefix+"NonExistentQueue", "The specified queue does not exist.")
}

func errInvalidAddress(url string) *apiError {
	return modelled("InvalidAddress", "InvalidAddress", "The address %s is not valid for this endpoint.", url)
}

func errQueueExists(attribute string) *apiError {
	return modelled("QueueNameExists", "QueueAlreadyExists",
		"A queue already exists with the same name and a different value for attribute %s", attribute)
}

func errDeletedRecently() *apiError {
	return modelled("QueueDeletedRecently", queryPrefix+"QueueDeletedRecently",
		"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
}

func errPurging(name string) *apiError {
	return modelled("PurgeQueueInProgress", queryPrefix+"PurgeQueueInProgress",
		"Only one PurgeQueue operation on %s is allowed every 60 seconds.", name)
}

func errAttributeName(name string) *apiError {
	return modelled("InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute %s.", name)
}

func errAttributeValue(name, reason string) *apiError {
	if reason == "" {
		return modelled("InvalidAttributeValue", "InvalidAttributeValue", "Invalid value for the parameter %s.", name)
	}
	return modelled("InvalidAttributeValue", "InvalidAttributeValue", "Invalid value for the parameter %s. Reason: %s", name, reason)
}

func errReceiptHandle(handle string) *apiError {
	return modelled("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid",
		"The input receipt handle %q is not a valid receipt handle.", shorten(handle))
}

func errNotInFlight() *apiError {
	return modelled("MessageNotInflight", queryPrefix+"MessageNotInflight", "The specified message isn't in flight.")
}

func errContents() *apiError {
	return modelled("InvalidMessageContents", "InvalidMessageContents",
		"Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
}

func errOverLimit(message string) *apiError {
	return modelled("OverLimit", "OverLimit", "%s", message)
}

func errNoResource(message string) *apiError {
	return modelled("ResourceNotFoundException", "ResourceNotFoundException", "%s", message)
}

func errUnsupported(message string) *apiError {
	return modelled("UnsupportedOperation", queryPrefix+"UnsupportedOperation", "%s", message)
}

func errBatch(name, format string, args ...any) *apiError {
	return modelled(name, queryPrefix+name, format, args...)
}

func errThrottled() *apiError {
	return modelled("RequestThrottled", "RequestThrottled", "Rate exceeded.")
}

func errMissing(parameter string) *apiError {
	return &apiError{
		shape: coralSpace + "MissingRequiredParameterException", code: "MissingParameter", status: http.StatusBadRequest,
		message: "The request must contain the parameter " + parameter + ".",
	}
}

func errParameter(format string, args ...any) *apiError {
	return &apiError{
		shape: coralSpace + "InvalidParameterValueException", code: "InvalidParameterValue", status: http.StatusBadRequest,
		message: fmt.Sprintf(format, args...),
	}
}

func errValue(value any, parameter, reason string) *apiError {
	return errParameter("Value %v for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

func errSerialization(err error) *apiError {
	return &apiError{
		shape: coralSpace + "SerializationException", code: "SerializationException",
		status: http.StatusBadRequest, message: err.Error(),
	}
}

func errAction(message string) *apiError {
	return &apiError{
		shape: coralSpace + "UnknownOperationException", code: "InvalidAction",
		status: http.StatusBadRequest, message: message,
	}
}

func errTooLarge() *apiError {
	return &apiError{
		shape: coralSpace + "RequestEntityTooLargeException", code: "RequestEntityTooLarge",
		status: http.StatusRequestEntityTooLarge, message: "The request body is too large.",
	}
}

func errInternal() *apiError {
	return &apiError{
		shape: coralSpace + "InternalFailure", code: "InternalFailure", status: http.StatusInternalServerError,
		message: "The request processing has failed because of an unknown error, exception or failure.", receiver: true,
	}
}

func errUnavailable() *apiError {
	return &apiError{
		shape: coralSpace + "ServiceUnavailableException", code: "ServiceUnavailable", status: http.StatusServiceUnavailable,
		message: "The request has failed due to a temporary failure of the server.", receiver: true,
	}
}

// fault is the second half of the query error header.
func (e *apiError) fault() string {
	if e.receiver {
		return "Receiver"
	}
	return "Sender"
}

func (e *apiError) write(w *jx.Writer) {
	w.ObjStart()
	w.FieldStart("__type")
	w.Str(e.shape)
	w.Comma()
	w.FieldStart("message")
	w.Str(e.message)
	w.ObjEnd()
}

// shorten bounds how much of a caller's text an error repeats.
func shorten(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
