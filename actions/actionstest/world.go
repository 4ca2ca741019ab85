package actionstest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/shopspring/decimal"

	"polo/actions"
	"polo/actions/action"
	"polo/envelope"
)

// People of the tests.
var (
	Ada   = actions.Person{Email: "ada@example.com", Subject: "s-ada"}     //nolint:gochecknoglobals // constant
	Grace = actions.Person{Email: "grace@example.com", Subject: "s-grace"} //nolint:gochecknoglobals // constant
)

// World is an AWS with one resource for each action, what Polo knows of it, and an engine.
type World struct {
	AWS      *AWS
	Journal  *Journal
	Evidence *Evidence
	Engine   *actions.Engine
	// Config is the engine's: change it and call Restart.
	Config actions.Config

	mu     sync.Mutex
	now    time.Time
	killed bool
}

// Cases returns an ask for each action. The resources are in an account that is for staging.
func Cases() []actions.Ask {
	return []actions.Ask{
		{Action: "tag_resource", ARN: EC2("instance/i-1"), Rule: "owner_missing", Params: map[string]string{"key": "customer", "value": "acme"}},
		{Action: "stop_instance", ARN: EC2("instance/i-1"), Rule: "owner_missing"},
		{Action: "require_imdsv2", ARN: EC2("instance/i-1"), Rule: "ec2_imdsv1"},
		{Action: "volume_to_gp3", ARN: EC2("volume/vol-1"), Rule: "ebs_old_generation"},
		{Action: "snapshot_and_delete_volume", ARN: EC2("volume/vol-1"), Rule: "ebs_unattached"},
		{Action: "release_address", ARN: EC2("elastic-ip/eipalloc-1"), Rule: "eip_idle"},
		{Action: "revoke_open_ingress", ARN: EC2("security-group/sg-1"), Rule: "sg_open_admin"},
		{Action: "make_database_private", ARN: "arn:aws:rds:" + Region + ":" + Account + ":db:db-1", Rule: "rds_public"},
		{Action: "block_public_access", ARN: "arn:aws:s3:::bucket-1", Rule: "s3_public_block"},
		{Action: "set_log_retention", ARN: "arn:aws:logs:" + Region + ":" + Account + ":log-group:/app", Rule: "log_group_kept_forever", Params: map[string]string{"days": "90"}},
	}
}

// Case returns the ask of an action.
func Case(id string) actions.Ask {
	for _, c := range Cases() {
		if c.Action == id {
			return c
		}
	}
	panic("no case of " + id)
}

func newAWS() *AWS {
	return &AWS{
		Instances: map[string]*ec2types.Instance{"i-1": {
			InstanceId: aws.String("i-1"), State: &ec2types.InstanceState{Name: ec2types.InstanceStateNameRunning}, RootDeviceType: ec2types.DeviceTypeEbs,
			InstanceType: ec2types.InstanceTypeM5Large, MetadataOptions: &ec2types.InstanceMetadataOptionsResponse{HttpTokens: ec2types.HttpTokensStateOptional, HttpEndpoint: ec2types.InstanceMetadataEndpointStateEnabled},
			Tags: []ec2types.Tag{{Key: aws.String("password"), Value: aws.String("hunter2hunter2")}},
		}},
		Volumes: map[string]*ec2types.Volume{"vol-1": {
			VolumeId: aws.String("vol-1"), State: ec2types.VolumeStateAvailable, VolumeType: ec2types.VolumeTypeGp2, Size: aws.Int32(2000), Encrypted: aws.Bool(true),
		}},
		Modifications: map[string]*ec2types.VolumeModification{},
		Addresses:     map[string]*ec2types.Address{"eipalloc-1": {AllocationId: aws.String("eipalloc-1"), PublicIp: aws.String("192.0.2.7")}},
		Groups: map[string]*ec2types.SecurityGroup{"sg-1": {
			GroupId: aws.String("sg-1"), GroupName: aws.String("web"),
			IpPermissions: []ec2types.IpPermission{
				{
					IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22),
					IpRanges:   []ec2types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}, {CidrIp: aws.String("0.0.0.0/0"), Description: aws.String("for the move")}},
					Ipv6Ranges: []ec2types.Ipv6Range{{CidrIpv6: aws.String("::/0")}},
				},
				{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
			},
		}},
		Databases: map[string]*rdstypes.DBInstance{"db-1": {
			DBInstanceIdentifier: aws.String("db-1"), DbiResourceId: aws.String("db-ABC"), DBInstanceStatus: aws.String("available"), PubliclyAccessible: aws.Bool(true),
		}},
		Buckets: map[string]*Bucket{"bucket-1": {Owner: Account, Block: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(false), BlockPublicPolicy: aws.Bool(false), RestrictPublicBuckets: aws.Bool(false),
		}}},
		LogGroups: map[string]*LogGroup{"/app": {}, "/app/other": {Days: aws.Int32(7)}},
		Tagged:    map[string]map[string]string{},
	}
}

