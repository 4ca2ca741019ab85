package envelope

import (
	"fmt"
	"strings"
)

// enterprise stands before an enterprise's slug, where an owner's login stands else.
const enterprise = "@enterprise"

// GitHubARN returns the key of a repository, or of its owner (an organisation or a user)
// if repo is empty. What is in either follows as a kind and its names:
//
//	GitHubARN("acme", "")                                github:acme
//	GitHubARN("acme", "Web")                             github:acme/web
//	GitHubARN("acme", "", "team", "core")                github:acme/@team/core
//	GitHubARN("acme", "", "package", "container", "x")   github:acme/@package/container/x
//	GitHubARN("acme", "web", "environment", "prod")      github:acme/web/@environment/prod
//
// GitHub takes logins and repository names in any case, so a key has them in lower case.
func GitHubARN(owner, repo string, nested ...string) ARN {
	return ARN{Platform: PlatformGitHub, Resource: join(strings.ToLower(owner), strings.ToLower(repo), inside(nested))}
}

// GitHubEnterpriseARN returns the key of an enterprise, "github:@enterprise/slug", or of
// what is in it, as GitHubARN has it.
func GitHubEnterpriseARN(slug string, nested ...string) ARN {
	return ARN{Platform: PlatformGitHub, Resource: join(enterprise, strings.ToLower(slug), inside(nested))}
}

// OnGitHubServer returns the key of the same on a GitHub Enterprise Server, or unchanged
// on github.com: "github:ghe.example.com/acme/web". A login has no dot, a server's name
// has one.
func (a ARN) OnGitHubServer(host string) ARN {
	if host = strings.ToLower(host); host != "github.com" {
		a.Resource = join(host, a.Resource)
	}
	return a
}

// inside is the path of a kind and its names. A name that begins as a kind does is
// escaped.
func inside(nested []string) string {
	if len(nested) == 0 {
		return ""
	}
	parts := make([]string, len(nested))
	for i, p := range nested {
		parts[i] = p
		if i > 0 && strings.HasPrefix(p, "@") {
			parts[i] = "%40" + p[1:]
		}
	}
	return "@" + join(parts...)
}

// splitGitHub parses the path of a key. Its id is the whole path, its type the innermost
// kind.
func splitGitHub(path string) (resourceType, id string) {
	_, owner, rest := gitHubParts(path)
	if at := strings.LastIndex("/"+rest, "/@"); at >= 0 {
		kind, _, _ := strings.Cut(rest[at+1:], "/")
		return kind, path
	}
	switch {
	case rest != "":
		return "repo", path
	case strings.HasPrefix(owner, enterprise):
		return "enterprise", path
	}
	return "org", path
}

// gitHubParts splits a path into its server, which is empty for github.com, the owner or
// enterprise, and what follows.
func gitHubParts(path string) (host, owner, rest string) {
	first, after, _ := strings.Cut(path, "/")
	if strings.Contains(first, ".") {
		host, path = first, after
	}
	owner, rest, _ = strings.Cut(path, "/")
	if owner == enterprise {
		slug, after, _ := strings.Cut(rest, "/")
		owner, rest = enterprise+"/"+slug, after
	}
	return host, owner, rest
}

// checkGitHub says what is wrong with the path of a key, without repeating it.
func checkGitHub(path string) error {
	host, owner, rest := gitHubParts(path)
	repo, nested := "", rest
	if !strings.HasPrefix(rest, "@") {
		repo, nested, _ = strings.Cut(rest, "/")
	}
	kind, names, _ := strings.Cut(nested, "/")
	switch {
	case host != strings.ToLower(host), owner != strings.ToLower(owner), repo != strings.ToLower(repo):
		return fmt.Errorf("%w: github: an upper-case letter in the server, owner or repository", ErrARN)
	case owner == "" || owner == enterprise+"/":
		return fmt.Errorf("%w: github: no owner", ErrARN)
	case strings.HasPrefix(owner, "@") && !strings.HasPrefix(owner, enterprise+"/"):
		return fmt.Errorf("%w: github: a kind without its owner", ErrARN)
	case repo != "" && strings.HasPrefix(owner, enterprise):
		return fmt.Errorf("%w: github: an enterprise has no repository", ErrARN)
	case nested != "" && (len(kind) < 2 || kind[0] != '@'):
		return fmt.Errorf("%w: github: what is in a repository begins with a kind, such as @environment", ErrARN)
	case kind != "" && names == "":
		return fmt.Errorf("%w: github: a kind without a name", ErrARN)
	}
	return nil
}
