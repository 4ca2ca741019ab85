package action

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"polo/envelope"
)

// describeVolume returns a volume, or nil if there is none.
func describeVolume(ctx context.Context, r Reader, id string) (*types.Volume, error) {
	out, err := r.EC2.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{id}})
	if missing(err, "InvalidVolume.NotFound") {
		return nil, nil //nolint:nilnil // no volume is an answer
	} else if err != nil {
		return nil, err
	}
	for i := range out.Volumes {
		if aws.ToString(out.Volumes[i].VolumeId) == id {
			return &out.Volumes[i], nil
		}
	}
	return nil, nil //nolint:nilnil // no volume is an answer
}

// VolumeToGP3 changes a volume from gp2 to gp3, no slower than it was.
type VolumeToGP3 struct{}

// Info implements Action.
func (VolumeToGP3) Info() Info {
	return Info{
		ID: "volume_to_gp3", Title: "Change a volume from gp2 to gp3", Service: "ec2", Type: "ec2:volume", Rules: []string{"ebs_old_generation"}, SavingPercent: 20,
		Undo: "change it back to gp2; AWS may refuse that for some hours after a change",
	}
}

// Check implements Action.
func (a VolumeToGP3) Check(t Target) error { return check(a.Info(), t) }

// Inspect implements Action.
func (VolumeToGP3) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	v, err := describeVolume(ctx, r, t.ID())
	if v == nil || err != nil {
		return State{}, err
	}
	s := State{
		Exists: true, Tags: ec2Tags(v.Tags), Live: v,
		Facts: Facts{"volume_type": string(v.VolumeType), "size": strconv.Itoa(int(aws.ToInt32(v.Size)))},
		// What is added to gp3 so that it is no slower has a price of its own.
		NoSaving: aws.ToInt32(v.Size) > gp2Small,
	}
	out, err := r.EC2.DescribeVolumesModifications(ctx, &ec2.DescribeVolumesModificationsInput{VolumeIds: []string{t.ID()}})
	switch {
	case missing(err, "InvalidVolumeModification.NotFound"):
	case err != nil:
		return State{}, err
	default:
		for _, m := range out.VolumesModifications {
			if m.ModificationState == types.VolumeModificationStateModifying && aws.ToString(m.VolumeId) == t.ID() {
				s.Progress = map[string]string{"becomes": string(m.TargetVolumeType)}
			}
		}
	}
	return s, nil
}

// Precondition implements Action.
func (VolumeToGP3) Precondition(_ Target, s State) error {
	switch {
	case !s.Exists:
		return notApplicable("there is no such volume")
	case s.Facts["volume_type"] != "gp2":
		return notApplicable("it is of type %s, not gp2", s.Facts["volume_type"])
	case s.Progress["becomes"] != "":
		return notApplicable("it is being modified")
	}
	return nil
}

// gp2's throughput is at most 128 MiB/s up to this size in GiB, and 250 above.
const gp2Small = 170

// Steps implements Action.
func (a VolumeToGP3) Steps(t Target, before Facts) []Step {
	size, err := strconv.Atoi(before["size"])
	if err != nil {
		size = 0
	}
	in := &ec2.ModifyVolumeInput{VolumeId: aws.String(t.ID()), VolumeType: types.VolumeTypeGp3}
	// gp2 has 3 IOPS a GiB, up to 16,000; gp3 has 3,000 and 125 MiB/s unless more is asked for.
	if iops := min(3*size, 16_000); iops > 3_000 {
		in.Iops = aws.Int32(int32(iops)) //nolint:gosec // at most 16,000
	}
	if size > gp2Small {
		in.Throughput = aws.Int32(250)
	}
	return []Step{a.modify(t, in)}
}

// Undo implements Action.
func (a VolumeToGP3) Undo(t Target, _ Facts) []Step {
	return []Step{a.modify(t, &ec2.ModifyVolumeInput{VolumeId: aws.String(t.ID()), VolumeType: types.VolumeTypeGp2})}
}

func (VolumeToGP3) modify(t Target, in *ec2.ModifyVolumeInput) Step {
	return Step{
		Service: "ec2", Operation: "ModifyVolume", Input: in, Grants: []Grant{allow("ec2:ModifyVolume", t.ARN)},
		Do: func(ctx context.Context, w Writer) error { _, err := w.EC2.ModifyVolume(ctx, in); return err },
		Effect: func(s State) Effect {
			if s.Facts["volume_type"] != string(in.VolumeType) && s.Progress["becomes"] == string(in.VolumeType) {
				return Underway
			}
			return taken(s.Facts["volume_type"] == string(in.VolumeType))
		},
	}
}

// deleteTime is how long after its snapshot was complete a volume may be deleted: the longer, the more may have been written to it.
const deleteTime = 15 * time.Minute

// stamp is a form of times that sort as text.
const stamp = "2006-01-02T15:04:05.000Z"

// planTag is the tag of what an action creates: its plan's id.
const planTag = "polo:plan"

// DeleteVolume makes a snapshot of a volume and, once that is complete, deletes the volume.
type DeleteVolume struct{}

// Info implements Action.
func (DeleteVolume) Info() Info {
	return Info{
		ID: "snapshot_and_delete_volume", Title: "Snapshot a volume, then delete it", Service: "ec2", Type: "ec2:volume", Rules: []string{"ebs_unattached"}, SavingPercent: 100,
		Undo: "NONE. A new volume, with another id, can be made by hand of the snapshot", Irreversible: "the volume and its id; its data stay in the snapshot",
	}
}

// Check implements Action.
func (a DeleteVolume) Check(t Target) error { return check(a.Info(), t) }

