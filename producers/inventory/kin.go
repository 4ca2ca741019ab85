package inventory

import (
	"polo/envelope"
	"polo/producers"
)

// kin keeps the tags of a scope's resources that others take their owner from: of each
// its own and those of its own parents, the nearest first.
type kin map[string][]envelope.Pairs

// parents are the tags of the first of some ARNs that is known, and then of the others.
func (k kin) parents(arns []string) []envelope.Pairs {
	var out []envelope.Pairs
	for _, arn := range arns {
		out = append(out, k[arn]...)
	}
	return out
}

// settle gives an event its owner, and keeps its tags where it is a parent itself.
func (k kin) settle(e *envelope.ResourceEvent, id producers.Identity, inherits []string, parent bool) {
	parents := k.parents(inherits)
	e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex = id.Of(e.Tags, parents...)
	if parent {
		k[e.ARN] = append([]envelope.Pairs{e.Tags}, parents...)
	}
}
