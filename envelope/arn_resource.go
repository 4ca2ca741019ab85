package envelope

import "strings"

// ResourceType returns "service:type", as in the resource_type column: "ec2:instance",
// "s3:bucket", "lambda:function", "github:repo", "cloudflare:zone". The type is
// SplitResource's; without one the result is the service alone.
func (a ARN) ResourceType() string {
	service := a.Service
	if a.Platform != PlatformAWS {
		service = a.Platform
	}
	if typ, _ := a.SplitResource(); typ != "" {
		return service + ":" + typ
	}
	return service
}

// SplitResource splits the resource part into its type and its id:
//
//	instance/i-0abc             -> "instance", "i-0abc"
//	function:name:alias         -> "function", "name:alias"
//	loadbalancer/app/web/50dc   -> "loadbalancer", "app/web/50dc"
//	table/orders/index/by-day   -> "index", "orders/index/by-day" (DynamoDB)
//	/restapis/a1b2/stages/prod  -> "stages", "a1b2/stages/prod" (API Gateway)
//	my-bucket/key               -> "object", "my-bucket/key" (S3)
//	my-queue                    -> "queue", "my-queue" (SQS)
//	root                        -> "root", the account (IAM)
//
// The type is spelt as in the ARN. A resource inside another has the type of the
// innermost. A name without a type has its service's bareType, or "". On Cloudflare and
// Datadog the resource is pairs of kind and id, and the type is the last kind; on
// GitHub it is "org", "enterprise", "repo" or the last @kind.
func (a ARN) SplitResource() (resourceType, id string) {
	switch a.Platform {
	case PlatformAWS:
		return a.splitAWS()
	case PlatformGitHub:
		return splitGitHub(a.Resource)
	}
	return splitNested(a.Resource)
}

// splitNested parses pairs of kind and id, outermost first. The type is the last kind
// that has an id. The id is everything after the first kind. An object's id is its key,
// slashes included.
func splitNested(path string) (resourceType, id string) {
	resourceType, id, found := strings.Cut(path, "/")
	if !found {
		return "", path
	}
	inner := id
	for {
		_, rest, found := strings.Cut(inner, "/")
		kind, rest, paired := strings.Cut(rest, "/")
		if !found || !paired || resourceType == "object" {
			return resourceType, id
		}
		resourceType, inner = kind, rest
	}
}
