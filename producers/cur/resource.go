package cur

import (
	"polo/envelope"
	"polo/producers/awscatalog"
)

// resource sets the resource of a cost. If its id is an ARN, that is the key. Otherwise the ARN
// is built if the id alone suffices: EC2's typed ids, and S3's buckets. Any other id is kept
// without an ARN.
func resource(e *envelope.ResourceEvent, id string) {
	if id == "" {
		return
	}
	e.ResourceID = id
	arn := id
	if _, err := envelope.ParseARN(id); err != nil {
		if e.Platform != envelope.PlatformAWS {
			return
		}
		built, ok := awscatalog.BilledARN(id, e.Service, awscatalog.Place{Region: e.Region, Account: e.AccountID})
		if !ok {
			return
		}
		arn = built
	}
	if r, ok := awscatalog.Describe(arn); ok {
		e.ARN, e.ResourceType = r.ARN, r.Type
		if r.ID != "" {
			e.ResourceID = r.ID
		}
		setDefault(&e.Region, r.Parsed.Region)
		setDefault(&e.Service, r.Parsed.Service)
		return
	}
	// Another platform's key.
	a, err := envelope.ParseARN(arn)
	if err != nil {
		return
	}
	e.ARN, e.ResourceType = arn, a.ResourceType()
	if _, id := a.SplitResource(); id != "" {
		e.ResourceID = id
	}
	setDefault(&e.Service, a.Service)
}

func setDefault(s *string, fallback string) {
	if *s == "" {
		*s = fallback
	}
}
