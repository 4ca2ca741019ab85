package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Limits of Secrets Manager, from its quotas: ListSecrets has a hundred requests a second. A
// tenth is enough.
const (
	secretsmanagerPerSecond = 10
	secretsmanagerPage      = 100
)

// secretsmanagerService reads metadata of secrets, never their values.
func secretsmanagerService() Service {
	return Service{Name: "secretsmanager", Entries: []Entry{{
		Type: "secretsmanager:secret",
		List: pages("ListSecrets", perCall(secretsmanagerPerSecond, secretsmanagerPerSecond), secretsmanager.NewFromConfig, func(c *secretsmanager.Client) *secretsmanager.ListSecretsPaginator {
			return secretsmanager.NewListSecretsPaginator(c, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(secretsmanagerPage), IncludePlannedDeletion: aws.Bool(true)})
		}),
		Items: "SecretList",
		Also:  "DescribeSecret:",
		Details: []Detail{{
			Call: ask("GetResourcePolicy", perCall(secretsmanagerPerSecond, secretsmanagerPerSecond), secretsmanager.NewFromConfig, (*secretsmanager.Client).GetResourcePolicy, func(about item) *secretsmanager.GetResourcePolicyInput {
				return &secretsmanager.GetResourcePolicyInput{SecretId: about.get("ARN")}
			}),
			Else: "ResourcePolicy=none", Absent: "ResourceNotFoundException InvalidRequestException",
		}},
		ARN:  "{ARN}",
		Name: "Name",
		Relations: `
			encrypted_by kms:key{KmsKeyId}
			involves     {RotationLambdaARN}`,
		Properties: "Description CreatedDate LastChangedDate LastAccessedDate LastRotatedDate NextRotationDate DeletedDate RotationEnabled RotationRules OwningService PrimaryRegion ResourcePolicy",
	}}}
}
