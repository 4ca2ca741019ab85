package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Limits of Lambda, from its quotas: all calls of the control plane except GetFunction and
// GetPolicy share 15 requests a second. The first second allows the burst in addition.
const (
	lambdaPerSecond = 12
	lambdaBurst     = 3
	lambdaPage      = 50
)

func lambdaService() Service {
	return Service{Name: "lambda", Entries: []Entry{
		hidden(vpcs()),
		{
			Type: "lambda:function",
			List: pages("ListFunctions", perService(lambdaPerSecond, lambdaBurst), lambda.NewFromConfig, func(c *lambda.Client) *lambda.ListFunctionsPaginator {
				return lambda.NewListFunctionsPaginator(c, &lambda.ListFunctionsInput{MaxItems: aws.Int32(lambdaPage)})
			}),
			Items:     "Functions",
			Also:      "GetFunction:Configuration GetFunctionConfiguration:",
			Tagged:    "lambda:function",
			ARN:       "{FunctionArn} lambda:function{FunctionName}",
			State:     "State",
			Tags:      "Tags|^Tags",
			Ancestors: "ec2:vpc{VpcConfig.VpcId}",
			// Environment variables often hold secrets, so they are not read.
			Relations: `
				uses_role    {Role}
				member_of    ec2:subnet{VpcConfig.SubnetIds}
				member_of    ec2:security-group{VpcConfig.SecurityGroupIds}
				encrypted_by kms:key{KMSKeyArn}
				attached_to  {FileSystemConfigs.Arn}
				attached_to  {DeadLetterConfig.TargetArn}
				involves     {Layers.Arn}
				involves     logs:log-group{LoggingConfig.LogGroup}`,
			Properties: `Runtime Handler PackageType Architectures MemorySize Timeout EphemeralStorage.Size=ephemeral_storage CodeSize CodeSha256 LastModified
				Version Description TracingConfig.Mode=tracing StateReasonCode LastUpdateStatus VpcConfig.VpcId`,
		},
	}}
}
