package producers_test

import (
	"os"
	"slices"
	"strings"
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

// An error of the configuration says what is wrong, where, and what is right.
func TestIdentityErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"customer":["team"]`:              {`not JSON`, `after "{\"customer\":[\"team\"]"`, `"cluster":["TAG",...]`},
		`customer=team`:                     {`not JSON`, `after "c"`},
		`{"customer":["team"],}`:            {`not JSON`, `[\"team\"],}"`},
		`{"customer":["team"]} x`:           {`not JSON`},
		`["team"]`:                          {`a list; want {"customer"`},
		`null`:                              {`null; want {"customer"`},
		`{"customer":"team"}`:               {`"customer" is a string: want a list of tag keys`},
		`{"index":null}`:                    {`"index" is null`},
		`{"cluster":["a",7]}`:               {`"cluster" item 2 is 7`},
		`{"cluster":["a",""]}`:              {`"cluster" item 2 is an empty string`},
		`{"owner":["a"],"customer":[true]}`: {`unknown field "owner"`, `customer, cluster and index`, `"customer" item 1 is true`},
	} {
		_, err := producers.ParseIdentity(text)
		if err == nil {
			t.Errorf("%s is accepted", text)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "json:") || strings.Contains(err.Error(), "Go value") {
				t.Errorf("%s: %q lacks %q", text, err, part)
			}
		}
	}
	id, err := producers.ParseIdentity(`{"Customer":["team"],"index":[]}`)
	if err != nil || !slices.Equal(id.Customer, []string{"team"}) || len(id.Index) != 0 || !slices.Equal(id.Cluster, producers.DefaultIdentity().Cluster) {
		t.Errorf("%+v, %v", id, err)
	}
}

// The documentation lists the default tag keys.
func TestDefaultIdentityIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/CONFIG.md")
	if err != nil {
		t.Fatal(err)
	}
	id := producers.DefaultIdentity()
	for list, keys := range map[string][]string{"customer": id.Customer, "cluster": id.Cluster, "index": id.Index} {
		if row := "| `" + list + "` | `" + strings.Join(keys, "`, `") + "` |\n"; !strings.Contains(string(text), row) {
			t.Errorf("docs/CONFIG.md lacks %s", row)
		}
	}
}
