package cloudtrail

import (
	"polo/producers/awscatalog"
)

// buildEC2 makes the ARN of an id of EC2.
func (s *scratch) buildEC2(c *candidate, l *leaf, r *record, typ *awscatalog.Type) bool {
	if !typ.HasARN() {
		c.how, c.value = UnresolvedIDWithoutARN, l.value
		c.parsed.Service, c.parsed.Resource = typ.Service, typ.Name
		return true
	}
	if typ.Name == "ec2:key-pair" && s.sibling(l.object, "keyname") != "" {
		return false // the ARN is by name, and the name stands beside it
	}
	arn, ok := typ.Build(awscatalog.Place{Partition: r.partition, Region: r.region, Account: r.account}, l.value, nil)
	return ok && c.setARN(arn)
}
