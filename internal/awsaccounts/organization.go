package awsaccounts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"polo/internal/account"
)

// OrganizationClient is the part of *organizations.Client that Organization uses.
type OrganizationClient interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	DescribeOrganizationalUnit(context.Context, *organizations.DescribeOrganizationalUnitInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationalUnitOutput, error)
	ListAccounts(context.Context, *organizations.ListAccountsInput, ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error)
	ListParents(context.Context, *organizations.ListParentsInput, ...func(*organizations.Options)) (*organizations.ListParentsOutput, error)
	organizations.ListTagsForResourceAPIClient
}

// NewOrganizationClient returns the client. cfg must belong to the management account or a delegated
// administrator.
func NewOrganizationClient(cfg aws.Config) *organizations.Client {
	return organizations.NewFromConfig(cfg)
}

// Organization lists the accounts of an AWS Organization.
type Organization struct {
	Client OrganizationClient
	// Units enables the lookup of each account's organisational units. It is the slowest part: two
	// hundred accounts take a minute.
	Units bool
}

// Rate limits from "Quotas and service limits for AWS Organizations". For an account, ListParents has
// a bucket of 8 requests that refills by 5 a second, ListTagsForResource one of 15 and 10,
// DescribeOrganizationalUnit one of 2 and 2. The rates here leave some of that to other callers.
const (
	parentsPerSecond, parentsBurst = 4, 8
	tagsPerSecond, tagsBurst       = 8, 12
	unitsPerSecond, unitsBurst     = 1.5, 2
)

// atOnce bounds the concurrent lookups of accounts.
const atOnce = 8

