package envelope

// AWSARN is the ARN of those parts; region and account are empty where the
// resource has none. It checks nothing, ParseARN does.
func AWSARN(partition, service, region, account, resource string) ARN {
	return ARN{
		Platform: PlatformAWS, Partition: partition, Service: service,
		Region: region, AccountID: account, Resource: resource,
	}
}

// GitHubARN is the key of a repository, "github:org/repo", or of the
// organisation where repo is empty, "github:org".
func GitHubARN(org, repo string) ARN {
	return ARN{Platform: PlatformGitHub, Resource: join(org, repo)}
}

// CloudflareARN is the key of something Cloudflare gives ids to,
// "cloudflare:zone/<id>". What belongs to it follows as further kinds and ids:
// CloudflareARN("zone", z, "dns_record", r).
func CloudflareARN(kind, id string, nested ...string) ARN {
	return ARN{Platform: PlatformCloudflare, Resource: join(append([]string{kind, id}, nested...)...)}
}

// DatadogARN is the key of something in a Datadog organisation,
// "datadog:org/<org>/monitor/<id>", or of the organisation itself where kind and
// id are empty.
func DatadogARN(org, kind, id string) ARN {
	return ARN{Platform: PlatformDatadog, Resource: join("org", org, kind, id)}
}

// join puts the parts that are not empty between slashes.
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
