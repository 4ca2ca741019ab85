package envelope

// AWSARN builds an ARN without checking it. Region and account are empty where the
// resource has none.
func AWSARN(partition, service, region, account, resource string) ARN {
	return ARN{
		Platform: PlatformAWS, Partition: partition, Service: service,
		Region: region, AccountID: account, Resource: resource,
	}
}

// CloudflareARN returns the key of an object that has a Cloudflare id,
// "cloudflare:zone/<id>". Nested objects add further kinds and ids:
// CloudflareARN("zone", z, "dns_record", r).
func CloudflareARN(kind, id string, nested ...string) ARN {
	return ARN{Platform: PlatformCloudflare, Resource: join(append([]string{kind, id}, nested...)...)}
}

// DatadogARN returns the key of an object in a Datadog organisation,
// "datadog:org/<org>/monitor/<id>", or of the organisation itself if kind and id are
// empty.
func DatadogARN(org, kind, id string) ARN {
	return ARN{Platform: PlatformDatadog, Resource: join("org", org, kind, id)}
}

// join joins the non-empty parts with slashes.
func join(parts ...string) string {
	var path []byte
	for _, p := range parts {
		if p == "" {
			continue
		}
		if len(path) > 0 {
			path = append(path, '/')
		}
		path = append(path, p...)
	}
	return string(path)
}
