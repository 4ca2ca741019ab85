package inventory

import "github.com/aws/aws-sdk-go-v2/service/sns"

// Limits of SNS, from its quotas: ListTopics has 30 requests a second, GetTopicAttributes between
// 30 and 3,000, by region.
const (
	snsPerSecond = 25
	snsBurst     = 5
)

func snsRate() rates { return perCall(snsPerSecond, snsBurst) }

func snsService() Service {
	return Service{Name: "sns", Entries: []Entry{{
		Type: "sns:topic",
		List: pages("ListTopics", snsRate(), sns.NewFromConfig, func(c *sns.Client) *sns.ListTopicsPaginator {
			return sns.NewListTopicsPaginator(c, &sns.ListTopicsInput{})
		}),
		Items: "Topics",
		Details: []Detail{{
			Call: ask("GetTopicAttributes", snsRate(), sns.NewFromConfig, (*sns.Client).GetTopicAttributes, func(about item) *sns.GetTopicAttributesInput {
				return &sns.GetTopicAttributesInput{TopicArn: about.get("TopicArn")}
			}),
			At: "Attributes", Whole: true, Absent: "NotFound NotFoundException",
		}},
		Tagged:     "sns",
		ARN:        "{TopicArn}",
		Relations:  "encrypted_by kms:key{KmsMasterKeyId}",
		Properties: "DisplayName SubscriptionsConfirmed SubscriptionsPending SubscriptionsDeleted FifoTopic ContentBasedDeduplication SignatureVersion TracingConfig KmsMasterKeyId Policy",
	}}}
}
