package cloudtrail

import (
	"slices"
	"strings"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// collectResources reads the record's resources; each entry holds an ARN, or the
// prefix of one.
func (s *scratch) collectResources(r *record, op *operation, svc *service) {
	c := cursor{s: r.resources}
	if c.peek() != '[' {
		return
	}
	for ok := c.enter(); ok && len(s.found) < maxCandidates; ok = c.more() {
		if c.peek() != '{' {
			if c.peek() == '"' { // EventBridge lists ARNs
				s.addResource(c.scalar(), "", false, op, svc)
				continue
			}
			c.skip()
			continue
		}
		var arn, prefix, typ string
		for ok := c.enter(); ok; ok = c.more() {
			switch unescape(c.name()) {
			case "ARN", "arn", "Arn":
				arn = c.scalar()
			case "ARNPrefix":
				prefix = c.scalar()
			case "type":
				typ = c.scalar()
			default:
				c.skip()
			}
		}
		if arn == "" {
			s.addResource(strings.TrimSuffix(prefix, "/"), typ, true, op, svc)
		} else {
			s.addResource(arn, typ, false, op, svc)
		}
	}
}

func (s *scratch) addResource(arn, typ string, prefix bool, op *operation, svc *service) {
	s.found = append(s.found, candidate{key: svc.root, parent: svc.root, object: -1, side: sideDetails, how: ResolvedResources})
	c := &s.found[len(s.found)-1]
	if strings.ContainsAny(arn, "*?") && !strings.Contains(arn, ":s3:") || !c.setARN(strings.TrimSuffix(arn, ":*")) {
		s.found = s.found[:len(s.found)-1]
		return
	}
	// "AWS::S3::Bucket" names what the entry is better than a bare ARN does.
	word := strings.ToLower(typ[strings.LastIndexByte(typ, ':')+1:])
	c.key, c.prefix = &key{stem: word}, prefix
	s.rate(c, op, svc)
}

// relations lists the edges from the primary to everything else that the record
// names, sorted, without what is among skip or leads to a sibling of several
// changed resources.
func (m *maker) relations(primary *candidate, skip []string, changed []*candidate) []envelope.Relation {
	var out []envelope.Relation
	for i := range m.s.found {
		c := &m.s.found[i]
		if c.arn == "" || c == primary || primary != nil && c.arn == primary.arn || slices.Contains(skip, c.arn) {
			continue
		}
		if belongsElsewhere(m.s, c, primary, changed) {
			continue
		}
		out = append(out, envelope.Relation{Type: m.relationType(primary, c), TargetARN: c.arn})
	}
	slices.SortFunc(out, func(a, b envelope.Relation) int {
		if n := strings.Compare(a.TargetARN, b.TargetARN); n != 0 {
			return n
		}
		// The plain "involves" gives way to what says more.
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

// belongsElsewhere tells whether c is, or hangs on, another of several changed
// resources.
func belongsElsewhere(s *scratch, c, primary *candidate, changed []*candidate) bool {
	if len(changed) < 2 {
		return false
	}
	elsewhere := false
	for _, other := range changed {
		if other.arn == c.arn {
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

// ancestors lists where a resource is, nearest first: what its ARN tells, the
// subnet and VPC named beside it, the account.
func (m *maker) ancestors(c *candidate) []string {
	var few [8]string // most resources have no more
	up := append(few[:0], awscatalog.Ancestors(c.parsed)...)
	if c.object >= 0 && m.op.relation == "" && (c.parsed.Service == "ec2" || c.parsed.Service == m.svc.arnName) && c.typ != "vpc" {
		names := [...]string{"subnetid", "vpcid"}
		first := 0
		if c.typ == "subnet" {
			first = 1
		}
		for _, name := range names[first:] {
			id := m.s.sibling(c.object, name)
			if id == "" && c.typ != "vpc" {
				id = m.nearby(c, name)
			}
			for i := range m.s.found {
				f := &m.s.found[i]
				if f.arn != "" && id != "" && f.parsed.Service == "ec2" && strings.HasSuffix(f.arn, "/"+id) {
					up = append(up, f.arn)
					break
				}
			}
		}
	}
	for _, arn := range m.s.aboveOf(c.parsed.Partition, c.parsed.Region, m.owner(c)) {
		if arn != c.arn {
			up = append(up, arn)
		}
	}
	return slices.Clone(up)
}

// aboveOf is awscatalog.Above, made once for a place.
func (s *scratch) aboveOf(partition, region, account string) []string {
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
			at[i] = strings.Clone(at[i]) // of the record's text
		}
		s.above[at] = up
	}
	return up
}

// nearby is a value for the resource a call creates that stands in the request
// itself, beside nothing else of the kind.
func (m *maker) nearby(c *candidate, name string) string {
	if m.op.change != changeCreated || !c.match {
		return ""
	}
	for i := range m.s.leaves {
		l := &m.s.leaves[i]
		if l.side == sideRequest && l.depth == 1 && l.key.lower == name {
			return l.value
		}
	}
	return ""
}
