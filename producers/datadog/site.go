package datadog

import (
	"slices"
	"strings"
)

// sites are Datadog's, each an installation of its own. Keys go to no other host.
//
// Source: Datadog, "Getting Started with Datadog Sites".
func sites() []string {
	return []string{
		"datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com", "ap2.datadoghq.com", "uk1.datadoghq.com",
		"ddog-gov.com", "us2.ddog-gov.com",
	}
}

// siteOf returns the site of a host, "api.us3.datadoghq.com" or an organisation's own
// "acme.datadoghq.com", or "" if it is none of Datadog's.
func siteOf(host string) string {
	host = strings.ToLower(host)
	found := ""
	for _, site := range sites() {
		if (host == site || strings.HasSuffix(host, "."+site)) && len(site) > len(found) {
			found = site
		}
	}
	return found
}

func isSite(site string) bool { return slices.Contains(sites(), site) }

// IsPublicID reports whether a text is an organisation's public id, of lower-case letters and digits.
func IsPublicID(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}
