package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// S3 publishes no limits of its calls about buckets; this is low, to leave room for others.
const (
	s3PerSecond = 10
	s3Page      = 1000
)

func s3Rate() rates { return perCall(s3PerSecond, s3PerSecond) }

// inRegion sends a call to the bucket's own region; others do not answer it.
func inRegion(about item) func(*s3.Options) {
	return func(o *s3.Options) {
		if region := about.get("BucketRegion|LocationConstraint:location"); *region != "" {
			o.Region = *region
		}
	}
}

func s3Service() Service {
	return Service{Name: "s3", Aliases: []string{"s3api"}, Global: true, Anywhere: []string{"s3:bucket"}, Entries: []Entry{{
		Type: "s3:bucket",
		// Only with a page size does the answer have the buckets' regions.
		List: pages("ListBuckets", s3Rate(), s3.NewFromConfig, func(c *s3.Client) *s3.ListBucketsPaginator {
			return s3.NewListBucketsPaginator(c, &s3.ListBucketsInput{MaxBuckets: aws.Int32(s3Page)})
		}),
		Items: "Buckets",
		Details: []Detail{
			{
				Call: ask("GetBucketLocation", s3Rate(), s3.NewFromConfig, (*s3.Client).GetBucketLocation, func(about item) *s3.GetBucketLocationInput {
					return &s3.GetBucketLocationInput{Bucket: about.get("Name")}
				}),
				Unless: "BucketRegion",
				// The oldest region has an empty location.
				Else: "LocationConstraint=us-east-1", Absent: "NoSuchBucket",
			},
			{
				Call: ask("GetBucketTagging", s3Rate(), s3.NewFromConfig, (*s3.Client).GetBucketTagging, func(about item) *s3.GetBucketTaggingInput {
					return &s3.GetBucketTaggingInput{Bucket: about.get("Name")}
				}, inRegion),
				Absent: "NoSuchTagSet NoSuchBucket",
			},
			{
				Call: ask("GetBucketEncryption", s3Rate(), s3.NewFromConfig, (*s3.Client).GetBucketEncryption, func(about item) *s3.GetBucketEncryptionInput {
					return &s3.GetBucketEncryptionInput{Bucket: about.get("Name")}
				}, inRegion),
				Else: "ServerSideEncryptionConfiguration=none", Absent: "ServerSideEncryptionConfigurationNotFoundError NoSuchBucket",
			},
			{
				Call: ask("GetPublicAccessBlock", s3Rate(), s3.NewFromConfig, (*s3.Client).GetPublicAccessBlock, func(about item) *s3.GetPublicAccessBlockInput {
					return &s3.GetPublicAccessBlockInput{Bucket: about.get("Name")}
				}, inRegion),
				Else: "PublicAccessBlockConfiguration=none", Absent: "NoSuchPublicAccessBlockConfiguration NoSuchBucket",
			},
			{
				Call: ask("GetBucketPolicy", s3Rate(), s3.NewFromConfig, (*s3.Client).GetBucketPolicy, func(about item) *s3.GetBucketPolicyInput {
					return &s3.GetBucketPolicyInput{Bucket: about.get("Name")}
				}, inRegion),
				Else: "Policy=none", Absent: "NoSuchBucketPolicy NoSuchBucket",
			},
			{
				Call: ask("GetBucketWebsite", s3Rate(), s3.NewFromConfig, (*s3.Client).GetBucketWebsite, func(about item) *s3.GetBucketWebsiteInput {
					return &s3.GetBucketWebsiteInput{Bucket: about.get("Name")}
				}, inRegion),
				Absent: "NoSuchWebsiteConfiguration NoSuchBucket",
			},
		},
		ARN:    "s3:bucket{Name}",
		Region: "BucketRegion|LocationConstraint:location",
		Relations: `
			encrypted_by kms:key{ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault.KMSMasterKeyID}`,
		Properties: `CreationDate ServerSideEncryptionConfiguration.Rules|ServerSideEncryptionConfiguration=encryption
			PublicAccessBlockConfiguration=public_access_block Policy IndexDocument.Suffix|RedirectAllRequestsTo.HostName=website`,
	}}}
}
