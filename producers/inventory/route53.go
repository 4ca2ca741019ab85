package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Limits of Route 53, from "Throttling API requests" in its developer guide: all calls of an
// account share a bucket of 50 requests, refilled by ten a second; it was five for long. A page
// has at most 100 zones, and a request for tags at most ten.
const (
	route53PerSecond = 5
	route53Page      = 100
	route53Tags      = 10
)

func route53Rate() rates { return perService(route53PerSecond, route53PerSecond) }

func route53Service() Service {
	return Service{Name: "route53", Global: true, Entries: []Entry{{
		Type: "route53:hostedzone",
		List: pages("ListHostedZones", route53Rate(), route53.NewFromConfig, func(c *route53.Client) *route53.ListHostedZonesPaginator {
			return route53.NewListHostedZonesPaginator(c, &route53.ListHostedZonesInput{MaxItems: aws.Int32(route53Page)})
		}),
		Items: "HostedZones",
		Also:  "GetHostedZone:HostedZone",
		Details: []Detail{{
			Call: askMany("ListTagsForResources", route53Rate(), route53.NewFromConfig, (*route53.Client).ListTagsForResources, func(about []item) *route53.ListTagsForResourcesInput {
				return &route53.ListTagsForResourcesInput{ResourceType: types.TagResourceTypeHostedzone, ResourceIds: gather(about, "Id:tail")}
			}),
			At: "ResourceTagSets", Batch: route53Tags, Match: "ResourceId=Id:tail", Absent: "NoSuchHostedZone",
		}},
		ARN:        "route53:hostedzone{Id}",
		Name:       "Name",
		Relations:  "involves ec2:vpc{^VPCs.VPCId}",
		Properties: "Config.Comment=comment Config.PrivateZone=private_zone ResourceRecordSetCount CallerReference",
	}}}
}
