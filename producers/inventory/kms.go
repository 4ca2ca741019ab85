package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// Limits of KMS, from its request quotas: DescribeKey has 2000 requests a second per account and
// region, ListKeys and ListAliases have 500. This is a tenth of the lowest, to leave room for
// others.
const (
	kmsPerSecond = 50
	kmsKeys      = 1000
	kmsAliases   = 100
)

func kmsRate() rates { return perCall(kmsPerSecond, kmsPerSecond) }

func kmsService() Service {
	return Service{Name: "kms", Entries: []Entry{
		{
			Type: "kms:key",
			List: pages("ListKeys", kmsRate(), kms.NewFromConfig, func(c *kms.Client) *kms.ListKeysPaginator {
				return kms.NewListKeysPaginator(c, &kms.ListKeysInput{Limit: aws.Int32(kmsKeys)})
			}),
			Items: "Keys",
			Details: []Detail{{
				Call: ask("DescribeKey", kmsRate(), kms.NewFromConfig, (*kms.Client).DescribeKey, func(about item) *kms.DescribeKeyInput {
					return &kms.DescribeKeyInput{KeyId: about.get("KeyId")}
				}),
				At: "KeyMetadata", Whole: true, Absent: "NotFoundException",
			}, {
				Call: ask("GetKeyRotationStatus", kmsRate(), kms.NewFromConfig, (*kms.Client).GetKeyRotationStatus, func(about item) *kms.GetKeyRotationStatusInput {
					return &kms.GetKeyRotationStatusInput{KeyId: about.get("KeyId")}
				}),
				// KMS rotates no other keys at the customer's wish.
				Only: "KeyManager=CUSTOMER KeySpec=SYMMETRIC_DEFAULT Origin=AWS_KMS KeyState=Enabled", Absent: "NotFoundException",
			}},
			Tagged: "kms",
			ARN:    "{Arn|KeyArn} kms:key{KeyId}",
			State:  "KeyState",
			Properties: `Description CreationDate DeletionDate Enabled KeyManager KeyUsage KeySpec Origin MultiRegion MultiRegionConfiguration.MultiRegionKeyType
				PendingDeletionWindowInDays ValidTo KeyRotationEnabled RotationPeriodInDays`,
			Relations: "involves {MultiRegionConfiguration.PrimaryKey.Arn}",
			Parent:    true,
		},
		{
			Type: "kms:alias",
			List: pages("ListAliases", kmsRate(), kms.NewFromConfig, func(c *kms.Client) *kms.ListAliasesPaginator {
				return kms.NewListAliasesPaginator(c, &kms.ListAliasesInput{Limit: aws.Int32(kmsAliases)})
			}),
			Items:      "Aliases",
			ARN:        "{AliasArn} kms:key{AliasName}",
			Relations:  "involves kms:key{TargetKeyId}",
			Inherits:   "kms:key{TargetKeyId}",
			Properties: "AliasName TargetKeyId CreationDate LastUpdatedDate",
		},
	}}
}
