package awsaccounts

import (
	"strings"

	"polo/envelope"
)

// roleARN returns the role's ARN in an account, in the partition of the region to be
// read.
func roleARN(role, accountID, region string) string {
	return envelope.AWSARN(envelope.PartitionOf(region), "iam", "", accountID, "role/"+strings.TrimPrefix(role, "/")).String()
}
