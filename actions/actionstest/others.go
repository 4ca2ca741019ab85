package actionstest

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func (r *reader) DescribeDBInstances(_ context.Context, in *rds.DescribeDBInstancesInput, _ ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error) {
	out := &rds.DescribeDBInstancesOutput{}
	return out, r.read("DescribeDBInstances", func() error {
		d := r.Databases[*in.DBInstanceIdentifier]
		if d == nil {
			return apiError("DBInstanceNotFound", "no such database")
		}
		out.DBInstances = []rdstypes.DBInstance{*d}
		return nil
	})
}

func (w *writer) ModifyDBInstance(_ context.Context, in *rds.ModifyDBInstanceInput, _ ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error) {
	arn := "arn:aws:rds:" + Region + ":" + Account + ":db:" + *in.DBInstanceIdentifier
	return &rds.ModifyDBInstanceOutput{}, w.write("ModifyDBInstance", arn, in, []call{{"rds:ModifyDBInstance", arn}}, func() error {
		d := *w.Databases[*in.DBInstanceIdentifier]
		d.PubliclyAccessible = in.PubliclyAccessible
		w.Databases[*in.DBInstanceIdentifier] = &d
		return nil
	})
}

// bucket returns a bucket of the account that the caller expects.
func (a *AWS) bucket(name, owner *string) (*Bucket, error) {
	switch b := a.Buckets[*name]; {
	case b == nil:
		return nil, apiError("NoSuchBucket", "no such bucket")
	case b.Owner != aws.ToString(owner):
		return nil, apiError("AccessDenied", "another's bucket")
	default:
		return b, nil
	}
}

func (r *reader) GetBucketTagging(_ context.Context, in *s3.GetBucketTaggingInput, _ ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error) {
	out := &s3.GetBucketTaggingOutput{}
	return out, r.read("GetBucketTagging", func() error {
		b, err := r.bucket(in.Bucket, in.ExpectedBucketOwner)
		switch {
		case err != nil:
			return err
		case len(b.Tags) == 0:
			return apiError("NoSuchTagSet", "no tags")
		}
		for k, v := range b.Tags {
			out.TagSet = append(out.TagSet, s3types.Tag{Key: aws.String(k), Value: aws.String(v)})
		}
		return nil
	})
}

func (r *reader) GetPublicAccessBlock(_ context.Context, in *s3.GetPublicAccessBlockInput, _ ...func(*s3.Options)) (*s3.GetPublicAccessBlockOutput, error) {
	out := &s3.GetPublicAccessBlockOutput{}
	return out, r.read("GetPublicAccessBlock", func() error {
		b, err := r.bucket(in.Bucket, in.ExpectedBucketOwner)
		switch {
		case err != nil:
			return err
		case b.Block == nil:
			return apiError("NoSuchPublicAccessBlockConfiguration", "none")
		}
		out.PublicAccessBlockConfiguration = b.Block
		return nil
	})
}

func (w *writer) setBlock(operation string, in any, name, owner *string, block *s3types.PublicAccessBlockConfiguration) error {
	arn := "arn:aws:s3:::" + *name
	return w.write(operation, arn, in, []call{{"s3:PutBucketPublicAccessBlock", arn}}, func() error {
		b, err := w.bucket(name, owner)
		if err == nil {
			b.Block = block
		}
		return err
	})
}

func (w *writer) PutPublicAccessBlock(_ context.Context, in *s3.PutPublicAccessBlockInput, _ ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error) {
	return &s3.PutPublicAccessBlockOutput{}, w.setBlock("PutPublicAccessBlock", in, in.Bucket, in.ExpectedBucketOwner, in.PublicAccessBlockConfiguration)
}

func (w *writer) DeletePublicAccessBlock(_ context.Context, in *s3.DeletePublicAccessBlockInput, _ ...func(*s3.Options)) (*s3.DeletePublicAccessBlockOutput, error) {
	return &s3.DeletePublicAccessBlockOutput{}, w.setBlock("DeletePublicAccessBlock", in, in.Bucket, in.ExpectedBucketOwner, nil)
}

