package resolve

import (
	"slices"
	"strings"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// Relations returns the relations from the primary to the other resources of the record, sorted.
// It leaves out the ARNs in skip, and resources that belong to another of several changed ones.
func (call *Call) Relations(primary *Candidate, skip []string, changed []*Candidate) []envelope.Relation {
	var out []envelope.Relation
	for i := range call.found {
		c := &call.found[i]
		if c.resource.ARN == "" || c == primary || primary != nil && c.resource.ARN == primary.resource.ARN || slices.Contains(skip, c.resource.ARN) {
			continue
		}
		if belongsElsewhere(call.Resolver, c, primary, changed) {
			continue
		}
		out = append(out, envelope.Relation{Type: call.relationType(primary, c), TargetARN: c.resource.ARN})
	}
	slices.SortFunc(out, func(a, b envelope.Relation) int {
		if n := strings.Compare(a.TargetARN, b.TargetARN); n != 0 {
			return n
		}
		// The general "involves" comes after more specific relations.
		if n := strings.Compare(rank(a.Type), rank(b.Type)); n != 0 {
			return n
		}
		return strings.Compare(a.Type, b.Type)
	})
	return slices.CompactFunc(out, func(a, b envelope.Relation) bool { return a.TargetARN == b.TargetARN })
}

func rank(typ string) string {
	if typ == "involves" {
		return "1"
	}
	return "0"
}

// belongsElsewhere reports whether c is, or belongs to, another of several changed resources.
func belongsElsewhere(s *Resolver, c, primary *Candidate, changed []*Candidate) bool {
	if len(changed) < 2 {
		return false
	}
	elsewhere := false
	for _, other := range changed {
		if other.resource.ARN == c.resource.ARN {
			return true
		}
		if other.object < 0 || c.object < 0 || !s.within(c.object, other.object) {
			continue
		}
		if other == primary {
			return false
		}
		elsewhere = elsewhere || other.object != primary.object
	}
	return elsewhere
}

// Ancestors returns what contains a resource, nearest first: what its ARN names, the subnet and
// VPC named beside it, the region and the account.
func (call *Call) Ancestors(c *Candidate) []string {
	var few [8]string // enough for most resources
	up := append(few[:0], c.resource.Ancestors()...)
	for _, member := range call.networkMembers(c) {
		id := call.sibling(c.object, member)
		if id == "" {
			id = call.nearby(c, member)
		}
		if arn := call.ec2ARN(id); arn != "" {
			up = append(up, arn)
		}
	}
	for _, arn := range call.aboveOf(c.resource.Parsed.Partition, c.resource.Parsed.Region, call.Owner(c)) {
		if arn != c.resource.ARN {
			up = append(up, arn)
		}
	}
	return slices.Clone(up)
}

// networkMembers returns the members that name the subnet and the VPC of a resource, nearest
// first. Resources of other services than the call's, and calls that connect two resources,
// have none.
func (call *Call) networkMembers(c *Candidate) []string {
	known := c.resource.Parsed.Service == "ec2" || c.resource.Parsed.Service == call.Service.ARNName
	switch {
	case c.object < 0 || call.Operation.relation != "" || !known || c.typ == "vpc":
		return nil
	case c.typ == "subnet":
		return []string{"vpcid"}
	}
	return []string{"subnetid", "vpcid"}
}

// ec2ARN returns the ARN of the first resource of EC2 with an id, "" if the record names none.
func (call *Call) ec2ARN(id string) string {
	if id == "" {
		return ""
	}
	for i := range call.found {
		if f := &call.found[i]; f.resource.ARN != "" && f.resource.Parsed.Service == "ec2" && strings.HasSuffix(f.resource.ARN, "/"+id) {
			return f.resource.ARN
		}
	}
	return ""
}

// aboveOf returns awscatalog.Above and caches it.
func (s *Resolver) aboveOf(partition, region, account string) []string {
	at := [3]string{partition, region, account}
	if at == s.place {
		return s.abovePlace
	}
	if up, ok := s.above[at]; ok {
		s.place, s.abovePlace = at, up
		return up
	}
	up := awscatalog.Above(partition, region, account)
	if len(s.above) < maxCached {
		for i := range at {
			at[i] = strings.Clone(at[i]) // do not keep the record's text
		}
		s.above[at] = up
	}
	return up
}

// nearby returns the value of a top-level request member for the resource that a call creates.
func (call *Call) nearby(c *Candidate, name string) string {
	if call.Operation.Change != Created || !c.match {
		return ""
	}
	for i := range call.leaves {
		l := &call.leaves[i]
		if l.side == Request && l.depth == 1 && l.key.lower == name {
			return l.value
		}
	}
	return ""
}
