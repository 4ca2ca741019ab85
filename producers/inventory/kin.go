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

// settle gives an event its owner.
func (k kin) settle(e *envelope.ResourceEvent, id producers.Identity, inherits []string) {
	parents := k.parents(append([]string{heirOf + e.ARN}, inherits...))
	e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex = id.Of(e.Tags, parents...)
}

// keep remembers the tags of a parent, also for the heirs it names.
func (k kin) keep(e *envelope.ResourceEvent, inherits, heirs []string) {
	chain := append([]envelope.Pairs{e.Tags}, k.parents(inherits)...)
	k[e.ARN] = chain
	for _, heir := range heirs {
		k[heirOf+heir] = chain
	}
}

// heirOf marks the entries of what a parent named as its heir.
const heirOf = "heir:"
