package resolve

import "polo/producers/awscatalog"

// Call is one call of an API, or what else a record tells of, that is being resolved.
type Call struct {
	*Resolver
	// Place is where it was made: the record's partition, region and account.
	Place     awscatalog.Place
	Service   *Service
	Operation *Operation
}

// Owner is the account that a resource is in: its ARN's, else the record's. AWS's own
// policies are in "aws".
func (call *Call) Owner(c *Candidate) string {
	if isDigits(c.parsed.AccountID) {
		return c.parsed.AccountID
	}
	return call.Place.Account
}
