package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// Limits of CloudWatch Logs, from its quotas: DescribeLogGroups has ten requests a second per
// account and region. The first second allows the burst in addition.
const (
	logsPerSecond = 8
	logsBurst     = 2
	logsPage      = 50
)

func logsService() Service {
	return Service{Name: "logs", Aliases: []string{"cloudwatchlogs"}, Entries: []Entry{{
		Type: "logs:log-group",
		List: pages("DescribeLogGroups", perCall(logsPerSecond, logsBurst), logs.NewFromConfig, func(c *logs.Client) *logs.DescribeLogGroupsPaginator {
			return logs.NewDescribeLogGroupsPaginator(c, &logs.DescribeLogGroupsInput{Limit: aws.Int32(logsPage)})
		}),
		Items:  "LogGroups",
		Tagged: "logs",
		// An ARN that ends in ":*" means the content of the group.
		ARN:        "{LogGroupArn|Arn} logs:log-group{LogGroupName}",
		Relations:  "encrypted_by kms:key{KmsKeyId}",
		Properties: "CreationTime RetentionInDays StoredBytes MetricFilterCount LogGroupClass DataProtectionStatus",
	}}}
}
