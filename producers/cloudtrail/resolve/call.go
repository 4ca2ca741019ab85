package resolve

import "polo/producers/awscatalog"

// Call is one API call, or another record, that is being resolved.
type Call struct {
	*Resolver
	// Place is the record's partition, region and account.
	Place     awscatalog.Place
	Service   *Service
	Operation *Operation
}

// Owner returns the account of a resource: its ARN's, else the record's. AWS's own policies are
// in "aws".
func (call *Call) Owner(c *Candidate) string {
	if isDigits(c.resource.Parsed.AccountID) {
		return c.resource.Parsed.AccountID
	}
	return call.Place.Account
}
