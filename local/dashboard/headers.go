package dashboard

import (
	"fmt"
	"net/http"
	"net/textproto"
	"regexp"
	"strings"
)

// headerRule gives headers to the paths that match.
type headerRule struct {
	paths *regexp.Regexp
	set   [][2]string
	unset []string
}

// headerRules are those of a file _headers, in order.
//
// Source: Cloudflare, "Headers" of Workers' static assets.
type headerRules []headerRule

// parseHeaders parses _headers: lines of paths, each with indented lines of headers. It refuses what
// Cloudflare knows besides (hosts, placeholders), rather than to answer otherwise than Cloudflare.
func parseHeaders(text string) (headerRules, error) {
	var rules headerRules
	for n, line := range strings.Split(text, "\n") {
		content := strings.TrimSpace(line)
		indented := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		refused := func(why string) error {
			return fmt.Errorf("parsing %s: line %d: %s: %q", headersFile, n+1, why, content)
		}
		switch {
		case content == "" || strings.HasPrefix(content, "#"):
		case !indented && (!strings.HasPrefix(content, "/") || strings.Contains(content, ":")):
			return nil, refused("only paths without a host or placeholder are known")
		case !indented:
			pattern := strings.ReplaceAll(regexp.QuoteMeta(content), `\*`, ".*")
			rules = append(rules, headerRule{paths: regexp.MustCompile("^" + pattern + "$")})
		case len(rules) == 0:
			return nil, refused("a header before the first path")
		default:
			rule := &rules[len(rules)-1]
			if name, found := strings.CutPrefix(content, "!"); found {
				rule.unset = append(rule.unset, strings.TrimSpace(name))
				continue
			}
			name, value, found := strings.Cut(content, ":")
			if !found || strings.ContainsAny(name, " \t") || strings.Contains(value, ":splat") {
				return nil, refused("no header")
			}
			rule.set = append(rule.set, [2]string{name, strings.TrimSpace(value)})
		}
	}
	return rules, nil
}

// apply sets the headers of a path. A header replaces the server's own; of several rules the values are joined.
func (rules headerRules) apply(h http.Header, path string) {
	ours := map[string]bool{}
	for _, rule := range rules {
		if !rule.paths.MatchString(path) {
			continue
		}
		for _, name := range rule.unset {
			h.Del(name)
		}
		for _, header := range rule.set {
			name := textproto.CanonicalMIMEHeaderKey(header[0])
			if before := h.Get(name); before != "" && ours[name] {
				h.Set(name, before+", "+header[1])
			} else {
				h.Set(name, header[1])
			}
			ours[name] = true
		}
	}
}
