package cloudwatch

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// outcome is the last status of a series; PartialData on an earlier page means that more follows.
type outcome struct {
	status   types.StatusCode
	messages string
}

func outcomeOf(r types.MetricDataResult) outcome {
	var texts []string
	for _, m := range r.Messages {
		texts = append(texts, aws.ToString(m.Code)+": "+aws.ToString(m.Value))
	}
	return outcome{r.StatusCode, strings.Join(texts, "; ")}
}

// statusError means that CloudWatch answered a series incompletely. Its code is the status
// (PartialData, InternalError, Forbidden) or a message's code.
type statusError struct{ code, text string }

func (e *statusError) Error() string {
	if e.text == "" {
		return "the answer's status is " + e.code
	}
	return "the answer's status is " + e.code + ": " + e.text
}

// ErrorCode returns the code, for classifying the gap.
func (e *statusError) ErrorCode() string { return e.code }
