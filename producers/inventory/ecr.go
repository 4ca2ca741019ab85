package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
)

// ECR publishes no limits of its calls about repositories; this is low, to leave room for others.
const (
	ecrPerSecond = 10
	ecrPage      = 1000
)

func ecrService() Service {
	return Service{Name: "ecr", Entries: []Entry{{
		Type: "ecr:repository",
		List: pages("DescribeRepositories", perCall(ecrPerSecond, ecrPerSecond), ecr.NewFromConfig, func(c *ecr.Client) *ecr.DescribeRepositoriesPaginator {
			return ecr.NewDescribeRepositoriesPaginator(c, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(ecrPage)})
		}),
		Items:      "Repositories",
		Tagged:     "ecr:repository",
		ARN:        "{RepositoryArn} ecr:repository{RepositoryName}",
		Account:    "RegistryId",
		Relations:  "encrypted_by kms:key{EncryptionConfiguration.KmsKey}",
		Properties: "RepositoryUri CreatedAt ImageTagMutability ImageScanningConfiguration.ScanOnPush=scan_on_push EncryptionConfiguration.EncryptionType",
	}}}
}
