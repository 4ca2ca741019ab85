package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// Limits of CloudWatch Logs, from its quotas: DescribeLogGroups has ten requests a second
// in each account and region. A burst comes on top of what the first second allows.
const (
	logsPerSecond = 8
	logsBurst     = 2
	logsPage      = 50
)

func logsService() Service {
	return Service{Name: "logs", Aliases: []string{"cloudwatchlogs"}, Entries: []Entry{{
		Type: "logs:log-group",
		List: pages("DescribeLogGroups", each(logsPerSecond, logsBurst), logs.NewFromConfig, func(c *logs.Client) *logs.DescribeLogGroupsPaginator {
			return logs.NewDescribeLogGroupsPaginator(c, &logs.DescribeLogGroupsInput{Limit: aws.Int32(logsPage)})
		}),
		Items:  "LogGroups",
		Tagged: "logs",
		// With ":*" at its end an ARN stands for what is in the group.
		ARN:        "{LogGroupArn|Arn} logs:log-group{LogGroupName}",
		Relations:  "encrypted_by kms:key{KmsKeyId}",
		Properties: "CreationTime RetentionInDays StoredBytes MetricFilterCount LogGroupClass DataProtectionStatus",
	}}}
}