// List reads all accounts with their tags, and with their units if o.Units is set. The listing says
// which units or tags could not be read; an error means that the accounts themselves could not all be
// listed.
func (o Organization) List(ctx context.Context) (Listing, error) {
	org, err := o.Client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return Listing{}, fmt.Errorf("describing the organisation: %w", err)
	}
	l := Listing{}
	organisation := ""
	if org.Organization != nil {
		l.Management, organisation = aws.ToString(org.Organization.MasterAccountId), aws.ToString(org.Organization.Arn)
	}
	pages := organizations.NewListAccountsPaginator(o.Client, &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Listing{}, fmt.Errorf("listing the organisation's accounts: %w", err)
		}
		for i := range page.Accounts {
			a := accountOf(&page.Accounts[i])
			a.Organisation = organisation
			l.Accounts = append(l.Accounts, a)
		}
	}
	slices.SortFunc(l.Accounts, func(a, b account.Account) int { return cmp.Compare(a.ID, b.ID) })
	d := details{
		client: o.Client, placed: o.Units, organisation: organisation, units: map[string]*unit{}, missing: map[string]Missing{},
		parents: rate.NewLimiter(parentsPerSecond, parentsBurst), tagged: rate.NewLimiter(tagsPerSecond, tagsBurst),
		described: rate.NewLimiter(unitsPerSecond, unitsBurst),
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range l.Accounts {
		g.Go(func() error {
			d.of(gctx, &l.Accounts[i])
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return Listing{}, fmt.Errorf("reading the accounts' units and tags: %w", err)
	}
	for _, m := range d.missing {
		l.Missing = append(l.Missing, m)
	}
	slices.SortFunc(l.Missing, func(a, b Missing) int { return cmp.Compare(a.What, b.What) })
	return l, nil
}

func accountOf(a *types.Account) account.Account {
	status := string(a.State) // the newer field; AWS will withdraw Status
	if status == "" {
		status = string(a.Status)
	}
	return account.Account{
		ID: aws.ToString(a.Id), ARN: aws.ToString(a.Arn), Name: aws.ToString(a.Name), Email: aws.ToString(a.Email),
		Status: status,
	}
}

// details looks up units and tags. After one refusal of a call it does not make that call again: a
// role that may not list one account's tags may list none.
type details struct {
	client                     OrganizationClient
	placed                     bool // look up units
	organisation               string
	parents, tagged, described *rate.Limiter

	mu      sync.Mutex
	units   map[string]*unit
	missing map[string]Missing
}

// unit is an organisational unit or root, looked up once.
type unit struct {
	once sync.Once
	err  error
	// path lists the names from the root down, this one included; the root has none.
	path []string
	// arns lists the ARNs of this unit and all above it, the root last.
	arns []string
}

func (d *details) of(ctx context.Context, a *account.Account) {
	if d.placed {
		d.place(ctx, a)
	}
	tags, err := d.tags(ctx, a.ID)
	if err != nil {
		d.miss("organizations:ListTagsForResource", err)
		return
	}
	a.Tags = tags
}

// place finds the units that contain an account.
func (d *details) place(ctx context.Context, a *account.Account) {
	parent, err := d.parent(ctx, a.ID)
	if err != nil {
		d.miss("organizations:ListParents", err)
	} else if u := d.unit(ctx, parent); u.err != nil {
		d.miss("organizations:DescribeOrganizationalUnit", u.err)
	} else {
		a.Path, a.Units = u.path, u.arns
	}
}

func (d *details) miss(what string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, told := d.missing[what]; !told {
		d.missing[what] = Missing{What: what, Err: err}
	}
}

func (d *details) parent(ctx context.Context, child string) (types.Parent, error) {
	if err := d.parents.Wait(ctx); err != nil {
		return types.Parent{}, fmt.Errorf("waiting to list the parents of %s: %w", child, err)
	}
	out, err := d.client.ListParents(ctx, &organizations.ListParentsInput{ChildId: &child})
	switch {
	case err != nil:
		return types.Parent{}, fmt.Errorf("listing the parents of %s: %w", child, err)
	case len(out.Parents) == 0:
		return types.Parent{}, fmt.Errorf("listing the parents of %s: none", child)
	}
	return out.Parents[0], nil // AWS allows one
}

func (d *details) unit(ctx context.Context, p types.Parent) *unit {
	id := aws.ToString(p.Id)
	d.mu.Lock()
	u := d.units[id]
	if u == nil {
		u = &unit{}
		d.units[id] = u
	}
	d.mu.Unlock()
	u.once.Do(func() {
		if p.Type == types.ParentTypeRoot {
			if arn := rootARN(d.organisation, id); arn != "" {
				u.arns = []string{arn}
			}
			return
		}
		u.err = d.describe(ctx, id, u)
	})
	return u
}

func (d *details) describe(ctx context.Context, id string, u *unit) error {
	if err := d.described.Wait(ctx); err != nil {
		return fmt.Errorf("waiting to describe unit %s: %w", id, err)
	}
	out, err := d.client.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &id})
	if err != nil {
		return fmt.Errorf("describing unit %s: %w", id, err)
	}
	if out.OrganizationalUnit == nil {
		return fmt.Errorf("describing unit %s: an empty answer", id)
	}
	parent, err := d.parent(ctx, id)
	if err != nil {
		return err
	}
	above := d.unit(ctx, parent)
	if above.err != nil {
		return above.err
	}
	u.arns = append([]string{aws.ToString(out.OrganizationalUnit.Arn)}, above.arns...)
	u.path = append(slices.Clone(above.path), aws.ToString(out.OrganizationalUnit.Name))
	return nil
}

func (d *details) tags(ctx context.Context, id string) (map[string]string, error) {
	tags := map[string]string{}
	pages := organizations.NewListTagsForResourcePaginator(d.client, &organizations.ListTagsForResourceInput{ResourceId: &id})
	for pages.HasMorePages() {
		if err := d.tagged.Wait(ctx); err != nil {
			return nil, fmt.Errorf("waiting to list the tags of %s: %w", id, err)
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the tags of %s: %w", id, err)
		}
		for _, t := range page.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return tags, nil
}

// rootARN builds the ARN of an organisation's root, which no call returns, from the organisation's
// ARN: arn:aws:organizations::<account>:root/<organisation>/<root>.
func rootARN(organisation, rootID string) string {
	before, after, found := strings.Cut(organisation, ":organization/")
	if !found {
		return ""
	}
	return before + ":root/" + after + "/" + rootID
}
