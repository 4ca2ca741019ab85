package actionstest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Account and Region are the fake's.
const (
	Account = "111122223333"
	Region  = "eu-west-1"
)

// EC2 returns the ARN of one of EC2's resources.
func EC2(resource string) string { return "arn:aws:ec2:" + Region + ":" + Account + ":" + resource }

func (r *reader) DescribeInstances(_ context.Context, in *ec2.DescribeInstancesInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error) {
	out := &ec2.DescribeInstancesOutput{}
	return out, r.read("DescribeInstances", func() error {
		i := r.Instances[in.InstanceIds[0]]
		if i == nil {
			return apiError("InvalidInstanceID.NotFound", "no such instance")
		}
		out.Reservations = []types.Reservation{{Instances: []types.Instance{*i}}}
		return nil
	})
}

func (r *reader) DescribeInstanceTypes(_ context.Context, in *ec2.DescribeInstanceTypesInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstanceTypesOutput, error) {
	out := &ec2.DescribeInstanceTypesOutput{}
	return out, r.read("DescribeInstanceTypes", func() error {
		for _, t := range in.InstanceTypes {
			out.InstanceTypes = append(out.InstanceTypes, types.InstanceTypeInfo{InstanceType: t, InstanceStorageSupported: aws.Bool(slices.Contains(r.InstanceStores, string(t)))})
		}
		return nil
	})
}

func (r *reader) DescribeVolumes(_ context.Context, in *ec2.DescribeVolumesInput, _ ...func(*ec2.Options)) (*ec2.DescribeVolumesOutput, error) {
	out := &ec2.DescribeVolumesOutput{}
	return out, r.read("DescribeVolumes", func() error {
		v := r.Volumes[in.VolumeIds[0]]
		if v == nil {
			return apiError("InvalidVolume.NotFound", "no such volume")
		}
		out.Volumes = []types.Volume{*v}
		return nil
	})
}

func (r *reader) DescribeVolumesModifications(_ context.Context, in *ec2.DescribeVolumesModificationsInput, _ ...func(*ec2.Options)) (*ec2.DescribeVolumesModificationsOutput, error) {
	out := &ec2.DescribeVolumesModificationsOutput{}
	return out, r.read("DescribeVolumesModifications", func() error {
		m := r.Modifications[in.VolumeIds[0]]
		if m == nil {
			return apiError("InvalidVolumeModification.NotFound", "it was never modified")
		}
		out.VolumesModifications = []types.VolumeModification{*m}
		return nil
	})
}

func (r *reader) DescribeSnapshots(_ context.Context, in *ec2.DescribeSnapshotsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	out := &ec2.DescribeSnapshotsOutput{}
	return out, r.read("DescribeSnapshots", func() error {
		for _, s := range r.Snapshots {
			if slices.ContainsFunc(s.Tags, func(t types.Tag) bool {
				return "tag:"+*t.Key == *in.Filters[0].Name && *t.Value == in.Filters[0].Values[0]
			}) && *s.VolumeId == in.Filters[1].Values[0] {
				out.Snapshots = append(out.Snapshots, *s)
			}
		}
		return nil
	})
}

func (r *reader) DescribeAddresses(_ context.Context, in *ec2.DescribeAddressesInput, _ ...func(*ec2.Options)) (*ec2.DescribeAddressesOutput, error) {
	out := &ec2.DescribeAddressesOutput{}
	return out, r.read("DescribeAddresses", func() error {
		a := r.Addresses[in.AllocationIds[0]]
		if a == nil {
			return apiError("InvalidAllocationID.NotFound", "no such address")
		}
		out.Addresses = []types.Address{*a}
		return nil
	})
}

func (r *reader) DescribeSecurityGroups(_ context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	out := &ec2.DescribeSecurityGroupsOutput{}
	return out, r.read("DescribeSecurityGroups", func() error {
		g := r.Groups[in.GroupIds[0]]
		if g == nil {
			return apiError("InvalidGroup.NotFound", "no such group")
		}
		out.SecurityGroups = []types.SecurityGroup{*g}
		return nil
	})
}

func (w *writer) setState(operation, iam string, in any, id string, from, to types.InstanceStateName) error {
	arn := EC2("instance/" + id)
	return w.write(operation, arn, in, []call{{iam, arn}}, func() error {
		i := w.Instances[id]
		if i == nil || i.State.Name != from {
			return apiError("IncorrectInstanceState", "not "+string(from))
		}
		changed := *i
		changed.State = &types.InstanceState{Name: to}
		w.Instances[id] = &changed
		return nil
	})
}

