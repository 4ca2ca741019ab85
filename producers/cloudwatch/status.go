package cloudwatch

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// outcome is how far a series was told, by the last page that told of it: PartialData
// until then means that more is to come.
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

// statusError tells that CloudWatch answered, and not with all of a series. Its code is
// the status (PartialData, InternalError, Forbidden) or that of a message.
type statusError struct{ code, text string }

func (e *statusError) Error() string {
	if e.text == "" {
		return "the answer's status is " + e.code
	}
	return "the answer's status is " + e.code + ": " + e.text
}

// ErrorCode is the form that gaps read codes in.
func (e *statusError) ErrorCode() string { return e.code }
