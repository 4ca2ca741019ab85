package github

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"polo/producers/exchange"
)

// route is what the address of a recorded request is about.
type route struct {
	place place
	// owner is who it is about, repo which repository of theirs; empty if it is about neither.
	owner owner
	repo  string
	// rest is the path after them: "/settings/billing/usage".
	rest string
}

// routeOf parses the address of a request to GitHub's API, and reports whether it is one.
func routeOf(x *exchange.Exchange) (route, bool) {
	if x.URL == nil {
		return route{}, false
	}
	host, path := strings.ToLower(x.URL.Host), strings.TrimSuffix(x.URL.Path, "/")
	r := route{place: placeOf(host)}
	path, server := strings.CutPrefix(path, "/api/v3")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	known := slices.Contains([]string{"orgs", "organizations", "users", "enterprises", "repos", "repositories", "app", "installation", "user"}, parts[0])
	switch {
	case r.place.host == "github.com" && (host != "" || known):
	case strings.HasSuffix(host, ".ghe.com"), server && known, x.Header.Get("X-Github-Request-Id") != "":
	default:
		return route{}, false
	}
	take := func() (first string) {
		if len(parts) > 0 {
			first, parts = parts[0], parts[1:]
		}
		return first
	}
	switch parts[0] {
	case "orgs", "organizations", "users", "enterprises":
		r.owner = owner{enterprise: take() == "enterprises"}
		r.owner.name = strings.ToLower(take())
	case "repos":
		take()
		r.owner.name, r.repo = strings.ToLower(take()), strings.ToLower(take())
	}
	if len(parts) > 0 {
		r.rest = "/" + strings.Join(parts, "/")
	}
	if r.owner.name != "" && !names.MatchString(r.owner.name) {
		r.owner = owner{}
	}
	return r, true
}

// words are the parts of paths that are no ids.
var words = regexp.MustCompile(`^(orgs|organizations|users|enterprises|repos|repositories|app|installations?|user|settings|billing|usage|summary|cost-centers|premium_request|ai_credit|` +
	`audit-log|teams|members|memberships|outside_collaborators|actions|dependabot|codespaces|secrets|variables|runners|runner-groups|public-key|access_tokens|contents|git|refs|trees|blobs|commits|` +
	`statuses|status|issues|labels|comments|pulls|reviews|hooks|releases|branches|tags|topics|keys|collaborators|deployments|environments|workflows|runs|jobs|artifacts|events|` +
	`check-runs|check-suites|milestones|projects|packages|search|code|rate_limit|graphql|meta|gists|notifications|alerts|code-scanning|secret-scanning)$`)

// callOf names the call of an exchange without ids: "GET api.github.com/repos/*/*/labels".
func callOf(x *exchange.Exchange) string {
	if x.URL == nil {
		return ""
	}
	host := cmp.Or(strings.TrimSuffix(x.URL.Host, ":443"), "api.github.com")
	parts := strings.Split(strings.Trim(x.URL.Path, "/"), "/")
	ids := 0
	for i, part := range parts {
		switch {
		case ids > 0:
			parts[i] = "*"
			ids--
		case part == "repos" && i+2 < len(parts):
			ids = 2
		case i == 0 && slices.Contains([]string{"orgs", "organizations", "users", "enterprises", "repositories"}, part):
			ids = 1
		case !words.MatchString(part) && part != "api" && part != "v3":
			parts[i] = "*"
		}
	}
	return strings.ToUpper(cmp.Or(x.Method, http.MethodGet)) + " " + host + "/" + strings.Join(parts, "/")
}

// requestOf identifies a request: its method, server, path and query, in order.
func requestOf(method string, u *url.URL) string {
	return strings.ToUpper(method) + " " + placeOf(u.Host).host + strings.TrimSuffix(u.Path, "/") + "?" + u.Query().Encode()
}

// nextOf returns the request that an answer calls the next page, "" if none. ended is false if the answer does not say that there is none.
func nextOf(x *exchange.Exchange) (request string, ended bool) {
	for _, link := range strings.Split(strings.Join(x.Header.Values("Link"), ","), ",") {
		target, params, _ := strings.Cut(strings.TrimSpace(link), ";")
		if !strings.Contains(strings.ReplaceAll(params, " ", ""), `rel="next"`) {
			continue
		}
		u, err := url.Parse(strings.Trim(target, "<>"))
		if err != nil {
			return "", false
		}
		return requestOf(http.MethodGet, u), false
	}
	return "", len(x.Header) > 0
}

// members returns the members of a body that is an object, or nil.
func members(body []byte) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return nil
	}
	return all
}

func has(m map[string]json.RawMessage, names ...string) bool {
	for _, name := range names {
		if _, ok := m[name]; !ok {
			return false
		}
	}
	return true
}
