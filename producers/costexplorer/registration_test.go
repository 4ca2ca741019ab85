package costexplorer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers/costexplorer"
	"polo/producers/source"
)

func TestRegistrations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setting string
		want    map[string]string // by source: the granularity and groups, or "error"
	}{
		"default": {"", map[string]string{
			"aws.cost_explorer": "DAILY [LINKED_ACCOUNT SERVICE]", "aws.cost_explorer.hourly": "HOURLY [LINKED_ACCOUNT SERVICE]", "aws.cost_explorer.tags": "error",
		}},
		"configured": {`{"group_by":["AZ"],"views":[{"name":"tags","group_by":["TAG:a"]},{"name":"hourly","granularity":"HOURLY"}]}`, map[string]string{
			"aws.cost_explorer": "DAILY [AZ]", "aws.cost_explorer.hourly": "HOURLY []", "aws.cost_explorer.tags": "DAILY [TAG:a]",
		}},
		"in error": {`{`, map[string]string{"aws.cost_explorer": "error", "aws.cost_explorer.hourly": "error", "aws.cost_explorer.tags": "error"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for _, s := range costexplorer.Registrations("tags") {
				made, err := s.New(source.Deps{Getenv: func(key string) string {
					if key != "POLO_COST_EXPLORER" {
						t.Errorf("asked for %s", key)
					}
					return c.setting
				}})
				if err != nil {
					got[s.Name] = "error"
					continue
				}
				v := made.(*costexplorer.Collector).View()
				groups := "["
				for i, g := range v.GroupBy {
					if i > 0 {
						groups += " "
					}
					groups += g.String()
				}
				got[s.Name] = string(v.Granularity) + " " + groups + "]"
				if made.Source() != s.Name {
					t.Errorf("%s makes a collector of %s", s.Name, made.Source())
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
