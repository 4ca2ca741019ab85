package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// IAM publishes no limits, and one region answers for the whole account; this is low, to leave
// room for others.
const (
	iamPerSecond = 5
	iamPage      = 1000
)

func iamRate() rates { return perCall(iamPerSecond, iamPerSecond) }

// authorizationDetails lists users or roles with their tags. ListUsers and ListRoles omit tags,
// which would take a request each.
func authorizationDetails(of types.EntityType) Call {
	return pages("GetAccountAuthorizationDetails", iamRate(), iam.NewFromConfig, func(c *iam.Client) *iam.GetAccountAuthorizationDetailsPaginator {
		return iam.NewGetAccountAuthorizationDetailsPaginator(c, &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{of}, MaxItems: aws.Int32(iamPage)})
	})
}

func iamService() Service {
	return Service{Name: "iam", Global: true, Entries: []Entry{
		{
			Type:  "iam:role",
			List:  authorizationDetails(types.EntityTypeRole),
			Items: "RoleDetailList",
			Also:  "ListRoles:Roles[] GetRole:Role",
			ARN:   "{Arn}",
			Name:  "RoleName",
			// Inline policies are not properties, because they may be of any size.
			Relations: `
				attached_to {AttachedManagedPolicies.PolicyArn}
				involves    {PermissionsBoundary.PermissionsBoundaryArn}`,
			Properties: `RoleId Path CreateDate Description MaxSessionDuration AssumeRolePolicyDocument RoleLastUsed.LastUsedDate RoleLastUsed.Region=last_used_region
				RolePolicyList.PolicyName=inline_policies PermissionsBoundary.PermissionsBoundaryArn`,
			Parent: true,
		},
		{
			Type:  "iam:user",
			List:  authorizationDetails(types.EntityTypeUser),
			Items: "UserDetailList",
			Also:  "ListUsers:Users[] GetUser:User",
			ARN:   "{Arn}",
			Name:  "UserName",
			Relations: `
				member_of   iam:group{GroupList}
				attached_to {AttachedManagedPolicies.PolicyArn}
				involves    {PermissionsBoundary.PermissionsBoundaryArn}`,
			Properties: "UserId Path CreateDate PasswordLastUsed=last_sign_in UserPolicyList.PolicyName=inline_policies PermissionsBoundary.PermissionsBoundaryArn",
		},
		{
			Type: "iam:instance-profile",
			List: pages("ListInstanceProfiles", iamRate(), iam.NewFromConfig, func(c *iam.Client) *iam.ListInstanceProfilesPaginator {
				return iam.NewListInstanceProfilesPaginator(c, &iam.ListInstanceProfilesInput{MaxItems: aws.Int32(iamPage)})
			}),
			Items:      "InstanceProfiles",
			Also:       "GetInstanceProfile:InstanceProfile",
			Tagged:     "iam:instance-profile",
			ARN:        "{Arn}",
			Name:       "InstanceProfileName",
			Relations:  "uses_role {Roles.Arn}",
			Inherits:   "{Roles.Arn}",
			Properties: "InstanceProfileId Path CreateDate",
		},
	}}
}
