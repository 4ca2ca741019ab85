package cloudtrail

import (
	"strings"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// candidate is one resource a record names.
type candidate struct {
	arn       string
	parsed    envelope.ARN
	typ       string // the ARN's type, lower case, letters and digits only
	key       *key
	parent    *key
	value     string // the id as it came, where arn is empty
	object    int32
	inherited keyFlags
	side      side
	depth     uint8
	how       Resolution
	score     int
	// match is set where the resource is what the operation's noun says.
	match bool
	// prefix is set where the record says no more than what the resource's ARN begins with:
	// the bucket of objects that are not named.
	prefix bool
}

// maxCandidates bounds the relations of one event.
const maxCandidates = 256

// collect turns leaves into candidates.
func (s *scratch) collect(r *record, op *operation, svc *service) {
	for i := range s.leaves {
		if len(s.found) >= maxCandidates {
			return
		}
		l := &s.leaves[i]
		if l.inherited&keyTags != 0 && !strings.HasPrefix(l.value, "arn:") {
			continue
		}
		s.found = append(s.found, candidate{
			key: l.key, parent: l.parent, object: l.object, inherited: l.inherited | l.key.flags, side: l.side, depth: l.depth,
		})
		c := &s.found[len(s.found)-1]
		if !s.identify(c, l, r, op, svc) {
			s.found = s.found[:len(s.found)-1]
			continue
		}
		s.rate(c, op, svc)
	}
}

// identify fills in what a leaf names and tells whether it names anything.
func (s *scratch) identify(c *candidate, l *leaf, r *record, op *operation, svc *service) bool {
	if strings.HasPrefix(l.value, "arn:") {
		text := strings.TrimSuffix(l.value, ":*")
		if strings.ContainsAny(text, "*?") {
			return false
		}
		switch l.side {
		case sideResponse:
			c.how = ResolvedResponseARN
		case sideRequest:
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
		return s.buildEC2(c, l, r, typ)
	}
	if l.key.flags&keyBare != 0 && l.depth > 1 && singular(l.parent.stem) != singular(op.noun) {
		return false // an "id" deep inside is that of some part
	}
	for i := range l.key.rules {
		rule := &l.key.rules[i]
		if rule.noun != "" && !rule.applies(op.noun) {
			continue
		}
		if rule.nameOnly {
			c.how, c.value = UnresolvedIDWithoutARN, l.value
			c.parsed.Service, c.parsed.Resource = svc.arnName, rule.typ.ResourceType()
			_, c.typ, _ = strings.Cut(c.parsed.Resource, ":")
			return true
		}
		if text, ok := s.build(rule, l, r); ok && c.setARN(text) {
			c.how = ResolvedBuilt
			if rule.typ.Partial() {
				c.how = ResolvedPartial
			}
			return true
		}
	}
	return false
}

func (c *candidate) setARN(text string) bool {
	a, key, ok := awscatalog.Key(text)
	if !ok {
		return false
	}
	c.arn, c.parsed = key, a
	typ, _ := a.SplitResource()
	c.typ = plain(typ)
	return true
}

// plain is a type as nouns have it: "security-group" is "securitygroup".
func plain(typ string) string {
	for i := 0; i < len(typ); i++ {
		if ch := typ[i]; ch < 'a' || ch > 'z' {
			return squeeze(typ)
		}
	}
	return typ
}

func squeeze(typ string) string {
	b := make([]byte, 0, len(typ))
	for i := 0; i < len(typ); i++ {
		switch ch := typ[i]; {
		case ch == '-' || ch == '_':
		case isUpper(ch):
			b = append(b, ch+'a'-'A')
		default:
			b = append(b, ch)
		}
	}
	return string(b)
}

// primary picks the resource acted on: the index of the best candidate, or -1.
func (s *scratch) primary() int {
	best := -1
	for i := range s.found {
		c := &s.found[i]
		if c.arn != "" && c.score >= minScore && (best < 0 || c.score > s.found[best].score) {
			best = i
		}
	}
	return best
}

// surest is how a candidate's ARN was found where it was found in the surest way,
// for an id and an ARN may both name it.
func (s *scratch) surest(c *candidate) Resolution {
	best := c.how
	for i := range s.found {
		if f := &s.found[i]; f.arn == c.arn && f.how.sureness() < best.sureness() {
			best = f.how
		}
	}
	return best
}

// nameless is the best candidate that has no ARN.
func (s *scratch) nameless() *candidate {
	var best *candidate
	for i := range s.found {
		c := &s.found[i]
		if c.arn == "" && c.score >= 0 && (best == nil || c.score > best.score) {
			best = c
		}
	}
	return best
}
