package action

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// ReleaseAddress releases an elastic address that is associated with nothing.
type ReleaseAddress struct{}

// Info implements Action.
func (ReleaseAddress) Info() Info {
	return Info{
		ID: "release_address", Title: "Release an idle address", Service: "ec2", Type: "ec2:elastic-ip", Rules: []string{"eip_idle"}, SavingPercent: 100,
		Undo: "NONE. The address goes back to AWS and may be given to somebody else", Irreversible: "the address",
	}
}

// Check implements Action.
func (a ReleaseAddress) Check(t Target) error { return check(a.Info(), t) }

// Inspect implements Action.
func (ReleaseAddress) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	out, err := r.EC2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{t.ID()}})
	if missing(err, "InvalidAllocationID.NotFound") {
		return State{}, nil
	} else if err != nil {
		return State{}, err
	}
	for _, a := range out.Addresses {
		if aws.ToString(a.AllocationId) == t.ID() {
			return State{Exists: true, Tags: ec2Tags(a.Tags), Live: a, Facts: Facts{
				"public_ip": aws.ToString(a.PublicIp), "association_id": aws.ToString(a.AssociationId), "network_interface_id": aws.ToString(a.NetworkInterfaceId),
				"service_managed": string(a.ServiceManaged),
			}}, nil
		}
	}
	return State{}, nil
}

// Precondition implements Action.
func (ReleaseAddress) Precondition(_ Target, s State) error {
	switch {
	case !s.Exists:
		return notApplicable("there is no such address")
	case s.Facts["association_id"] != "" || s.Facts["network_interface_id"] != "":
		return notApplicable("it is associated")
	case s.Facts["service_managed"] != "":
		return notApplicable("%s manages it", s.Facts["service_managed"])
	}
	return nil
}

// Steps implements Action.
func (ReleaseAddress) Steps(t Target, _ Facts) []Step {
	in := &ec2.ReleaseAddressInput{AllocationId: aws.String(t.ID())}
	return []Step{{
		Service: "ec2", Operation: "ReleaseAddress", Input: in, Grants: []Grant{allow("ec2:ReleaseAddress", t.ARN)},
		Do:     func(ctx context.Context, w Writer) error { _, err := w.EC2.ReleaseAddress(ctx, in); return err },
		Effect: func(s State) Effect { return taken(!s.Exists) },
	}}
}

// Undo implements Action: there is none.
func (ReleaseAddress) Undo(Target, Facts) []Step { return nil }
