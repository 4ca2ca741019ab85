package inventory

import "github.com/aws/aws-sdk-go-v2/service/dynamodb"

// Limits of DynamoDB, from its quotas: DescribeTable, ListTables and GetResourcePolicy share
// 2,500 requests a second. This is far lower, to leave room for others.
const dynamodbPerSecond = 10

func dynamodbRate() rates { return perCall(dynamodbPerSecond, dynamodbPerSecond) }

func dynamodbService() Service {
	return Service{Name: "dynamodb", Entries: []Entry{{
		Type: "dynamodb:table",
		List: pages("ListTables", dynamodbRate(), dynamodb.NewFromConfig, func(c *dynamodb.Client) *dynamodb.ListTablesPaginator {
			return dynamodb.NewListTablesPaginator(c, &dynamodb.ListTablesInput{})
		}),
		Items: "TableNames=TableName",
		Details: []Detail{{
			Call: ask("DescribeTable", dynamodbRate(), dynamodb.NewFromConfig, (*dynamodb.Client).DescribeTable, func(about item) *dynamodb.DescribeTableInput {
				return &dynamodb.DescribeTableInput{TableName: about.get("TableName")}
			}),
			At: "Table", Whole: true, Absent: "ResourceNotFoundException",
		}, {
			Call: ask("GetResourcePolicy", dynamodbRate(), dynamodb.NewFromConfig, (*dynamodb.Client).GetResourcePolicy, func(about item) *dynamodb.GetResourcePolicyInput {
				return &dynamodb.GetResourcePolicyInput{ResourceArn: about.get("TableArn")}
			}),
			Else: "Policy=none", Absent: "PolicyNotFoundException ResourceNotFoundException",
		}},
		Tagged: "dynamodb:table",
		ARN:    "{TableArn} dynamodb:table{TableName}",
		State:  "TableStatus",
		Relations: `
			encrypted_by kms:key{SSEDescription.KMSMasterKeyArn}
			created_from {RestoreSummary.SourceTableArn}`,
		Properties: `CreationDateTime BillingModeSummary.BillingMode ProvisionedThroughput.ReadCapacityUnits ProvisionedThroughput.WriteCapacityUnits
			TableSizeBytes ItemCount KeySchema AttributeDefinitions GlobalSecondaryIndexes LocalSecondaryIndexes StreamSpecification SSEDescription
			TableClassSummary.TableClass DeletionProtectionEnabled Replicas TableId Policy`,
	}}}
}
