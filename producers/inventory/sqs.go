package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS publishes no limits of its calls about queues; this is low, to leave room for others.
const (
	sqsPerSecond = 20
	sqsPage      = 1000
)

func sqsRate() rates { return perCall(sqsPerSecond, sqsPerSecond) }

func sqsService() Service {
	return Service{Name: "sqs", Entries: []Entry{{
		Type: "sqs:queue",
		// Without a page size the list ends at 1000.
		List: pages("ListQueues", sqsRate(), sqs.NewFromConfig, func(c *sqs.Client) *sqs.ListQueuesPaginator {
			return sqs.NewListQueuesPaginator(c, &sqs.ListQueuesInput{MaxResults: aws.Int32(sqsPage)})
		}),
		Items: "QueueUrls=QueueUrl",
		Details: []Detail{{
			Call: ask("GetQueueAttributes", sqsRate(), sqs.NewFromConfig, (*sqs.Client).GetQueueAttributes, func(about item) *sqs.GetQueueAttributesInput {
				return &sqs.GetQueueAttributesInput{QueueUrl: about.get("QueueUrl"), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}}
			}),
			At: "Attributes", Whole: true, Absent: "AWS.SimpleQueueService.NonExistentQueue QueueDoesNotExist",
		}},
		Tagged:    "sqs",
		ARN:       "{QueueArn} sqs:queue{QueueUrl}",
		Relations: "encrypted_by kms:key{KmsMasterKeyId}",
		Properties: `QueueUrl ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesDelayed VisibilityTimeout
			MessageRetentionPeriod MaximumMessageSize DelaySeconds ReceiveMessageWaitTimeSeconds RedrivePolicy RedriveAllowPolicy FifoQueue
			ContentBasedDeduplication SqsManagedSseEnabled CreatedTimestamp LastModifiedTimestamp KmsMasterKeyId Policy`,
	}}}
}