// Inspect implements Action. A snapshot counts only if it has the plan's tag and is of the volume.
func (DeleteVolume) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	v, err := describeVolume(ctx, r, t.ID())
	if err != nil {
		return State{}, err
	}
	s := State{Facts: Facts{}, Progress: map[string]string{}}
	if v != nil {
		s.Exists, s.Tags, s.Live = true, ec2Tags(v.Tags), v
		s.Facts = Facts{
			"state": string(v.State), "attachments": strconv.Itoa(len(v.Attachments)), "size": strconv.Itoa(int(aws.ToInt32(v.Size))),
			"volume_type": string(v.VolumeType), "encrypted": yes(aws.ToBool(v.Encrypted)),
		}
	}
	if t.Plan == "" {
		return s, nil
	}
	out, err := r.EC2.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{
		OwnerIds: []string{"self"},
		Filters:  []types.Filter{{Name: aws.String("tag:" + planTag), Values: []string{t.Plan}}, {Name: aws.String("volume-id"), Values: []string{t.ID()}}},
	})
	if err != nil {
		return State{}, err
	}
	for _, shot := range out.Snapshots {
		if aws.ToString(shot.VolumeId) == t.ID() {
			s.snapshot(shot, t.Planned)
		}
	}
	return s, nil
}

// snapshot adds one of the plan's snapshots to the progress. Of several, one that is not complete is told of. A tag can be set on
// any snapshot: one that began before the plan is not the plan's, whatever its tag.
func (s *State) snapshot(shot types.Snapshot, planned time.Time) {
	id := aws.ToString(shot.SnapshotId)
	switch {
	case shot.StartTime == nil || shot.StartTime.Before(planned): //mutant:delete-old-snapshot
		s.Progress["unfit"] = "the snapshot " + id + " began before the plan"
		return
	case shot.State == types.SnapshotStateError:
		s.Progress["unfit"] = "the snapshot " + id + " failed"
		return
	case shot.State == types.SnapshotStateCompleted && shot.CompletionTime == nil:
		s.Progress["unfit"] = "AWS does not say when the snapshot " + id + " was complete"
	case shot.State == types.SnapshotStateCompleted:
		// The first that was complete: what was written since may be in none.
		if at := shot.CompletionTime.UTC().Format(stamp); s.Progress["completed"] == "" || at < s.Progress["completed"] {
			s.Progress["completed"] = at
		}
	}
	if was := s.Progress["snapshot_state"]; was == "" || was == string(types.SnapshotStateCompleted) {
		s.Progress["snapshot"], s.Progress["snapshot_state"] = id, string(shot.State)
	}
}

// Precondition implements Action.
func (DeleteVolume) Precondition(_ Target, s State) error {
	switch {
	case !s.Exists:
		return notApplicable("there is no such volume")
	case s.Facts["state"] != "available" || s.Facts["attachments"] != "0":
		return notApplicable("it is %s with %s attachments, not available with none", s.Facts["state"], s.Facts["attachments"])
	}
	return nil
}

// Steps implements Action.
func (DeleteVolume) Steps(t Target, _ Facts) []Step {
	a, err := envelope.ParseARN(t.ARN)
	if err != nil {
		a.Partition = "aws"
	}
	snapshots := envelope.AWSARN(a.Partition, "ec2", t.Region, "", "snapshot/*").String()
	create := &ec2.CreateSnapshotInput{
		VolumeId: aws.String(t.ID()), Description: aws.String("Before Polo deletes " + t.ID()),
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeSnapshot,
			Tags:         []types.Tag{{Key: aws.String(planTag), Value: aws.String(t.Plan)}, {Key: aws.String("polo:volume"), Value: aws.String(t.ID())}},
		}},
	}
	del := &ec2.DeleteVolumeInput{VolumeId: aws.String(t.ID())}
	return []Step{
		{
			Service: "ec2", Operation: "CreateSnapshot", Input: create,
			Grants: []Grant{
				allow("ec2:CreateSnapshot", t.ARN, snapshots),
				allow("ec2:CreateTags", snapshots).If("ec2:CreateAction", "CreateSnapshot"),
			},
			Do:     func(ctx context.Context, w Writer) error { _, err := w.EC2.CreateSnapshot(ctx, create); return err },
			Effect: func(s State) Effect { return taken(s.Progress["snapshot"] != "") },
		},
		{
			Service: "ec2", Operation: "DeleteVolume", Input: del, Grants: []Grant{allow("ec2:DeleteVolume", t.ARN)},
			Ready: snapshotComplete,
			Until: func(s State) time.Time {
				at, err := time.Parse(stamp, s.Progress["completed"])
				if err != nil { // snapshotComplete refuses it
					return time.Time{}
				}
				return at.Add(deleteTime)
			},
			// A volume that was in use since the plan may have data that are in no snapshot.
			Unless: []string{"AttachVolume", "DetachVolume"},
			Do:     func(ctx context.Context, w Writer) error { _, err := w.EC2.DeleteVolume(ctx, del); return err },
			Effect: func(s State) Effect {
				if s.Facts["state"] == "deleting" {
					return Underway
				}
				return taken(!s.Exists)
			},
		},
	}
}

// snapshotComplete is why nothing is deleted without a snapshot.
func snapshotComplete(s State) error {
	if s.Progress["unfit"] != "" {
		return errors.New(s.Progress["unfit"])
	}
	switch s.Progress["snapshot_state"] {
	case string(types.SnapshotStateCompleted): //mutant:delete-before-snapshot
		return nil
	case "":
		return errors.New("there is no snapshot of the plan")
	}
	return fmt.Errorf("%w: the snapshot %s is %s", ErrNotReady, s.Progress["snapshot"], s.Progress["snapshot_state"])
}

// Undo implements Action: there is none.
func (DeleteVolume) Undo(Target, Facts) []Step { return nil }
