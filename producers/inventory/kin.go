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

// settle gives an event its owner, from its own tags or those of its parents: whoever
// named it as an heir, and then those that it inherits from itself. It returns the tags.
func (k kin) settle(e *envelope.ResourceEvent, id producers.Identity, inherits []string) []envelope.Pairs {
	parents := k.parents(append([]string{heirOf + e.ARN}, inherits...))
	e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex = id.Of(e.Tags, parents...)
	return append([]envelope.Pairs{e.Tags}, parents...)
}

// keep remembers the tags of a parent, also for the heirs it names.
func (k kin) keep(arn string, tags []envelope.Pairs, heirs []string) {
	k[arn] = tags
	for _, heir := range heirs {
		k[heirOf+heir] = tags
	}
}

// heirOf marks the entries of what a parent named as its heir.
const heirOf = "heir:"
