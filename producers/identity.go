package producers

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
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
	var lists map[string]json.RawMessage
	err := json.Unmarshal([]byte(text), &lists)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return Identity{}, fmt.Errorf("not JSON: wrong after %q; want %s", lastOf(text[:syntax.Offset]), identityForm)
	case err != nil || lists == nil:
		return Identity{}, fmt.Errorf("%s; want %s", jsonType([]byte(text)), identityForm)
	}
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		keys := id.list(name)
		if keys == nil {
			faults = append(faults, fmt.Sprintf("unknown field %q: the fields are customer, cluster and index", name))
			continue
		}
		fault := ""
		if *keys, fault = tagKeys(lists[name]); fault != "" {
			faults = append(faults, fmt.Sprintf("%q %s", name, fault))
		}
	}
	if faults != nil {
		return Identity{}, errors.New(strings.Join(faults, "; "))
	}
	return id, nil
}

const identityForm = `{"customer":["TAG",...],"cluster":["TAG",...],"index":["TAG",...]}`

// list returns the list of a field of the JSON, nil if it has none of that name.
func (id *Identity) list(name string) *[]string {
	switch strings.ToLower(name) {
	case "customer":
		return &id.Customer
	case "cluster":
		return &id.Cluster
	case "index":
		return &id.Index
	}
	return nil
}

// tagKeys parses a list of tag keys, or says what is wrong with it.
func tagKeys(list json.RawMessage) (keys []string, fault string) {
	var items []json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil || items == nil {
		return nil, "is " + jsonType(list) + `: want a list of tag keys such as ["team"]`
	}
	for i, item := range items {
		key := ""
		if err := json.Unmarshal(item, &key); err != nil || key == "" {
			return nil, fmt.Sprintf("item %d is %s: want a tag key in quotes", i+1, jsonType(item))
		}
		keys = append(keys, key)
	}
	return keys, ""
}

// jsonType names the type of a JSON value for a person.
func jsonType(value json.RawMessage) string {
	switch text := strings.TrimSpace(string(value)); {
	case text == `""`:
		return "an empty string"
	case text[0] == '"':
		return "a string"
	case text[0] == '{':
		return "an object"
	case text[0] == '[':
		return "a list"
	default:
		return text // a number, true, false or null
	}
}

// lastOf returns the end of a text, to show where an error is.
func lastOf(text string) string {
	if len(text) > 24 {
		return "..." + strings.ToValidUTF8(text[len(text)-24:], "")
	}
	return text
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
