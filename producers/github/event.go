package github

import (
	"polo/envelope"
)

// service is the service of all but cost lines, whose service is the product.
const service = "github"

// locate sets an event's resource columns by its key.
func locate(e *envelope.ResourceEvent, key envelope.ARN) {
	_, id := key.SplitResource()
	e.ARN, e.ResourceType, e.ResourceID = key.String(), key.ResourceType(), id
}
