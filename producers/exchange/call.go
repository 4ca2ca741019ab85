package exchange

import (
	"regexp"
	"strings"
)

// bareCall stands for the call of what states none.
const bareCall = "an answer or payload without its request"

var (
	// word matches a segment of a path that may be a word of the API: no id, no name with digits or capitals.
	word = regexp.MustCompile(`^[a-z]{1,2}[0-9]{1,2}$|^v[0-9]+(\.[0-9]+)?$|^[a-z]+([_-][a-z]+){0,4}$`)
	// plural matches a word that an id or a name follows.
	plural = regexp.MustCompile(`[^su]s$|[a-z]statuses$`)
)

// notPlurals are words that look like plurals and that another word of the API follows.
var notPlurals = map[string]bool{
	"actions": true, "settings": true, "workers": true, "pages": true, "analytics": true, "metrics": true, "insights": true,
	"apis": true, "reports": true, "usages": true, "logs": true, "rules": true, "events": true, "synthetics": true, "integrations": true, "firewalls": true, "dns": true,
}

// namesFollow are words that a name of several segments follows.
var namesFollow = map[string]bool{"contents": true, "refs": true, "heads": true, "tags": true, "blob": true, "compare": true, "values": true, "ref": true}

// Call names the call of an exchange without ids and names, for people:
// "GET api.cloudflare.com/client/v4/accounts/*/queues".
func Call(e *Exchange) string {
	if e.URL == nil {
		return bareCall
	}
	segments := strings.Split(strings.Trim(e.URL.Path, "/"), "/")
	names := 0 // how many of the next segments are names
	for i, s := range segments {
		switch {
		case names > 0:
			names--
			segments[i] = "*"
		case s == "": // of the root, or of two slashes
		case !word.MatchString(s):
			segments[i] = "*"
		case namesFollow[s] && i+1 < len(segments):
			segments = append(segments[:i+1], "*")
			return e.Method + " " + e.URL.Host + "/" + strings.Join(segments, "/")
		case s == "repos":
			names = 2 // owner and repository
		case plural.MatchString(s) && !notPlurals[s]:
			names = 1
		}
	}
	return e.Method + " " + e.URL.Host + "/" + strings.Join(segments, "/")
}
