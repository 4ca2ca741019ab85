package schema_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A field that an event omits keeps its earlier value, since the last whole statement, in every
// order of arrival.
func TestResourcesCurrentCarriesOver(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	const snapshot, created, updated, deleted = "resource.snapshot", "resource.created", "resource.updated", "resource.deleted"
	type pairs = map[string]string
	whole := func(kind, arn, ts string) row {
		return event("1", kind, arn, ts).with("resource_name", "name", "ancestors", []string{"subnet", "vpc"},
			"relations.type", []string{"in"}, "relations.target_arn", []string{"subnet"}, "marqo_customer", "acme", "actor", "scan",
			"tags", pairs{"a": "1", "b": "2"}, "properties", pairs{"size": "large"})
	}
	bare := func(kind, arn, ts string) row {
		return event("1", kind, arn, ts).with("state", "", "actor", "ada", "region", "", "resource_type", "", "platform", "")
	}
	const all = `"name","acme",["subnet","vpc"],[["in","subnet"]],{"a":"1","b":"2"},{"size":"large"},"eu","aws"]`
	for i, c := range []struct {
		name string
		rows func(arn string) []row
		want string // actor, state, resource_name, marqo_customer, ancestors, relations, tags, properties, region, platform
	}{
		{"an update that says nothing", func(a string) []row {
			return []row{whole(snapshot, a, day(1, 0)), bare(updated, a, day(2, 0))}
		}, `["ada","running",` + all},
		{"each field by itself, the keys of maps too", func(a string) []row {
			return []row{
				whole(snapshot, a, day(1, 0)),
				bare(updated, a, day(2, 0)).with("state", "stopped", "tags", pairs{"b": "3", "c": "4"}),
				bare(updated, a, day(3, 0)).with("properties", pairs{"event": "x"}, "ancestors", []string{"vpc"}, "tags", pairs{"c": "5"}),
				bare(updated, a, day(4, 0)).with("relations.type", []string{"uses"}, "relations.target_arn", []string{"role"}),
			}
		}, `["ada","stopped","name","acme",["vpc"],[["uses","role"]],{"a":"1","b":"3","c":"5"},{"event":"x","size":"large"},"eu","aws"]`},
		{"a snapshot is whole", func(a string) []row {
			return []row{
				whole(snapshot, a, day(1, 0)), bare(updated, a, day(2, 0)).with("tags", pairs{"c": "4"}),
				event("1", snapshot, a, day(3, 0)).with("tags", pairs{"b": "2"}), bare(updated, a, day(4, 0)),
			}
		}, `["ada","running","","",[],[],{"b":"2"},{},"eu","aws"]`},
		{"a creation begins anew", func(a string) []row {
			return []row{
				whole(snapshot, a, day(1, 0)), bare(deleted, a, day(2, 0)), bare(created, a, day(3, 0)),
				bare(updated, a, day(4, 0)).with("tags", pairs{"d": "1"}),
			}
		}, `["ada","","","",[],[],{"d":"1"},{},"",""]`},
		{"there after all", func(a string) []row {
			return []row{whole(snapshot, a, day(1, 0)), bare(deleted, a, day(2, 0)), bare(updated, a, day(3, 0))}
		}, `["ada","",` + all},
		{"updates alone", func(a string) []row {
			return []row{
				bare(updated, a, day(1, 0)).with("resource_name", "n"), bare(updated, a, day(2, 0)).with("region", "us"),
				bare(updated, a, day(3, 0)).with("tags", pairs{"a": "1"}),
			}
		}, `["ada","","n","",[],[],{"a":"1"},{},"us",""]`},
		{"a restatement takes a tag back", func(a string) []row {
			e := bare(updated, a, day(2, 0))
			return []row{
				whole(snapshot, a, day(1, 0)), e.with("tags", pairs{"b": "3", "c": "4"}), e.with("tags", pairs{"b": "5"}, "observed_at", day(2, 1)),
			}
		}, `["ada","running","name","acme",["subnet","vpc"],[["in","subnet"]],{"a":"1","b":"5"},{"size":"large"},"eu","aws"]`},
		{"a snapshot restated as an update", func(a string) []row {
			e := event("1", snapshot, a, day(2, 0)).with("state", "stopped")
			return []row{whole(snapshot, a, day(1, 0)), e, e.with("event_type", updated, "observed_at", day(2, 1))}
		}, `["","stopped",` + all},
		{"a call that failed", func(a string) []row {
			return []row{whole(snapshot, a, day(1, 0)), bare(updated, a, day(2, 0)).with("error_code", "Denied", "tags", pairs{"a": "9"})}
		}, `["scan","running",` + all},
		{"a creation and an update at the same moment", func(a string) []row {
			return []row{whole(created, a, day(1, 0)), bare(updated, a, day(1, 0)).with("tags", pairs{"c": "3"})}
		}, `["ada","running","name","acme",["subnet","vpc"],[["in","subnet"]],{"a":"1","b":"2","c":"3"},{"size":"large"},"eu","aws"]`},
	} {
		var arns []string
		for j, order := range orders(len(c.rows(""))) {
			arn := fmt.Sprintf("case%d/%d/x", i, j)
			rows := c.rows(arn)
			for _, at := range append(order, order[0]) { // the first again at the end
				s.insert(t, rows[at])
			}
			arns = append(arns, arn)
		}
		got := s.lines(t, s.Users.Reader, fmt.Sprintf(`SELECT actor, state, resource_name, marqo_customer, ancestors, relations, tags, properties, region, platform
			FROM resources_current WHERE startsWith(arn, 'case%d/') FORMAT JSONCompactEachRow`, i))
		if len(got) != len(arns) {
			t.Errorf("%s: %d resources, want %d", c.name, len(got), len(arns))
		}
		for _, line := range slices.Compact(got) {
			if diff := cmp.Diff(c.want, compact(t, line)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
	}
}

// orders returns all orders of n rows.
func orders(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, rest := range orders(n - 1) {
		for at := range n {
			out = append(out, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return out
}

// compact returns JSON without its spaces.
func compact(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
