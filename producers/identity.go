package producers

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"polo/envelope"
)

// Identity maps tags to a resource's owner. Each list holds the tag keys to look for; the
// first that is present and not empty wins. Keys are compared without case.
type Identity struct {
	Customer []string `json:"customer"`
	Cluster  []string `json:"cluster"`
	Index    []string `json:"index"`
}

// DefaultIdentity returns the keys in use.
func DefaultIdentity() Identity {
	return Identity{
		Customer: []string{"marqo:customer", "marqo_customer", "marqo-customer", "MarqoCustomer", "customer", "customer_id", "CustomerId"},
		Cluster: []string{
			"marqo:cluster", "marqo_cluster", "marqo-cluster", "MarqoCluster", "cluster", "eks:cluster-name", "aws:eks:cluster-name",
			"alpha.eksctl.io/cluster-name", "aws:ecs:clusterName",
		},
		Index: []string{"marqo:index", "marqo_index", "marqo-index", "MarqoIndex", "index", "index_name", "IndexName"},
	}
}

// ParseIdentity parses JSON, {"customer":[...],"cluster":[...],"index":[...]}. A list that is
// left out, or an empty text, means DefaultIdentity's.
func ParseIdentity(text string) (Identity, error) {
	id := DefaultIdentity()
	if text == "" {
		return id, nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&id); err != nil {
		return Identity{}, fmt.Errorf("not the tag keys of an identity: %w", err)
	}
	if dec.More() {
		return Identity{}, errors.New("not the tag keys of an identity: something follows them")
	}
	return id, nil
}

// Of returns the owner by a resource's own tags and, for what they lack, by its parents' tags,
// nearest first.
func (id Identity) Of(own envelope.Pairs, parents ...envelope.Pairs) (customer, cluster, index string) {
	return pick(id.Customer, own, parents), pick(id.Cluster, own, parents), pick(id.Index, own, parents)
}

// OfTags is Of without parents, with the signature that normalisers need.
func (id Identity) OfTags(tags envelope.Pairs) (customer, cluster, index string) { return id.Of(tags) }

func pick(keys []string, own envelope.Pairs, parents []envelope.Pairs) string {
	if v := tagOf(keys, own); v != "" {
		return v
	}
	for _, p := range parents {
		if v := tagOf(keys, p); v != "" {
			return v
		}
	}
	return ""
}

// tagOf returns the value of the first key that a resource has. The exact spelling takes
// precedence over another case.
func tagOf(keys []string, tags envelope.Pairs) string {
	for _, key := range keys {
		near := ""
		for i := range tags {
			switch {
			case tags[i].Key == key && tags[i].Value != "":
				return tags[i].Value
			case near == "" && strings.EqualFold(tags[i].Key, key):
				near = tags[i].Value
			}
		}
		if near != "" {
			return near
		}
	}
	return ""
}
