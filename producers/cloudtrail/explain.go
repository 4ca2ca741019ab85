package cloudtrail

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"polo/envelope"
)

// Explanation says how the activity of a record came to its ARN: what the call does, every
// resource that the record names with what speaks for and against it, and what follows.
type Explanation struct {
	// Service and Operation are the call's, the service as ARNs have it.
	Service   string `json:"service"`
	Operation string `json:"operation"`
	// Noun is what the operation's name says it acts on, Change what it does to that:
	// "created", "updated", "deleted" or "none".
	Noun   string `json:"noun,omitempty"`
	Change string `json:"change"`
	// ARN is the activity's, empty where the record honestly gives none; How says how it
	// was found, or why there is none.
	ARN string     `json:"arn,omitempty"`
	How Resolution `json:"how"`
	// Needed is the score that a candidate needs to be what the call acts on.
	Needed     int                  `json:"needed"`
	Candidates []ExplainedCandidate `json:"candidates"`
	Ancestors  []string             `json:"ancestors,omitempty"`
	// Events are what Normalise gives.
	Events []envelope.ResourceEvent `json:"-"`
}

// ExplainedCandidate is one resource that a record names.
type ExplainedCandidate struct {
	// ARN is empty where the record names a resource without saying its ARN; Value is then
	// the name or id.
	ARN   string `json:"arn,omitempty"`
	Value string `json:"value,omitempty"`
	Type  string `json:"type"`
	// Member is where the record names it: "request.instancesSet.items.instanceId".
	Member string     `json:"member"`
	How    Resolution `json:"how"`
	Score  int        `json:"score"`
	// Signals are what makes up the score, but for the depth, which takes one a level.
	Signals []Signal `json:"signals,omitempty"`
	Depth   int      `json:"depth"`
	Chosen  bool     `json:"chosen,omitempty"`
	// Relation is the edge from the chosen resource to it.
	Relation string `json:"relation,omitempty"`
}

// Signal is one thing that speaks for a candidate, or with a negative score against it.
type Signal struct {
	Says  string `json:"says"`
	Score int    `json:"score"`
}

// Explain is Normalise with an account of its reasons. Its errors are those of Normalise.
func (n *Normaliser) Explain(data []byte, observedAt time.Time) (Explanation, error) {
	var x Explanation
	out, err := n.normalise(data, observedAt, &x)
	if err != nil {
		return Explanation{}, err
	}
	x.How, x.Events = out.How, out.Events
	if activity := &out.Events[0]; activity.ARN != "" {
		x.ARN, x.Ancestors = activity.ARN, activity.Ancestors
	}
	return x, nil
}

// explain notes what the record was resolved by, before the memory of it is reused. best is
// the index of the chosen candidate, or -1.
func (m *maker) explain(best int, did change) {
	x := m.explanation
	if x == nil {
		return
	}
	*x = Explanation{
		Service: m.svc.arnName, Operation: strings.Clone(m.op.name), Noun: m.op.noun, Change: did.String(), Needed: minScore,
		Candidates: make([]ExplainedCandidate, 0, len(m.s.found)),
	}
	var chosen *candidate
	if best >= 0 {
		chosen = &m.s.found[best]
	}
	for i := range m.s.found {
		c := &m.s.found[i]
		e := ExplainedCandidate{
			ARN: c.arn, Value: c.value, Type: c.parsed.ResourceType(), Member: m.s.path(c), How: c.how, Score: c.score, Depth: int(c.depth), Chosen: i == best,
		}
		if c.arn == "" {
			e.Type = c.parsed.Resource
		}
		r := newRating(c, m.op, m.svc)
		for j := range signals {
			if signals[j].holds(&r) {
				e.Signals = append(e.Signals, Signal{signals[j].says, signals[j].score})
			}
		}
		if chosen != nil && c.arn != "" && c.arn != chosen.arn {
			e.Relation = m.relationType(chosen, c)
		}
		x.Candidates = append(x.Candidates, e)
	}
	slices.SortStableFunc(x.Candidates, func(a, b ExplainedCandidate) int { return cmp.Compare(b.Score, a.Score) })
}

// path is where in the record a candidate stands.
func (s *scratch) path(c *candidate) string {
	if c.how == ResolvedResources {
		return "resources"
	}
	names := []string{c.key.raw}
	for object := c.object; object >= 0; object = s.objects[object].up {
		if name := s.objects[object].key.raw; name != "" {
			names = append(names, name)
		}
	}
	side := map[side]string{sideRequest: "request", sideResponse: "response", sideDetails: "details"}[c.side]
	names = append(slices.Compact(names), side)
	slices.Reverse(names)
	return strings.Join(names, ".")
}

// String is the change as an explanation has it.
func (c change) String() string {
	switch c {
	case changeCreated:
		return "created"
	case changeUpdated:
		return "updated"
	case changeDeleted:
		return "deleted"
	}
	return "none"
}
