package costexplorer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/internal/account"
	"polo/producers/costexplorer"
)

func TestParseConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string // the collectors' sources and groups
	}{
		"default":    {"", []string{"aws.cost_explorer DAILY LINKED_ACCOUNT SERVICE"}},
		"no groups":  {`{"group_by":[]}`, []string{"aws.cost_explorer DAILY"}},
		"tag":        {`{"group_by":["TAG:aws:createdBy","COST_CATEGORY:Team"]}`, []string{"aws.cost_explorer DAILY TAG:aws:createdBy COST_CATEGORY:Team"}},
		"views":      {`{"views":[{"name":"hourly","granularity":"HOURLY"},{"name":"by_tag","group_by":["TAG:x","DIMENSION:AZ"]}]}`, []string{"aws.cost_explorer DAILY LINKED_ACCOUNT SERVICE", "aws.cost_explorer.hourly HOURLY", "aws.cost_explorer.by_tag DAILY TAG:x AZ"}},
		"three":      {`{"group_by":["AZ","SERVICE","REGION"]}`, nil},
		"twice":      {`{"group_by":["AZ","AZ"]}`, nil},
		"no group":   {`{"group_by":["service"]}`, nil},
		"no key":     {`{"group_by":["TAG:"]}`, nil},
		"monthly":    {`{"views":[{"name":"x","granularity":"MONTHLY"}]}`, nil},
		"nameless":   {`{"views":[{"granularity":"HOURLY"}]}`, nil},
		"name":       {`{"views":[{"name":"A b"}]}`, nil},
		"same names": {`{"views":[{"name":"a"},{"name":"a"}]}`, nil},
		"unknown":    {`{"grouped_by":[]}`, nil},
		"more":       {`{} {}`, nil},
		"not JSON":   {`{`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			cfg, err := costexplorer.ParseConfig([]byte(c.text))
			if err == nil {
				var all []*costexplorer.Collector
				if all, err = cfg.Collectors(nil); err == nil {
					for _, one := range all {
						line := one.Source() + " " + string(one.View().Granularity)
						for _, g := range one.View().GroupBy {
							line += " " + g.String()
						}
						got = append(got, line)
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if (err == nil) != (c.want != nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestPayers: a member's costs are part of its payer's, so the member is not queried.
func TestPayers(t *testing.T) {
	t.Parallel()
	const org = "arn:aws:organizations::111111111111:organization/o-1"
	management := account.Account{ID: "111111111111", Organisation: org, Role: "payer"}
	member := account.Account{ID: "222222222222", Organisation: org}
	byARN := account.Account{ID: "333333333333", ARN: "arn:aws:organizations::111111111111:account/o-1/333333333333"}
	alone := account.Account{ID: "044444444444"}
	for name, c := range map[string]struct {
		accounts []account.Account
		named    []string
		want     []string
	}{
		"the payer for its members": {[]account.Account{member, management, byARN, alone}, nil, []string{"111111111111 payer", "044444444444 "}},
		"members without it":        {[]account.Account{member, byARN}, nil, []string{"222222222222 ", "333333333333 "}},
		"named":                     {[]account.Account{member, management}, []string{"222222222222", "999999999999", "222222222222"}, []string{"222222222222 ", "999999999999 "}},
		"named with its role":       {[]account.Account{member, management}, []string{"111111111111"}, []string{"111111111111 payer"}},
		"none":                      {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range costexplorer.Payers(c.accounts, c.named) {
				got = append(got, s.Account.ID+" "+s.Account.Role)
				if s.Region != "" {
					t.Errorf("a region: %q", s.Region)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
