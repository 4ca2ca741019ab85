package action

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Reader holds the clients that actions look with. They have the read role's session, so that
// the session of a write may do the write alone.
type Reader struct {
	EC2     EC2Reader
	RDS     RDSReader
	S3      S3Reader
	Logs    LogsReader
	Tagging TaggingReader
}

// Writer holds the clients that actions change a resource with. They never retry: whether a
// call without an answer took effect is looked up, not tried again.
type Writer struct {
	EC2     EC2Writer
	RDS     RDSWriter
	S3      S3Writer
	Logs    LogsWriter
	Tagging TaggingWriter
}

// NewReader returns the clients of a configuration.
func NewReader(cfg aws.Config) Reader {
	return Reader{
		EC2: ec2.NewFromConfig(cfg), RDS: rds.NewFromConfig(cfg), S3: newS3(cfg), Logs: logs.NewFromConfig(cfg), Tagging: tagging.NewFromConfig(cfg),
	}
}

// NewWriter returns the clients of a configuration, which try each call once.
func NewWriter(cfg aws.Config) Writer {
	cfg = cfg.Copy()
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	cfg.RetryMaxAttempts, cfg.RetryMode = 0, "" // they would take precedence
	return Writer{
		EC2: ec2.NewFromConfig(cfg), RDS: rds.NewFromConfig(cfg), S3: newS3(cfg), Logs: logs.NewFromConfig(cfg), Tagging: tagging.NewFromConfig(cfg),
	}
}

func newS3(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil })
}

// The interfaces below are the calls of the SDK's clients that actions make, and no more.

// EC2Reader describes.
type EC2Reader interface {
	DescribeInstances(context.Context, *ec2.DescribeInstancesInput, ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error)
	DescribeInstanceTypes(context.Context, *ec2.DescribeInstanceTypesInput, ...func(*ec2.Options)) (*ec2.DescribeInstanceTypesOutput, error)
	DescribeVolumes(context.Context, *ec2.DescribeVolumesInput, ...func(*ec2.Options)) (*ec2.DescribeVolumesOutput, error)
	DescribeVolumesModifications(context.Context, *ec2.DescribeVolumesModificationsInput, ...func(*ec2.Options)) (*ec2.DescribeVolumesModificationsOutput, error)
	DescribeSnapshots(context.Context, *ec2.DescribeSnapshotsInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error)
	DescribeAddresses(context.Context, *ec2.DescribeAddressesInput, ...func(*ec2.Options)) (*ec2.DescribeAddressesOutput, error)
	DescribeSecurityGroups(context.Context, *ec2.DescribeSecurityGroupsInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error)
}

// EC2Writer changes.
type EC2Writer interface {
	StopInstances(context.Context, *ec2.StopInstancesInput, ...func(*ec2.Options)) (*ec2.StopInstancesOutput, error)
	StartInstances(context.Context, *ec2.StartInstancesInput, ...func(*ec2.Options)) (*ec2.StartInstancesOutput, error)
	ModifyInstanceMetadataOptions(context.Context, *ec2.ModifyInstanceMetadataOptionsInput, ...func(*ec2.Options)) (*ec2.ModifyInstanceMetadataOptionsOutput, error)
	ModifyVolume(context.Context, *ec2.ModifyVolumeInput, ...func(*ec2.Options)) (*ec2.ModifyVolumeOutput, error)
	CreateSnapshot(context.Context, *ec2.CreateSnapshotInput, ...func(*ec2.Options)) (*ec2.CreateSnapshotOutput, error)
	DeleteVolume(context.Context, *ec2.DeleteVolumeInput, ...func(*ec2.Options)) (*ec2.DeleteVolumeOutput, error)
	ReleaseAddress(context.Context, *ec2.ReleaseAddressInput, ...func(*ec2.Options)) (*ec2.ReleaseAddressOutput, error)
	RevokeSecurityGroupIngress(context.Context, *ec2.RevokeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error)
	AuthorizeSecurityGroupIngress(context.Context, *ec2.AuthorizeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error)
}

// RDSReader describes.
type RDSReader interface {
	DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error)
}

// RDSWriter changes.
type RDSWriter interface {
	ModifyDBInstance(context.Context, *rds.ModifyDBInstanceInput, ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error)
}

// S3Reader describes.
type S3Reader interface {
	GetPublicAccessBlock(context.Context, *s3.GetPublicAccessBlockInput, ...func(*s3.Options)) (*s3.GetPublicAccessBlockOutput, error)
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
}

// S3Writer changes.
type S3Writer interface {
	PutPublicAccessBlock(context.Context, *s3.PutPublicAccessBlockInput, ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error)
	DeletePublicAccessBlock(context.Context, *s3.DeletePublicAccessBlockInput, ...func(*s3.Options)) (*s3.DeletePublicAccessBlockOutput, error)
}

// LogsReader describes.
type LogsReader interface {
	DescribeLogGroups(context.Context, *logs.DescribeLogGroupsInput, ...func(*logs.Options)) (*logs.DescribeLogGroupsOutput, error)
	ListTagsForResource(context.Context, *logs.ListTagsForResourceInput, ...func(*logs.Options)) (*logs.ListTagsForResourceOutput, error)
}

// LogsWriter changes.
type LogsWriter interface {
	PutRetentionPolicy(context.Context, *logs.PutRetentionPolicyInput, ...func(*logs.Options)) (*logs.PutRetentionPolicyOutput, error)
	DeleteRetentionPolicy(context.Context, *logs.DeleteRetentionPolicyInput, ...func(*logs.Options)) (*logs.DeleteRetentionPolicyOutput, error)
}

// TaggingReader reads tags of any service's resources.
type TaggingReader interface {
	GetResources(context.Context, *tagging.GetResourcesInput, ...func(*tagging.Options)) (*tagging.GetResourcesOutput, error)
}

// TaggingWriter sets them.
type TaggingWriter interface {
	TagResources(context.Context, *tagging.TagResourcesInput, ...func(*tagging.Options)) (*tagging.TagResourcesOutput, error)
	UntagResources(context.Context, *tagging.UntagResourcesInput, ...func(*tagging.Options)) (*tagging.UntagResourcesOutput, error)
}
