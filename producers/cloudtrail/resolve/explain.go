package resolve

import (
	"cmp"
	"slices"
	"strings"
)

// Explanation says how a call was resolved: what it does, and every resource that the record
// names, with its signals.
type Explanation struct {
	// Service and Operation are the call's, the service as in ARNs.
	Service   string `json:"service"`
	Operation string `json:"operation"`
	// Noun is what the operation's name says it acts on, Change what it does to that: "created",
	// "updated", "deleted" or "none".
	Noun   string `json:"noun,omitempty"`
	Change string `json:"change"`
	// Needed is the score that a candidate needs to be the resource acted on.
	Needed     int                  `json:"needed"`
	Candidates []ExplainedCandidate `json:"candidates"`
}

// ExplainedCandidate is one resource that a record names.
type ExplainedCandidate struct {
	// ARN is empty if the record does not determine it; Value is then the name or id.
	ARN   string `json:"arn,omitempty"`
	Value string `json:"value,omitempty"`
	Type  string `json:"type"`
	// Member is the path of the member that names it: "request.instancesSet.items.instanceId".
	Member string     `json:"member"`
	How    Resolution `json:"how"`
	Score  int        `json:"score"`
	// Signals make up the score, except for the depth, which subtracts one per level.
	Signals []Signal `json:"signals,omitempty"`
	Depth   int      `json:"depth"`
	Chosen  bool     `json:"chosen,omitempty"`
	// Relation is the chosen resource's relation to it.
	Relation string `json:"relation,omitempty"`
}

// Signal is a reason for a candidate, or with a negative score against it.
type Signal struct {
	Reason string `json:"reason"`
	Score  int    `json:"score"`
}

// Explain returns how a call was resolved. chosen is the candidate that was taken, or nil; did is
// what the call does to it.
func (call *Call) Explain(chosen *Candidate, did Change) Explanation {
	s := call.Resolver
	x := Explanation{
		Service: call.Service.ARNName, Operation: call.Operation.Name, Noun: call.Operation.Noun, Change: did.String(), Needed: MinScore,
		Candidates: make([]ExplainedCandidate, 0, len(s.found)),
	}
	for i := range s.found {
		c := &s.found[i]
		e := ExplainedCandidate{
			ARN: c.resource.ARN, Value: c.value, Type: c.resource.Parsed.ResourceType(), Member: s.path(c), How: c.how, Score: c.score, Depth: int(c.depth), Chosen: c == chosen,
		}
		if c.resource.ARN == "" {
			e.Type = c.resource.Parsed.Resource
		}
		r := newRating(c, call.Operation, call.Service)
		for j := range signals {
			if signals[j].holds(&r) {
				e.Signals = append(e.Signals, Signal{signals[j].says, signals[j].score})
			}
		}
		if chosen != nil && c.resource.ARN != "" && c.resource.ARN != chosen.resource.ARN {
			e.Relation = call.relationType(chosen, c)
		}
		x.Candidates = append(x.Candidates, e)
	}
	slices.SortStableFunc(x.Candidates, func(a, b ExplainedCandidate) int { return cmp.Compare(b.Score, a.Score) })
	return x
}

// path returns the path of the member that names a candidate.
func (s *Resolver) path(c *Candidate) string {
	if c.how == ResolvedResources {
		return "resources"
	}
	names := []string{c.key.raw}
	for object := c.object; object >= 0; object = s.objects[object].up {
		if name := s.objects[object].key.raw; name != "" {
			names = append(names, name)
		}
	}
	side := map[Side]string{Request: "request", Response: "response", Details: "details"}[c.side]
	names = append(slices.Compact(names), side)
	slices.Reverse(names)
	return strings.Join(names, ".")
}

// String returns the change's text in an explanation.
func (c Change) String() string {
	switch c {
	case Created:
		return "created"
	case Updated:
		return "updated"
	case Deleted:
		return "deleted"
	}
	return "none"
}
