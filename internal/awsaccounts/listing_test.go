package awsaccounts_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"polo/internal/account"
	"polo/internal/awsaccounts"
)

func TestListed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       []account.Account
		says       []string
	}{
		{name: "none"},
		{
			name: "several", text: "000011112222:main:payer, 111122223333:dev\n222233334444::test,",
			want: []account.Account{{ID: "000011112222", Name: "main", Role: "payer"}, {ID: "111122223333", Name: "dev"}, {ID: "222233334444", Role: "test"}},
		},
		{name: "leading zeros lost", text: "11112222,12345678901x,0000111122223", says: []string{`"11112222"`, `"12345678901x"`, `"0000111122223"`}},
		{name: "twice", text: "000011112222,000011112222:again", says: []string{"twice"}, want: []account.Account{{ID: "000011112222"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := awsaccounts.Listed(tc.text)
			if (err != nil) != (len(tc.says) > 0) {
				t.Fatalf("error %v", err)
			}
			for _, want := range tc.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v does not mention %s", err, want)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	configured, err := awsaccounts.Roles("000000000001=configured")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := awsaccounts.Roles("1=x,000000000001,000000000002="); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("faults: %v", err)
	}
	for _, tc := range []struct {
		name string
		a    account.Account
		want string
	}{
		{"configured goes first", account.Account{ID: "000000000001", Role: "listed", Tags: map[string]string{"polo:role": "tagged"}}, "configured"},
		{"then listed", account.Account{ID: "2", Role: "listed", Tags: map[string]string{"polo:role": "tagged"}}, "listed"},
		{"then tagged", account.Account{ID: "2", Tags: map[string]string{"role": "later", "Polo:Role": "tagged"}}, "tagged"},
		{"an empty tag says nothing", account.Account{ID: "2", Tags: map[string]string{"polo:role": "", "role": "tagged"}}, "tagged"},
		{"none", account.Account{ID: "2"}, ""},
	} {
		before := awsaccounts.Listing{Accounts: []account.Account{tc.a}}
		if got := before.WithRoles(configured).Accounts[0].Role; got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		if before.Accounts[0].Role != tc.a.Role {
			t.Errorf("%s: the listing was changed", tc.name)
		}
	}
}

// organisation fakes AWS Organizations with three accounts, one a page.
type organisation struct {
	units   int // calls of DescribeOrganizationalUnit
	refused string
}

func (o *organisation) refuse(call string) error {
	if o.refused == call {
		return errors.New("refused")
	}
	return nil
}

func (o *organisation) DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error) {
	return &organizations.DescribeOrganizationOutput{Organization: &types.Organization{
		Arn: aws.String("arn:aws:organizations::000000000001:organization/o-1"), MasterAccountId: aws.String("000000000001"),
	}}, o.refuse("DescribeOrganization")
}

func (o *organisation) ListAccounts(_ context.Context, in *organizations.ListAccountsInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error) {
	a := func(id string, state types.AccountState, status types.AccountStatus) types.Account {
		return types.Account{
			Id: &id, Name: aws.String("name of " + id), Email: aws.String(id + "@example.com"), State: state, Status: status,
			Arn: aws.String("arn:aws:organizations::000000000001:account/o-1/" + id),
		}
	}
	pages := map[string]*organizations.ListAccountsOutput{
		"": {Accounts: []types.Account{a("000000000003", types.AccountStateSuspended, "")}, NextToken: aws.String("2")},
		// A page may be empty without being the last.
		"2": {NextToken: aws.String("3")},
		"3": {Accounts: []types.Account{a("000000000001", types.AccountStateActive, types.AccountStatusActive), a("000000000002", "", types.AccountStatusActive)}},
	}
	if in.NextToken != nil {
		return pages[*in.NextToken], o.refuse("ListAccounts")
	}
	return pages[""], nil
}

func (o *organisation) ListParents(_ context.Context, in *organizations.ListParentsInput, _ ...func(*organizations.Options)) (*organizations.ListParentsOutput, error) {
	parent := map[string]types.Parent{
		"000000000001": {Id: aws.String("r-1"), Type: types.ParentTypeRoot},
		"000000000002": {Id: aws.String("ou-inner"), Type: types.ParentTypeOrganizationalUnit},
		"000000000003": {Id: aws.String("ou-inner"), Type: types.ParentTypeOrganizationalUnit},
		"ou-inner":     {Id: aws.String("ou-outer"), Type: types.ParentTypeOrganizationalUnit},
		"ou-outer":     {Id: aws.String("r-1"), Type: types.ParentTypeRoot},
	}[*in.ChildId]
	return &organizations.ListParentsOutput{Parents: []types.Parent{parent}}, o.refuse("ListParents")
}

func (o *organisation) DescribeOrganizationalUnit(_ context.Context, in *organizations.DescribeOrganizationalUnitInput, _ ...func(*organizations.Options)) (*organizations.DescribeOrganizationalUnitOutput, error) {
	o.units++
	return &organizations.DescribeOrganizationalUnitOutput{OrganizationalUnit: &types.OrganizationalUnit{
		Name: aws.String(strings.TrimPrefix(*in.OrganizationalUnitId, "ou-")), Arn: aws.String("arn:aws:organizations::000000000001:ou/o-1/" + *in.OrganizationalUnitId),
	}}, o.refuse("DescribeOrganizationalUnit")
}

func (o *organisation) ListTagsForResource(_ context.Context, in *organizations.ListTagsForResourceInput, _ ...func(*organizations.Options)) (*organizations.ListTagsForResourceOutput, error) {
	return &organizations.ListTagsForResourceOutput{Tags: []types.Tag{{Key: aws.String("polo:role"), Value: aws.String("role of " + *in.ResourceId)}}}, o.refuse("ListTagsForResource")
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	o := &organisation{}
	got, err := awsaccounts.Organization{Client: o, Units: true}.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:organizations::000000000001:"
	units := []string{arn + "ou/o-1/ou-inner", arn + "ou/o-1/ou-outer", arn + "root/o-1/r-1"}
	a := func(id, status string, path, units []string) account.Account {
		return account.Account{
			ID: id, Name: "name of " + id, Email: id + "@example.com", Status: status, Path: path, Units: units, Organisation: arn + "organization/o-1",
			ARN: arn + "account/o-1/" + id, Tags: map[string]string{"polo:role": "role of " + id},
		}
	}
	want := awsaccounts.Listing{Management: "000000000001", Accounts: []account.Account{
		a("000000000001", "ACTIVE", nil, units[2:]),
		a("000000000002", "ACTIVE", []string{"outer", "inner"}, units),
		a("000000000003", "SUSPENDED", []string{"outer", "inner"}, units),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listing (-want +got):\n%s", diff)
	}
	if o.units != 2 {
		t.Errorf("2 units were described %d times", o.units)
	}
	if active := got.Active(); len(active) != 2 || active[1].ID != "000000000002" {
		t.Errorf("active: %+v", active)
	}
}

// Missing details of accounts are listed; a missing list of accounts is an error.
func TestOrganizationRefused(t *testing.T) {
	t.Parallel()
	for call, fatal := range map[string]bool{
		"DescribeOrganization": true, "ListAccounts": true, "ListParents": false, "DescribeOrganizationalUnit": false, "ListTagsForResource": false,
	} {
		got, err := awsaccounts.Organization{Client: &organisation{refused: call}, Units: true}.List(t.Context())
		if (err != nil) != fatal {
			t.Errorf("%s refused: error %v", call, err)
		}
		if !fatal && (len(got.Accounts) != 3 || len(got.Missing) != 1 || got.Missing[0].What != "organizations:"+call) {
			t.Errorf("%s refused: %+v", call, got)
		}
	}
}

// A caller that does not ask for units does not wait for them.
func TestOrganizationWithoutUnits(t *testing.T) {
	t.Parallel()
	got, err := awsaccounts.Organization{Client: &organisation{refused: "ListParents"}}.List(t.Context())
	if err != nil || len(got.Accounts) == 0 || len(got.Missing) > 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, a := range got.Accounts {
		if len(a.Units) > 0 || len(a.Tags) == 0 {
			t.Errorf("%+v", a)
		}
	}
}