func (r *reader) DescribeLogGroups(_ context.Context, in *logs.DescribeLogGroupsInput, _ ...func(*logs.Options)) (*logs.DescribeLogGroupsOutput, error) {
	out := &logs.DescribeLogGroupsOutput{}
	return out, r.read("DescribeLogGroups", func() error {
		for name, g := range r.LogGroups {
			if strings.HasPrefix(name, *in.LogGroupNamePrefix) {
				out.LogGroups = append(out.LogGroups, logstypes.LogGroup{LogGroupName: aws.String(name), RetentionInDays: g.Days, CreationTime: aws.Int64(g.Created)})
			}
		}
		return nil
	})
}

func (r *reader) ListTagsForResource(_ context.Context, in *logs.ListTagsForResourceInput, _ ...func(*logs.Options)) (*logs.ListTagsForResourceOutput, error) {
	out := &logs.ListTagsForResourceOutput{}
	return out, r.read("ListTagsForResource", func() error {
		_, name, _ := strings.Cut(*in.ResourceArn, ":log-group:")
		out.Tags = maps.Clone(r.LogGroups[name].Tags)
		return nil
	})
}

func (w *writer) setDays(operation, iam string, in any, name *string, days *int32) error {
	arn := "arn:aws:logs:" + Region + ":" + Account + ":log-group:" + *name
	return w.write(operation, arn, in, []call{{iam, arn}}, func() error {
		w.LogGroups[*name].Days = days
		return nil
	})
}

func (w *writer) PutRetentionPolicy(_ context.Context, in *logs.PutRetentionPolicyInput, _ ...func(*logs.Options)) (*logs.PutRetentionPolicyOutput, error) {
	return &logs.PutRetentionPolicyOutput{}, w.setDays("PutRetentionPolicy", "logs:PutRetentionPolicy", in, in.LogGroupName, in.RetentionInDays)
}

func (w *writer) DeleteRetentionPolicy(_ context.Context, in *logs.DeleteRetentionPolicyInput, _ ...func(*logs.Options)) (*logs.DeleteRetentionPolicyOutput, error) {
	return &logs.DeleteRetentionPolicyOutput{}, w.setDays("DeleteRetentionPolicy", "logs:DeleteRetentionPolicy", in, in.LogGroupName, nil)
}

func (r *reader) GetResources(_ context.Context, in *tagging.GetResourcesInput, _ ...func(*tagging.Options)) (*tagging.GetResourcesOutput, error) {
	out := &tagging.GetResourcesOutput{}
	return out, r.read("GetResources", func() error {
		tags, known := r.Tagged[in.ResourceARNList[0]]
		if !known {
			return nil
		}
		m := tagtypes.ResourceTagMapping{ResourceARN: aws.String(in.ResourceARNList[0])}
		for k, v := range tags {
			m.Tags = append(m.Tags, tagtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
		}
		out.ResourceTagMappingList = []tagtypes.ResourceTagMapping{m}
		return nil
	})
}

// MissingARN is a resource that the tagging API cannot tag, as it says in an answer that succeeds.
const MissingARN = "arn:aws:sqs:" + Region + ":" + Account + ":missing"

func (w *writer) TagResources(_ context.Context, in *tagging.TagResourcesInput, _ ...func(*tagging.Options)) (*tagging.TagResourcesOutput, error) {
	arn := in.ResourceARNList[0]
	if arn == MissingARN {
		return &tagging.TagResourcesOutput{FailedResourcesMap: map[string]tagtypes.FailureInfo{
			arn: {ErrorCode: tagtypes.ErrorCodeInvalidParameterException, ErrorMessage: aws.String("no such queue"), StatusCode: 400},
		}}, nil
	}
	return &tagging.TagResourcesOutput{}, w.write("TagResources", arn, in, []call{{"tag:TagResources", arn}, {"ec2:CreateTags", arn}}, func() error {
		tags := maps.Clone(w.Tagged[arn])
		if tags == nil {
			tags = map[string]string{}
		}
		maps.Copy(tags, in.Tags)
		w.Tagged[arn] = tags
		return nil
	})
}

func (w *writer) UntagResources(_ context.Context, in *tagging.UntagResourcesInput, _ ...func(*tagging.Options)) (*tagging.UntagResourcesOutput, error) {
	arn := in.ResourceARNList[0]
	return &tagging.UntagResourcesOutput{}, w.write("UntagResources", arn, in, []call{{"tag:UntagResources", arn}, {"ec2:DeleteTags", arn}}, func() error {
		tags := maps.Clone(w.Tagged[arn])
		for _, k := range in.TagKeys {
			delete(tags, k)
		}
		w.Tagged[arn] = tags
		return nil
	})
}
