package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
)

// CloudFront publishes no limits, and one region answers for the whole account; this is low, to
// leave room for others.
const (
	cloudfrontPerSecond = 5
	cloudfrontPage      = 100
)

func cloudfrontRate() rates { return perCall(cloudfrontPerSecond, cloudfrontPerSecond) }

func cloudfrontService() Service {
	return Service{Name: "cloudfront", Global: true, Entries: []Entry{{
		Type: "cloudfront:distribution",
		List: pages("ListDistributions", cloudfrontRate(), cloudfront.NewFromConfig, func(c *cloudfront.Client) *cloudfront.ListDistributionsPaginator {
			return cloudfront.NewListDistributionsPaginator(c, &cloudfront.ListDistributionsInput{MaxItems: aws.Int32(cloudfrontPage)})
		}),
		Items: "DistributionList.Items",
		Also:  "GetDistribution:Distribution",
		Details: []Detail{{
			Call: ask("ListTagsForResource", cloudfrontRate(), cloudfront.NewFromConfig, (*cloudfront.Client).ListTagsForResource, func(about item) *cloudfront.ListTagsForResourceInput {
				return &cloudfront.ListTagsForResourceInput{Resource: about.get("ARN")}
			}),
			Absent: "NoSuchResource",
		}},
		ARN:   "{ARN}",
		Name:  "Aliases.Items|DistributionConfig.Aliases.Items|DomainName",
		State: "Status",
		Tags:  "Tags.Items",
		// Headers of origins may hold secrets, so they are not read.
		Relations: `
			involves {ViewerCertificate.ACMCertificateArn|DistributionConfig.ViewerCertificate.ACMCertificateArn}
			involves {WebACLId|DistributionConfig.WebACLId}`,
		Properties: `DomainName LastModifiedTime Enabled|DistributionConfig.Enabled PriceClass|DistributionConfig.PriceClass HttpVersion|DistributionConfig.HttpVersion
			IsIPV6Enabled|DistributionConfig.IsIPV6Enabled Comment|DistributionConfig.Comment Aliases.Items|DistributionConfig.Aliases.Items=aliases
			Origins.Items.DomainName|DistributionConfig.Origins.Items.DomainName=origins WebACLId|DistributionConfig.WebACLId=web_acl_id
			DefaultCacheBehavior.ViewerProtocolPolicy|DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy
			ViewerCertificate.MinimumProtocolVersion|DistributionConfig.ViewerCertificate.MinimumProtocolVersion`,
	}}}
}