func (w *writer) StopInstances(_ context.Context, in *ec2.StopInstancesInput, _ ...func(*ec2.Options)) (*ec2.StopInstancesOutput, error) {
	return &ec2.StopInstancesOutput{}, w.setState("StopInstances", "ec2:StopInstances", in, in.InstanceIds[0], types.InstanceStateNameRunning, types.InstanceStateNameStopped)
}

func (w *writer) StartInstances(_ context.Context, in *ec2.StartInstancesInput, _ ...func(*ec2.Options)) (*ec2.StartInstancesOutput, error) {
	return &ec2.StartInstancesOutput{}, w.setState("StartInstances", "ec2:StartInstances", in, in.InstanceIds[0], types.InstanceStateNameStopped, types.InstanceStateNameRunning)
}

func (w *writer) ModifyInstanceMetadataOptions(_ context.Context, in *ec2.ModifyInstanceMetadataOptionsInput, _ ...func(*ec2.Options)) (*ec2.ModifyInstanceMetadataOptionsOutput, error) {
	arn := EC2("instance/" + *in.InstanceId)
	return &ec2.ModifyInstanceMetadataOptionsOutput{}, w.write("ModifyInstanceMetadataOptions", arn, in, []call{{"ec2:ModifyInstanceMetadataOptions", arn}}, func() error {
		i := *w.Instances[*in.InstanceId]
		options := *i.MetadataOptions
		options.HttpTokens = in.HttpTokens
		i.MetadataOptions = &options
		w.Instances[*in.InstanceId] = &i
		return nil
	})
}

func (w *writer) ModifyVolume(_ context.Context, in *ec2.ModifyVolumeInput, _ ...func(*ec2.Options)) (*ec2.ModifyVolumeOutput, error) {
	arn := EC2("volume/" + *in.VolumeId)
	return &ec2.ModifyVolumeOutput{}, w.write("ModifyVolume", arn, in, []call{{"ec2:ModifyVolume", arn}}, func() error {
		v := *w.Volumes[*in.VolumeId]
		v.VolumeType, v.Iops, v.Throughput = in.VolumeType, in.Iops, in.Throughput
		w.Volumes[*in.VolumeId] = &v
		return nil
	})
}

// CreateSnapshot begins a snapshot, which is pending until CompleteSnapshots.
func (w *writer) CreateSnapshot(_ context.Context, in *ec2.CreateSnapshotInput, _ ...func(*ec2.Options)) (*ec2.CreateSnapshotOutput, error) {
	arn := EC2("volume/" + *in.VolumeId)
	needs := []call{{"ec2:CreateSnapshot", arn}, {"ec2:CreateTags", "arn:aws:ec2:" + Region + "::snapshot/snap-1"}}
	return &ec2.CreateSnapshotOutput{}, w.write("CreateSnapshot", arn, in, needs, func() error {
		if w.Volumes[*in.VolumeId] == nil {
			return apiError("InvalidVolume.NotFound", "no such volume")
		}
		now := time.Now
		if w.Now != nil {
			now = w.Now
		}
		w.Snapshots = append(w.Snapshots, &types.Snapshot{
			StartTime: aws.Time(now()), SnapshotId: aws.String(fmt.Sprintf("snap-%d", len(w.Snapshots)+1)), VolumeId: in.VolumeId, State: types.SnapshotStatePending, Tags: in.TagSpecifications[0].Tags,
		})
		return nil
	})
}

// CompleteSnapshots completes all snapshots at a time, also those that were complete before.
func (a *AWS) CompleteSnapshots(at time.Time) {
	a.Change(func(a *AWS) {
		for i, s := range a.Snapshots {
			done := *s
			done.State, done.CompletionTime = types.SnapshotStateCompleted, &at
			a.Snapshots[i] = &done
		}
	})
}

func (w *writer) DeleteVolume(_ context.Context, in *ec2.DeleteVolumeInput, _ ...func(*ec2.Options)) (*ec2.DeleteVolumeOutput, error) {
	arn := EC2("volume/" + *in.VolumeId)
	return &ec2.DeleteVolumeOutput{}, w.write("DeleteVolume", arn, in, []call{{"ec2:DeleteVolume", arn}}, func() error {
		if w.Volumes[*in.VolumeId] == nil {
			return apiError("InvalidVolume.NotFound", "no such volume")
		}
		delete(w.Volumes, *in.VolumeId)
		return nil
	})
}

