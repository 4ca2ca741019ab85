package producers_test

import (
	"testing"

	"polo/envelope"
	"polo/producers"
)

func TestIdentity(t *testing.T) {
	t.Parallel()
	type tags = map[string]string
	byKeys := producers.Identity{Customer: []string{"polo:customer", "customer"}, Cluster: []string{"cluster"}}
	for _, tc := range []struct {
		name                     string
		id                       producers.Identity
		own                      tags
		parents                  []tags
		customer, cluster, index string
	}{
		{name: "no tags", id: byKeys},
		{name: "first key wins", id: byKeys, own: tags{"customer": "second", "polo:customer": "first"}, customer: "first"},
		{name: "an empty one does not", id: byKeys, own: tags{"customer": "second", "polo:customer": ""}, customer: "second"},
		{name: "case does not matter", id: byKeys, own: tags{"CUSTOMER": "acme", "Cluster": "c1"}, customer: "acme", cluster: "c1"},
		{name: "the exact spelling goes first", id: byKeys, own: tags{"Customer": "near", "customer": "exact", "cUSTOMER": "near"}, customer: "exact"},
		{name: "a key's other spelling goes before the next key", id: byKeys, own: tags{"Polo:Customer": "first", "customer": "second"}, customer: "first"},
		{
			name: "inherited, the nearest first", id: byKeys, own: tags{"cluster": "own"},
			parents: []tags{{"x": "y"}, {"Customer": "vpc"}, {"customer": "account", "cluster": "account"}}, customer: "vpc", cluster: "own",
		},
		{name: "own goes before inherited, whatever the key", id: byKeys, own: tags{"customer": "own"}, parents: []tags{{"polo:customer": "vpc"}}, customer: "own"},
		{name: "no keys, no index", id: byKeys, own: tags{"index": "i"}},
		{
			name: "the keys in use", id: producers.DefaultIdentity(),
			own: tags{"marqo_customer": "acme", "eks:cluster-name": "c1", "IndexName": "i1"}, customer: "acme", cluster: "c1", index: "i1",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var parents []envelope.Pairs
			for _, p := range tc.parents {
				parents = append(parents, envelope.PairsOf(p))
			}
			customer, cluster, index := tc.id.Of(envelope.PairsOf(tc.own), parents...)
			if customer != tc.customer || cluster != tc.cluster || index != tc.index {
				t.Errorf("got %q %q %q, want %q %q %q", customer, cluster, index, tc.customer, tc.cluster, tc.index)
			}
		})
	}
}
