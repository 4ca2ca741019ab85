package datadog

import (
	"net/http"
	"path"
	"regexp"
	"strings"

	"polo/producers/exchange"
)

// call is what requests of one path answer.
type call struct {
	// path is as path.Match has it; a "/**" at its end stands for all below, and for itself.
	path string
	// method is GET if empty.
	method string
	// source reads its answers.
	source string
	// why says why nothing does; Source then accounts for them.
	why string
	// shape names what an answer holds, where several calls of a source differ.
	shape string
}

// What costs state: see bill.
const (
	shapeFinal     = "final"
	shapeEstimated = "estimated"
)

// Why an answer is left out.
const (
	whyUnread    = "nothing reads this call"
	whyOthers    = "Cloud Cost Management holds what other vendors bill: no cost of Datadog"
	whyReport    = "a report is a file, whose address is not kept"
	whyProjected = "a projection is no cost"
	whySummary   = "a summary of what hours state"
	whyNames     = "names of products alone"
	whyHourless  = "averages of a month that state no hour"
	whyEmpty     = "the answer is empty"
)

// calls are those that are known. The first match counts.
func calls() []call {
	return []call{
		{path: "/api/v2/usage/historical_cost", source: Source, shape: shapeFinal},
		{path: "/api/v2/usage/cost_by_org", source: Source, shape: shapeFinal},
		{path: "/api/v2/usage/estimated_cost", source: Source, shape: shapeEstimated},
		{path: "/api/v2/usage/projected_cost", why: whyProjected},
		{path: "/api/v2/usage/billing_dimension_mapping", why: whyNames},
		{path: "/api/v2/cost_by_tag/active_billing_dimensions", why: whyNames},
		{path: costAttributionPath, source: AttributionSource, shape: shapeCostByTag},
		{path: "/api/v2/cost/**", why: whyOthers},
		{path: "/api/v1/usage/summary", why: whySummary},
		{path: "/api/v1/usage/billable-summary", why: whySummary},
		{path: "/api/v1/usage/top_avg_metrics", why: whyHourless},
		{path: usageAttributionPath, source: AttributionSource},
		{path: "/api/v1/usage/hourly-attribution", source: AttributionSource},
		{path: "/api/v1/usage/attribution", source: AttributionSource},
		{path: "/api/v1/usage/*", source: UsageSource},
		{path: hourlyUsagePath, source: UsageSource},
		{path: "/api/v2/usage/*", source: UsageSource},
		{path: "/api/v1/monthly_custom_reports/**", why: whyReport},
		{path: "/api/v1/daily_custom_reports/**", why: whyReport},
		{path: auditPath, source: AuditSource},
		{path: auditPath + "/search", method: http.MethodPost, source: AuditSource},
		{path: hostsPath, source: InventorySource, shape: kindHost},
		{path: monitorsPath, source: InventorySource, shape: kindMonitor},
		{path: dashboardsPath, source: InventorySource, shape: kindDashboard},
		{path: syntheticsPath, source: InventorySource, shape: kindSynthetics},
	}
}

// callOf returns the call of an exchange; false if it is not Datadog's, or states nothing
// that says so.
func callOf(e *exchange.Exchange) (call, bool) {
	if e.URL == nil {
		return bareCall(e.Body)
	}
	host := e.URL.Hostname()
	if host != "" && siteOf(host) == "" {
		return call{}, false
	}
	at := strings.TrimSuffix(e.URL.Path, "/")
	for _, c := range calls() {
		if !c.matches(at) {
			continue
		}
		if method := orGet(c.method); c.why == "" && orGet(e.Method) != method {
			c = call{path: c.path, why: whyUnread}
		}
		return c, true
	}
	// Without a host, a path that is not known may be any API's.
	return call{why: whyUnread}, host != ""
}

func (c call) matches(at string) bool {
	if below, found := strings.CutSuffix(c.path, "/**"); found {
		return at == below || strings.HasPrefix(at, below+"/")
	}
	matched, err := path.Match(c.path, at)
	return matched && err == nil
}

// owner is the source that accounts for the call.
func (c call) owner() string {
	if c.source == "" {
		return Source
	}
	return c.source
}

func orGet(method string) string {
	if method == "" {
		return http.MethodGet
	}
	return method
}

var (
	// word is a part of a path that is no id: "usage", "v2", "monthly-attribution".
	word = regexp.MustCompile(`^(v[12]|[a-z]+([-_][a-z]+)*)$`)
	// shortID is Datadog's own kind of id, which may have no digit.
	shortID = regexp.MustCompile(`^[a-z0-9]{3}-[a-z0-9]{3}-[a-z0-9]{3}$`)
)

// nameOf names the call of an exchange, "GET api.datadoghq.com/api/v1/monitor/*"; "" of a
// bare answer.
func nameOf(e *exchange.Exchange, c call) string {
	if e.URL == nil {
		return ""
	}
	at := strings.TrimSuffix(e.URL.Path, "/")
	if c.path == "" || strings.Contains(c.path, "*") {
		known := strings.Split(c.path, "/")
		parts := strings.Split(at, "/")
		for i, p := range parts {
			stated := i < len(known) && known[i] == p // also a word with a hyphen
			if p != "" && !stated && (len(p) > 40 || !word.MatchString(p) || shortID.MatchString(p)) {
				parts[i] = "*"
			}
		}
		at = strings.Join(parts, "/")
	}
	return orGet(e.Method) + " " + e.URL.Hostname() + at
}