func (w *writer) ReleaseAddress(_ context.Context, in *ec2.ReleaseAddressInput, _ ...func(*ec2.Options)) (*ec2.ReleaseAddressOutput, error) {
	arn := EC2("elastic-ip/" + *in.AllocationId)
	return &ec2.ReleaseAddressOutput{}, w.write("ReleaseAddress", arn, in, []call{{"ec2:ReleaseAddress", arn}}, func() error {
		if w.Addresses[*in.AllocationId] == nil {
			return apiError("InvalidAllocationID.NotFound", "no such address")
		}
		delete(w.Addresses, *in.AllocationId)
		return nil
	})
}

// RevokeSecurityGroupIngress removes the ranges, all or none.
func (w *writer) RevokeSecurityGroupIngress(_ context.Context, in *ec2.RevokeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	arn := EC2("security-group/" + *in.GroupId)
	return &ec2.RevokeSecurityGroupIngressOutput{}, w.write("RevokeSecurityGroupIngress", arn, in, []call{{"ec2:RevokeSecurityGroupIngress", arn}}, func() error {
		g := *w.Groups[*in.GroupId]
		left := clonePermissions(g.IpPermissions)
		for _, p := range in.IpPermissions {
			found := false
			for i := range left {
				if !samePorts(left[i], p) {
					continue
				}
				before := len(left[i].IpRanges) + len(left[i].Ipv6Ranges)
				left[i].IpRanges = slices.DeleteFunc(left[i].IpRanges, func(r types.IpRange) bool {
					return slices.ContainsFunc(p.IpRanges, func(x types.IpRange) bool { return *x.CidrIp == *r.CidrIp })
				})
				left[i].Ipv6Ranges = slices.DeleteFunc(left[i].Ipv6Ranges, func(r types.Ipv6Range) bool {
					return slices.ContainsFunc(p.Ipv6Ranges, func(x types.Ipv6Range) bool { return *x.CidrIpv6 == *r.CidrIpv6 })
				})
				found = found || before > len(left[i].IpRanges)+len(left[i].Ipv6Ranges)
			}
			if !found {
				return apiError("InvalidPermission.NotFound", "the group has no such permission")
			}
		}
		g.IpPermissions = slices.DeleteFunc(left, func(p types.IpPermission) bool { return len(p.IpRanges)+len(p.Ipv6Ranges)+len(p.UserIdGroupPairs) == 0 })
		w.Groups[*in.GroupId] = &g
		return nil
	})
}

func (w *writer) AuthorizeSecurityGroupIngress(_ context.Context, in *ec2.AuthorizeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	arn := EC2("security-group/" + *in.GroupId)
	return &ec2.AuthorizeSecurityGroupIngressOutput{}, w.write("AuthorizeSecurityGroupIngress", arn, in, []call{{"ec2:AuthorizeSecurityGroupIngress", arn}}, func() error {
		g := *w.Groups[*in.GroupId]
		all := clonePermissions(g.IpPermissions)
		for _, p := range in.IpPermissions {
			i := slices.IndexFunc(all, func(have types.IpPermission) bool { return samePorts(have, p) })
			if i < 0 {
				all = append(all, types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort})
				i = len(all) - 1
			}
			all[i].IpRanges = append(all[i].IpRanges, p.IpRanges...)
			all[i].Ipv6Ranges = append(all[i].Ipv6Ranges, p.Ipv6Ranges...)
		}
		g.IpPermissions = all
		w.Groups[*in.GroupId] = &g
		return nil
	})
}

func samePorts(a, b types.IpPermission) bool {
	return reflect.DeepEqual([]any{a.IpProtocol, a.FromPort, a.ToPort}, []any{b.IpProtocol, b.FromPort, b.ToPort})
}

func clonePermissions(all []types.IpPermission) []types.IpPermission {
	out := slices.Clone(all)
	for i := range out {
		out[i].IpRanges, out[i].Ipv6Ranges = slices.Clone(out[i].IpRanges), slices.Clone(out[i].Ipv6Ranges)
	}
	return out
}
