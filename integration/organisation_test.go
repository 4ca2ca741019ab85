package integration_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/errgroup"

	"polo/internal/awsaccounts"
)

const externalID = "polo-external-id"

// organisation is what the test created in a cloud.
type organisation struct {
	// accounts are the active ones, the management account first; suspended is one more.
	accounts  []string
	suspended string
	sessions  *awsaccounts.Sessions
}

// callerConfig returns a configuration with the management account's own credentials.
func callerConfig() aws.Config {
	return aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

func patient() awsaccounts.Timeouts {
	return awsaccounts.Timeouts{Connect: time.Minute, Answer: 4 * time.Minute, Whole: 5 * time.Minute}
}

// makeOrganisation creates n active accounts and a suspended one, in two units.
func makeOrganisation(t *testing.T, c *cloud, n int) *organisation {
	t.Helper()
	sessions, err := awsaccounts.NewSessions(awsaccounts.Config{
		Base: callerConfig(), Role: "prod-PoloReadRole", ExternalID: externalID, Endpoint: c.URL, Timeouts: patient(),
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &organisation{accounts: []string{management}, sessions: sessions}
	ctx, client := t.Context(), awsaccounts.NewOrganizationClient(sessions.Own(""))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = client.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll})
	must(err)
	roots, err := client.ListRoots(ctx, &organizations.ListRootsInput{})
	must(err)
	root := roots.Roots[0].Id
	outer, err := client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String("Workloads")})
	must(err)
	inner, err := client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: outer.OrganizationalUnit.Id, Name: aws.String("Production")})
	must(err)
	for i := range n {
		made, err := client.CreateAccount(ctx, &organizations.CreateAccountInput{
			AccountName: aws.String(fmt.Sprintf("team-%02d", i)), Email: aws.String(fmt.Sprintf("team-%02d@example.com", i)),
			Tags: []types.Tag{{Key: aws.String("polo:role"), Value: aws.String("production")}, {Key: aws.String("customer"), Value: aws.String(fmt.Sprintf("customer-%d", i))}},
		})
		must(err)
		id := aws.ToString(made.CreateAccountStatus.AccountId)
		if i == n-1 {
			_, err := client.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &id})
			must(err)
			o.suspended = id
			continue
		}
		_, err = client.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &id, SourceParentId: root, DestinationParentId: inner.OrganizationalUnit.Id})
		must(err)
		o.accounts = append(o.accounts, id)
	}
	return o
}

// createResources starts two instances and creates a volume in each account and region, and
// returns the volumes' ids by "account region".
func (o *organisation) createResources(t *testing.T, regions []string) map[string]string {
	t.Helper()
	var mu sync.Mutex
	volumes := map[string]string{}
	o.each(t, regions, func(ctx context.Context, client *ec2.Client, scope, region string) error {
		vpc, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
		if err != nil {
			return fmt.Errorf("making a VPC: %w", err)
		}
		subnet, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.1.0/24")})
		if err != nil {
			return fmt.Errorf("making a subnet: %w", err)
		}
		if _, err := client.RunInstances(ctx, &ec2.RunInstancesInput{
			ImageId: aws.String("ami-12c6146b"), MinCount: aws.Int32(2), MaxCount: aws.Int32(2),
			InstanceType: ec2types.InstanceTypeT3Micro, SubnetId: subnet.Subnet.SubnetId,
		}); err != nil {
			return fmt.Errorf("running instances: %w", err)
		}
		volume, err := client.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: aws.String(region + "a"), Size: aws.Int32(1)})
		if err != nil {
			return fmt.Errorf("making a volume: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		volumes[scope] = aws.ToString(volume.VolumeId)
		return nil
	})
	return volumes
}

// remove deletes the volume of each account and region.
func (o *organisation) remove(t *testing.T, regions []string, volumes map[string]string) {
	t.Helper()
	o.each(t, regions, func(ctx context.Context, client *ec2.Client, scope, _ string) error {
		_, err := client.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: aws.String(volumes[scope])})
		return err
	})
}

// each calls fn for every account and region, with "account region" and the region.
func (o *organisation) each(t *testing.T, regions []string, fn func(ctx context.Context, client *ec2.Client, scope, region string) error) {
	t.Helper()
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(4) // moto is one Python process
	for _, account := range o.accounts {
		for _, region := range regions {
			g.Go(func() error {
				cfg, err := o.sessions.Config(ctx, account, region)
				if err != nil {
					return err
				}
				if err := fn(ctx, ec2.NewFromConfig(cfg), account+" "+region, region); err != nil {
					return fmt.Errorf("in %s %s: %w", account, region, err)
				}
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}
