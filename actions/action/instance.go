package action

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// autoScaling is the tag that an Auto Scaling group gives its instances.
const autoScaling = "aws:autoscaling:groupName"

// inspectInstance looks at an instance. The facts are those that both actions on instances
// rest on; facts adds an action's own.
func inspectInstance(ctx context.Context, r Reader, t Target, facts func(types.Instance) Facts) (State, error) {
	out, err := r.EC2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{t.ID()}})
	if missing(err, "InvalidInstanceID.NotFound") {
		return State{}, nil
	} else if err != nil {
		return State{}, err
	}
	for _, reservation := range out.Reservations {
		for _, i := range reservation.Instances {
			if aws.ToString(i.InstanceId) != t.ID() {
				continue
			}
			s := State{Exists: stateOf(i) != types.InstanceStateNameTerminated, Facts: facts(i), Tags: ec2Tags(i.Tags), Live: i}
			if i.LaunchTime != nil {
				s.Progress = map[string]string{"launched": i.LaunchTime.UTC().Format("2006-01-02T15:04:05Z")}
			}
			return s, nil
		}
	}
	return State{}, nil
}

func stateOf(i types.Instance) types.InstanceStateName {
	if i.State == nil {
		return ""
	}
	return i.State.Name
}

// StopInstance stops an instance.
type StopInstance struct{}

// Info implements Action.
func (StopInstance) Info() Info {
	return Info{
		ID: "stop_instance", Title: "Stop an instance", Service: "ec2", Type: "ec2:instance", SavingPercent: 100,
		Rules: []string{"owner_missing", "owner_inconsistent"},
		Undo:  "start the instance; a public address that AWS chose is another then",
	}
}

// Check implements Action.
func (a StopInstance) Check(t Target) error { return check(a.Info(), t) }

// Inspect implements Action.
func (StopInstance) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	s, err := inspectInstance(ctx, r, t, func(i types.Instance) Facts {
		group := ""
		for _, tag := range i.Tags {
			if aws.ToString(tag.Key) == autoScaling {
				group = aws.ToString(tag.Value)
			}
		}
		return Facts{
			"state": string(stateOf(i)), "instance_type": string(i.InstanceType), "root_device_type": string(i.RootDeviceType),
			"lifecycle": string(i.InstanceLifecycle), "auto_scaling_group": group,
		}
	})
	if err != nil || !s.Exists {
		return s, err
	}
	kind := types.InstanceType(s.Facts["instance_type"])
	out, err := r.EC2.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{kind}})
	if err != nil {
		return State{}, err
	}
	for _, one := range out.InstanceTypes {
		if one.InstanceType == kind && one.InstanceStorageSupported != nil {
			s.Facts["instance_store"] = yes(*one.InstanceStorageSupported)
		}
	}
	return s, nil
}

// Precondition implements Action.
func (StopInstance) Precondition(_ Target, s State) error {
	switch f := s.Facts; {
	case !s.Exists:
		return notApplicable("there is no such instance")
	case f["state"] != "running":
		return notApplicable("it is %s, not running", f["state"])
	case f["root_device_type"] != "ebs":
		return notApplicable("its root device is not EBS: its data would be lost")
	case f["instance_store"] != "false":
		return notApplicable("instances of its type have disks of the host, whose data would be lost, or it is not known whether they have")
	case f["lifecycle"] != "":
		return notApplicable("it is a %s instance", f["lifecycle"])
	case f["auto_scaling_group"] != "":
		return notApplicable("it is one of the Auto Scaling group %s, which would replace it", f["auto_scaling_group"])
	}
	return nil
}

// Steps implements Action.
func (StopInstance) Steps(t Target, _ Facts) []Step {
	in := &ec2.StopInstancesInput{InstanceIds: []string{t.ID()}}
	return []Step{{
		Service: "ec2", Operation: "StopInstances", Input: in, Grants: []Grant{allow("ec2:StopInstances", t.ARN)},
		Do:     func(ctx context.Context, w Writer) error { _, err := w.EC2.StopInstances(ctx, in); return err },
		Effect: becomes("stopped", "stopping"),
	}}
}

// Undo implements Action.
func (StopInstance) Undo(t Target, _ Facts) []Step {
	in := &ec2.StartInstancesInput{InstanceIds: []string{t.ID()}}
	return []Step{{
		Service: "ec2", Operation: "StartInstances", Input: in, Grants: []Grant{allow("ec2:StartInstances", t.ARN)},
		Do:     func(ctx context.Context, w Writer) error { _, err := w.EC2.StartInstances(ctx, in); return err },
		Effect: becomes("running", "pending"),
	}}
}

// becomes returns the effect of a call that leads to a state by way of another.
func becomes(state, by string) func(State) Effect {
	return func(s State) Effect {
		switch s.Facts["state"] {
		case state:
			return Taken
		case by:
			return Underway
		}
		return Absent
	}
}

// RequireIMDSv2 makes an instance refuse requests of IMDSv1.
type RequireIMDSv2 struct{}

// Info implements Action.
func (RequireIMDSv2) Info() Info {
	return Info{
		ID: "require_imdsv2", Title: "Require IMDSv2 on an instance", Service: "ec2", Type: "ec2:instance", Rules: []string{"ec2_imdsv1"},
		Undo: "make session tokens optional again", UndoExposes: "the credentials of the instance's role to requests of IMDSv1",
	}
}

// Check implements Action.
func (a RequireIMDSv2) Check(t Target) error { return check(a.Info(), t) }

// Inspect implements Action.
func (RequireIMDSv2) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	return inspectInstance(ctx, r, t, func(i types.Instance) Facts {
		f := Facts{"http_tokens": "", "http_endpoint": ""}
		if o := i.MetadataOptions; o != nil {
			f["http_tokens"], f["http_endpoint"] = string(o.HttpTokens), string(o.HttpEndpoint)
		}
		return f
	})
}

// Precondition implements Action.
func (RequireIMDSv2) Precondition(_ Target, s State) error {
	switch f := s.Facts; {
	case !s.Exists:
		return notApplicable("there is no such instance")
	case f["http_tokens"] == "required":
		return notApplicable("it requires IMDSv2 already")
	case f["http_tokens"] != "optional":
		return notApplicable("its metadata options are not known")
	}
	return nil
}

// Steps implements Action.
func (a RequireIMDSv2) Steps(t Target, _ Facts) []Step {
	return []Step{a.set(t, types.HttpTokensStateRequired)}
}

// Undo implements Action.
func (a RequireIMDSv2) Undo(t Target, _ Facts) []Step {
	return []Step{a.set(t, types.HttpTokensStateOptional)}
}

func (RequireIMDSv2) set(t Target, tokens types.HttpTokensState) Step {
	in := &ec2.ModifyInstanceMetadataOptionsInput{InstanceId: aws.String(t.ID()), HttpTokens: tokens}
	return Step{
		Service: "ec2", Operation: "ModifyInstanceMetadataOptions", Input: in, Grants: []Grant{allow("ec2:ModifyInstanceMetadataOptions", t.ARN)},
		Do: func(ctx context.Context, w Writer) error {
			_, err := w.EC2.ModifyInstanceMetadataOptions(ctx, in)
			return err
		},
		Effect: func(s State) Effect { return taken(s.Facts["http_tokens"] == string(tokens)) },
	}
}
