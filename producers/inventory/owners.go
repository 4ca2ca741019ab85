package inventory

import (
	"polo/envelope"
	"polo/producers"
)

// owners keeps the tags that a scope's resources inherit their owner from: by ARN, a resource's
// own and those of its parents, the nearest first.
type owners map[string][]envelope.Pairs

// parents returns the tags of these ARNs, in order, as far as they are known.
func (o owners) parents(arns []string) []envelope.Pairs {
	var out []envelope.Pairs
	for _, arn := range arns {
		out = append(out, o[arn]...)
	}
	return out
}

// setOwner sets an event's owner from its own tags, else from those of its parents: first the
// parent that named it, then those that it inherits from. It returns all these tags.
func (o owners) setOwner(e *envelope.ResourceEvent, id producers.Identity, inherits []string) []envelope.Pairs {
	parents := o.parents(append([]string{inheritorPrefix + e.ARN}, inherits...))
	e.MarqoCustomer, e.MarqoCluster, e.MarqoIndex = id.Of(e.Tags, parents...)
	return append([]envelope.Pairs{e.Tags}, parents...)
}

// add adds the tags of a parent, also under the resources that inherit from it.
func (o owners) add(arn string, tags []envelope.Pairs, inheritors []string) {
	o[arn] = tags
	for _, inheritor := range inheritors {
		o[inheritorPrefix+inheritor] = tags
	}
}

// inheritorPrefix marks entries under a resource that a parent named.
const inheritorPrefix = "inheritor:"
