package resolve

// Resolution says how the ARN of an activity was found, or why there is none. It is the event's
// property "arn_resolution".
type Resolution string

// sureness orders the ways to find a resource, the most reliable first.
func (r Resolution) sureness() int {
	switch r {
	case ResolvedResources:
		return 0
	case ResolvedResponseARN:
		return 1
	case ResolvedRequestARN:
		return 2
	case ResolvedDetailsARN:
		return 3
	case ResolvedBuilt:
		return 4
	}
	return 5
}

// Resolutions, the most reliable first.
const (
	// ResolvedResources: an entry of the record's resources.
	ResolvedResources Resolution = "resources"
	// ResolvedResponseARN and ResolvedRequestARN: an ARN in the response or the request.
	ResolvedResponseARN Resolution = "response_arn"
	ResolvedRequestARN  Resolution = "request_arn"
	// ResolvedDetailsARN: an ARN in additionalEventData, serviceEventDetails or an
	// EventBridge detail.
	ResolvedDetailsARN Resolution = "details_arn"
	// ResolvedBuilt: built from an id or name that determines the ARN.
	ResolvedBuilt Resolution = "built_from_id"
	// ResolvedPartial: built from a name, without the random suffix that AWS adds to it (a
	// secret's partial ARN).
	ResolvedPartial Resolution = "built_partial"
	// ResolvedErrorMessage: the resource to which access was denied.
	ResolvedErrorMessage Resolution = "error_message"
	// ResolvedPrincipal: the call names no resource (a sign-in, a list); the ARN is the caller's.
	ResolvedPrincipal Resolution = "principal"
	// ResolvedAccount: no resource and no principal's ARN (an AWS service, another account's
	// user); the ARN is the account's.
	ResolvedAccount Resolution = "account"
	// UnresolvedNoParameters: a changing call whose request is not in the record, mostly because
	// it was throttled or denied.
	UnresolvedNoParameters Resolution = "unresolved_no_parameters"
	// UnresolvedFailedCreation: the call failed to create its resource.
	UnresolvedFailedCreation Resolution = "unresolved_failed_creation"
	// UnresolvedNoResource: a changing call whose parameters name no known resource.
	UnresolvedNoResource Resolution = "unresolved_no_resource"
	// UnresolvedIDWithoutARN: the id or name is known, but such resources have no ARN (a route
	// table association), or it has a part that is not in the record (an Auto Scaling group's).
	UnresolvedIDWithoutARN Resolution = "unresolved_id_without_arn"
	// UnresolvedNoAccount: the record names no resource, no principal and no account.
	UnresolvedNoAccount Resolution = "unresolved_no_account"
)
