package envelope

import "strings"

// splitAWS follows the resource types of AWS's service authorization reference. Most
// services use "type/id" or "type:id"; the services named here do not.
func (a ARN) splitAWS() (resourceType, id string) {
	res := strings.TrimPrefix(a.Resource, "/")
	switch a.Service {
	case "s3":
		// Only buckets and objects have neither region nor account.
		if a.Region == "" && a.AccountID == "" {
			if strings.Contains(res, "/") {
				return "object", res
			}
			return "bucket", res
		}
	case "sns":
		// A subscription is its topic's name and a UUID; platform applications
		// and endpoints are "app/..." and "endpoint/...".
		if i := strings.IndexAny(res, ":/"); i > 0 && res[i] == ':' {
			return "subscription", res
		}
	case "execute-api":
		return "api", res
	case "codepipeline":
		return splitPipeline(res)
	case "apigateway", "appmesh", "cassandra", "dynamodb", "kinesis", "s3-outposts", "s3tables", "timestream":
		return splitNested(res)
	case "logs":
		return splitLogs(res)
	case "wafv2":
		// The scope comes first: "regional/webacl/name/id".
		if scope, rest, _ := strings.Cut(res, "/"); scope == "regional" || scope == "global" {
			res = rest
		}
	case "greengrass":
		res = strings.TrimPrefix(res, "greengrass/")
	}
	if i := strings.IndexAny(res, ":/"); i >= 0 {
		return res[:i], res[i+1:]
	}
	if typ := bareType(a.Service); typ != "" {
		return typ, res
	}
	if isOwnType(a.Service, res) {
		return res, a.AccountID
	}
	return "", res
}

// bareType returns the type of a resource that is only a name.
func bareType(service string) string {
	switch service {
	case "sqs":
		return "queue"
	case "sns":
		return "topic"
	case "s3":
		return "bucket"
	case "codecommit":
		return "repository"
	}
	return ""
}

// isOwnType reports whether res is a type that an account has exactly one of, so that
// it needs no id.
func isOwnType(service, res string) bool {
	switch service {
	case "iam":
		return res == "root"
	case "sts":
		return true
	case "glue":
		return res == "catalog"
	}
	return false
}

// splitLogs parses "log-group:name", "log-group:name:*" (the same group, as API
// responses write it) and "log-group:name:log-stream:stream".
func splitLogs(res string) (resourceType, id string) {
	resourceType, id, found := strings.Cut(res, ":")
	if !found {
		return "", res
	}
	if resourceType == "log-group" && strings.Contains(id, ":log-stream:") {
		return "log-stream", strings.TrimSuffix(id, ":*")
	}
	return resourceType, strings.TrimSuffix(id, ":*")
}

// splitPipeline parses "name", "name/stage", "name/stage/action", "webhook:name" and
// "actiontype:...".
func splitPipeline(res string) (resourceType, id string) {
	i := strings.IndexAny(res, ":/")
	switch {
	case i < 0:
		return "pipeline", res
	case res[i] == ':':
		return res[:i], res[i+1:]
	case strings.Contains(res[i+1:], "/"):
		return "action", res
	}
	return "stage", res
}
