package action

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// BlockPublicAccess blocks all public access to a bucket.
type BlockPublicAccess struct{}

// Info implements Action.
func (BlockPublicAccess) Info() Info {
	return Info{
		ID: "block_public_access", Title: "Block a bucket's public access", Service: "s3", Type: "s3:bucket", Rules: []string{"s3_public_block", "s3_policy_open"},
		Undo: "restore the block's four settings as they were", UndoExposes: "the bucket, if its policy or ACLs are open",
	}
}

// Check implements Action.
func (a BlockPublicAccess) Check(t Target) error { return check(a.Info(), t) }

// blockFacts returns the facts of a block. Without one, all four settings are none.
func blockFacts(b *types.PublicAccessBlockConfiguration) Facts {
	if b == nil {
		return Facts{"block": "none"}
	}
	return Facts{
		"block": "set", "block_public_acls": yes(aws.ToBool(b.BlockPublicAcls)), "ignore_public_acls": yes(aws.ToBool(b.IgnorePublicAcls)),
		"block_public_policy": yes(aws.ToBool(b.BlockPublicPolicy)), "restrict_public_buckets": yes(aws.ToBool(b.RestrictPublicBuckets)),
	}
}

// Inspect implements Action. A bucket of another account's is refused by AWS.
func (BlockPublicAccess) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	bucket, owner := aws.String(t.ID()), aws.String(t.Account)
	s := State{Exists: true, Tags: map[string]string{}}
	tags, err := r.S3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: bucket, ExpectedBucketOwner: owner})
	switch {
	case missing(err, "NoSuchBucket"):
		return State{}, nil
	case missing(err, "NoSuchTagSet"):
	case err != nil:
		return State{}, err
	default:
		for _, tag := range tags.TagSet {
			s.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	block, err := r.S3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket, ExpectedBucketOwner: owner})
	switch {
	case missing(err, "NoSuchBucket"):
		return State{}, nil
	case missing(err, "NoSuchPublicAccessBlockConfiguration"):
		s.Facts = blockFacts(nil)
	case err != nil:
		return State{}, err
	default:
		s.Facts = blockFacts(block.PublicAccessBlockConfiguration)
	}
	s.Live = map[string]any{"bucket": t.ID(), "public_access_block": s.Facts, "tags": s.Tags}
	return s, nil
}

// whole reports whether all four settings are on.
func whole(f Facts) bool {
	return f["block_public_acls"] == "true" && f["ignore_public_acls"] == "true" && f["block_public_policy"] == "true" && f["restrict_public_buckets"] == "true"
}

// Precondition implements Action.
func (BlockPublicAccess) Precondition(_ Target, s State) error {
	switch {
	case !s.Exists:
		return notApplicable("there is no such bucket")
	case whole(s.Facts):
		return notApplicable("all public access is blocked already")
	}
	return nil
}

// Steps implements Action.
func (a BlockPublicAccess) Steps(t Target, _ Facts) []Step {
	step := a.put(t, Facts{"block_public_acls": "true", "ignore_public_acls": "true", "block_public_policy": "true", "restrict_public_buckets": "true"})
	step.Effect = func(s State) Effect { return taken(whole(s.Facts)) }
	return []Step{step}
}

func (BlockPublicAccess) put(t Target, f Facts) Step {
	in := &s3.PutPublicAccessBlockInput{
		Bucket: aws.String(t.ID()), ExpectedBucketOwner: aws.String(t.Account),
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(f["block_public_acls"] == "true"), IgnorePublicAcls: aws.Bool(f["ignore_public_acls"] == "true"),
			BlockPublicPolicy: aws.Bool(f["block_public_policy"] == "true"), RestrictPublicBuckets: aws.Bool(f["restrict_public_buckets"] == "true"),
		},
	}
	return Step{
		Service: "s3", Operation: "PutPublicAccessBlock", Input: in, Grants: []Grant{allow("s3:PutBucketPublicAccessBlock", t.ARN)},
		Do: func(ctx context.Context, w Writer) error { _, err := w.S3.PutPublicAccessBlock(ctx, in); return err },
	}
}

// Undo implements Action.
func (a BlockPublicAccess) Undo(t Target, before Facts) []Step {
	if before["block"] != "none" {
		step := a.put(t, before)
		step.Effect = func(s State) Effect {
			for name, value := range before {
				if s.Facts[name] != value {
					return Absent
				}
			}
			return Taken
		}
		return []Step{step}
	}
	in := &s3.DeletePublicAccessBlockInput{Bucket: aws.String(t.ID()), ExpectedBucketOwner: aws.String(t.Account)}
	return []Step{{
		Service: "s3", Operation: "DeletePublicAccessBlock", Input: in, Grants: []Grant{allow("s3:PutBucketPublicAccessBlock", t.ARN)},
		Do:     func(ctx context.Context, w Writer) error { _, err := w.S3.DeletePublicAccessBlock(ctx, in); return err },
		Effect: func(s State) Effect { return taken(s.Facts["block"] == "none") },
	}}
}