// Key is a key of the tests' seals.
func Key(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

// Clock is when the tests begin.
func Clock() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

// NewWorld returns a world where everything is allowed in the account, which is for staging.
func NewWorld(t testing.TB) *World {
	t.Helper()
	w := &World{AWS: newAWS(), Journal: &Journal{}, now: Clock()}
	w.AWS.Now = w.Now
	w.Evidence = &Evidence{AWS: w.AWS}
	keys, err := actions.NewKeys([]string{"k2", "k1"}, map[string][]byte{"k1": Key(1), "k2": Key(2)})
	if err != nil {
		t.Fatal(err)
	}
	s := actions.Settings{Enabled: true, SecondPersonAbove: actions.Money{Amount: decimal.NewFromInt(500), Currency: "USD"}}
	for _, c := range Cases() {
		allow := actions.Allow{Action: c.Action, Accounts: []string{Account}, Environments: []string{"staging", "production"}}
		if c.Action == "tag_resource" {
			allow.Keys = []string{"customer"}
		}
		s.Allow = append(s.Allow, allow)
		w.Know(c.ARN, c.Rule, "staging")
	}
	w.Config = actions.Config{
		Settings: s, Keys: keys, Journal: w.Journal, Evidence: w.Evidence, Cloud: w.AWS, Switch: w.alive, Now: w.Now, Sleep: w.sleep,
	}
	w.Restart(t)
	return w
}

// Know makes a resource known, which violates a rule.
func (w *World) Know(arn, rule, environment string) {
	a, err := envelope.ParseARN(arn)
	if err != nil {
		panic(err)
	}
	w.Evidence.Know(arn, actions.Resource{Account: Account, Region: Region, Type: a.ResourceType(), Environment: environment})
	w.Evidence.Violate(rule, arn, actions.Violation{Status: "open", Scanned: w.Now().Add(-time.Hour)})
}

// Restart makes the engine anew, as a cold start does.
func (w *World) Restart(t testing.TB) {
	t.Helper()
	e, err := actions.New(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	w.Engine = e
}

// Now returns the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Advance moves it on.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *World) sleep(ctx context.Context, d time.Duration) error {
	w.Advance(d)
	return ctx.Err()
}

// Kill turns the kill switch.
func (w *World) Kill(off bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed = off
}

func (w *World) alive(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.killed {
		return errors.New("off")
	}
	return nil
}

// By returns a request of a person's.
func (w *World) By(p actions.Person) actions.Caller {
	return actions.Caller{Person: p, Request: actions.NewID(), Nonce: actions.NewID()}
}

// Planned plans an ask by Ada, approved by Grace for a phase.
func (w *World) Planned(t testing.TB, ask actions.Ask) (actions.Planned, []string) {
	t.Helper()
	p, err := w.Engine.Plan(t.Context(), w.By(Ada), ask)
	if err != nil {
		t.Fatalf("planning %s: %v", ask.Action, err)
	}
	return p, w.Approved(t, p, actions.PhaseExecute)
}

// Approved returns Grace's approval.
func (w *World) Approved(t testing.TB, p actions.Planned, phase actions.Phase) []string {
	t.Helper()
	a, _, err := w.Engine.Approve(t.Context(), w.By(Grace), p.Sealed, phase)
	if err != nil {
		t.Fatalf("approving %s: %v", p.Plan.Action, err)
	}
	return []string{a}
}

// State looks at an ask's resource.
func (w *World) State(t testing.TB, p actions.Planned) action.State {
	t.Helper()
	a, err := action.ByID(p.Plan.Action)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.AWS.Reader(t.Context(), Account, Region)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Inspect(t.Context(), r, p.Plan.Target())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
