package action

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// A TagFailure is what the tagging API says of a resource in an answer that is otherwise a success.
type TagFailure struct {
	Code, Message string
	Status        int32
}

// Error implements error.
func (e *TagFailure) Error() string {
	return fmt.Sprintf("tagging failed: %s (%d): %s", e.Code, e.Status, e.Message)
}

// Unknown reports whether the tag may have been set nevertheless.
func (e *TagFailure) Unknown() bool { return e.Status >= 500 || e.Status == 0 }

// failure returns the failure of an answer, which names the one resource, or nil.
func failure(failed map[string]types.FailureInfo) error {
	for _, arn := range slices.Sorted(maps.Keys(failed)) {
		f := failed[arn]
		return &TagFailure{Code: string(f.ErrorCode), Message: aws.ToString(f.ErrorMessage), Status: f.StatusCode}
	}
	return nil
}
