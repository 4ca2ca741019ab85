package resolve

import (
	"strings"

	"polo/producers/awscatalog"
)

// Candidate is one resource that a record names. It belongs to its Resolver's memory, and is
// valid until the next record.
type Candidate struct {
	// resource is the one named, without an ARN if the record does not determine it.
	resource  awscatalog.Key
	typ       string // the ARN's type: lower case, only letters and digits
	key       *key
	parent    *key
	value     string // the id in the record, if there is no ARN
	object    int32
	inherited keyFlags
	side      Side
	depth     uint8
	how       Resolution
	score     int
	// match is set if the resource is what the operation's noun names.
	match bool
	// prefix is set if the record has only the start of the resource's ARN: the bucket of objects
	// that are not named.
	prefix bool
}

// Key returns the resource's key; its ARN is empty if the record does not determine it.
func (c *Candidate) Key() *awscatalog.Key { return &c.resource }

// Type returns the ARN's type, in lower case, with only letters and digits: "securitygroup".
func (c *Candidate) Type() string { return c.typ }

// Named returns the name or id of a resource without an ARN, and its resource type.
func (c *Candidate) Named() (name, resourceType string) { return c.value, c.resource.Parsed.Resource }

// IsObject reports whether the resource is what the operation's noun names; otherwise the call
// changes a part of it.
func (c *Candidate) IsObject() bool { return c.match }

// maxCandidates bounds the candidates, and so the relations of one event.
const maxCandidates = 256

// Collect finds the resources in the parts that were walked.
func (call *Call) Collect() {
	s := call.Resolver
	for i := range s.leaves {
		if len(s.found) >= maxCandidates {
			return
		}
		l := &s.leaves[i]
		if l.inherited&keyTags != 0 && !strings.HasPrefix(l.value, "arn:") {
			continue
		}
		s.found = append(s.found, Candidate{
			key: l.key, parent: l.parent, object: l.object, inherited: l.inherited | l.key.flags, side: l.side, depth: l.depth,
		})
		c := &s.found[len(s.found)-1]
		if !call.identify(c, l) {
			s.found = s.found[:len(s.found)-1]
			continue
		}
		call.rate(c)
	}
}

// identify sets what a leaf names, and reports whether it names anything.
func (call *Call) identify(c *Candidate, l *leaf) bool {
	if strings.HasPrefix(l.value, "arn:") {
		text := strings.TrimSuffix(l.value, ":*")
		if strings.ContainsAny(text, "*?") {
			return false
		}
		switch l.side {
		case Response:
			c.how = ResolvedResponseARN
		case Request:
			c.how = ResolvedRequestARN
		default:
			c.how = ResolvedDetailsARN
		}
		return c.setARN(text)
	}
	certain := strings.HasSuffix(l.key.lower, "id") || strings.HasSuffix(l.key.lower, "ids") || strings.HasSuffix(l.key.lower, "set")
	if typ, ok := awscatalog.OfID(l.value, certain); ok && strings.HasSuffix(l.key.lower, "token") {
		return false
	} else if ok {
		c.how = ResolvedBuilt
		return call.buildEC2(c, l, typ)
	}
	if l.key.flags&keyBare != 0 && l.depth > 1 && singular(l.parent.stem) != singular(call.Operation.Noun) {
		return false // an "id" deep inside belongs to some part
	}
	for i := range l.key.rules {
		rule := &l.key.rules[i]
		if rule.noun != "" && !rule.applies(call.Operation.Noun) {
			continue
		}
		if rule.nameOnly {
			c.how, c.value = UnresolvedIDWithoutARN, l.value
			c.resource.Parsed.Service, c.resource.Parsed.Resource = call.Service.ARNName, rule.typ.ResourceType()
			_, c.typ, _ = strings.Cut(c.resource.Parsed.Resource, ":")
			return true
		}
		if text, ok := call.build(rule, l); ok && c.setARN(text) {
			c.how = ResolvedBuilt
			if rule.typ.Partial() {
				c.how = ResolvedPartial
			}
			return true
		}
	}
	return false
}

func (c *Candidate) setARN(text string) bool {
	k, ok := awscatalog.KeyOf(text)
	if !ok {
		return false
	}
	c.resource = k
	typ, _ := k.Parsed.SplitResource()
	c.typ = awscatalog.PlainWord(typ)
	return true
}

// Primary returns the resource that the call acts on: the best candidate, or nil.
func (s *Resolver) Primary() *Candidate {
	var best *Candidate
	for i := range s.found {
		c := &s.found[i]
		if c.resource.ARN != "" && c.score >= MinScore && (best == nil || c.score > best.score) {
			best = c
		}
	}
	return best
}

// Shallowest returns the candidate at the smallest depth that is neither a search condition nor
// in a tag, or nil. If member is set (in lower case), the candidate must be in it.
func (s *Resolver) Shallowest(member string) *Candidate {
	var best *Candidate
	for i := range s.found {
		c := &s.found[i]
		if c.resource.ARN == "" || member != "" && c.key.lower != member || member == "" && c.inherited&(keyFilter|keyTags) != 0 {
			continue
		}
		if best == nil || c.depth < best.depth {
			best = c
		}
	}
	return best
}

// Surest returns the most reliable way in which a candidate's ARN was found: an id and an ARN may
// both name it.
func (s *Resolver) Surest(c *Candidate) Resolution {
	best := c.how
	for i := range s.found {
		if f := &s.found[i]; f.resource.ARN == c.resource.ARN && f.how.sureness() < best.sureness() {
			best = f.how
		}
	}
	return best
}

// BestWithoutARN returns the best candidate without an ARN.
func (s *Resolver) BestWithoutARN() *Candidate {
	var best *Candidate
	for i := range s.found {
		c := &s.found[i]
		if c.resource.ARN == "" && c.score >= 0 && (best == nil || c.score > best.score) {
			best = c
		}
	}
	return best
}
