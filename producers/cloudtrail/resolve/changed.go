package resolve

import "strings"

// ChangedTogether returns the primary and the resources that the call changed in the same way,
// each ARN once.
func (s *Resolver) ChangedTogether(primary *Candidate, did Change) []*Candidate {
	changed := []*Candidate{primary}
	seen := map[string]bool{primary.resource.ARN: true}
	for i := range s.found {
		c := &s.found[i]
		if c.resource.ARN == "" || seen[c.resource.ARN] || !sameRole(c, primary) {
			continue
		}
		if did != Updated && c.match != primary.match {
			continue
		}
		seen[c.resource.ARN] = true
		changed = append(changed, c)
	}
	return changed
}

func sameRole(c, primary *Candidate) bool {
	if (c.how == ResolvedResources) != (primary.how == ResolvedResources) || c.inherited&(keyFilter|keyTags) != 0 {
		return false
	}
	sameType := c.typ == primary.typ && c.resource.Parsed.Service == primary.resource.Parsed.Service
	if c.how == ResolvedResources {
		return sameType && c.match == primary.match
	}
	if c.key != primary.key || c.parent != primary.parent || c.side != primary.side || c.depth != primary.depth {
		return false
	}
	return sameType || primary.key.flags&keyResource != 0 || strings.HasPrefix(primary.key.stem, "resource")
}
