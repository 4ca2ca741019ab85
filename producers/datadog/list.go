package datadog

import (
	"net/url"
	"strconv"

	"polo/envelope"
)

// Kinds of resources, as in their keys: datadog:org/PUBLIC_ID/monitor/ID.
const (
	kindHost       = "host"
	kindMonitor    = "monitor"
	kindDashboard  = "dashboard"
	kindSynthetics = "synthetics_test"
)

const (
	hostsPath      = "/api/v1/hosts"
	monitorsPath   = "/api/v1/monitor"
	dashboardsPath = "/api/v1/dashboard"
	syntheticsPath = "/api/v1/synthetics/tests"
)

// list describes a list and its items. What is not named here is not kept: messages,
// widgets, and the requests, headers and variables of tests hold secrets.
type list struct {
	kind, path string
	// member holds the items; "" means that the answer is their list. total holds how many
	// there are; "" means that only a short page says so.
	member, total string
	// at and count are the parameters of a page: its first item or, by page, its number, and
	// the most items it has. size is what is asked for, usual what an answer has without being
	// asked; 0 means all.
	at, count   string
	byPage      bool
	size, usual int
	// fixed are parameters of every request.
	fixed url.Values
	// id, name, state and tags are members of an item; properties too, each a path and, after
	// "=", its name if that is another.
	id, name, state, tags string
	properties            []string
	// more adds what no path finds.
	more func(map[string]any, *envelope.ResourceEvent)
}

// lists are what an organisation has.
//
// Sources: Datadog, API reference, "Hosts", "Monitors", "Dashboards", "Synthetics".
func lists() []list {
	return []list{
		{
			kind: kindHost, path: hostsPath, member: "host_list", total: "total_matching", at: "start", count: "count", size: 1000, usual: 100,
			fixed: url.Values{"include_hosts_metadata": {"true"}, "include_muted_hosts_data": {"true"}},
			id:    "id", name: "name", more: hostDetails,
			properties: []string{"host_name", "aliases", "apps", "aws_name", "is_muted", "sources", "meta.agent_version=agent_version", "meta.platform=platform", "meta.machine=machine", "meta.cpuCores=cpu_cores"},
		},
		{
			kind: kindMonitor, path: monitorsPath, at: "page", count: "page_size", byPage: true, size: 1000,
			id: "id", name: "name", state: "overall_state", tags: "tags",
			properties: []string{"type", "query", "priority", "multi", "created", "modified", "creator.email=creator", "draft_status", "restricted_roles"},
		},
		{
			kind: kindDashboard, path: dashboardsPath, member: "dashboards", at: "start", count: "count", size: 100, usual: 100,
			id: "id", name: "title",
			properties: []string{"layout_type", "author_handle=author", "created_at", "modified_at", "is_read_only"},
		},
		{
			kind: kindSynthetics, path: syntheticsPath, member: "tests", at: "page_number", count: "page_size", byPage: true, size: 100, usual: 100,
			id: "public_id", name: "name", state: "status", tags: "tags",
			properties: []string{"type", "subtype", "locations", "monitor_id", "created_at", "modified_at", "creator.email=creator", "options.tick_every=tick_every"},
		},
	}
}

func listOf(kind string) (list, bool) {
	for _, l := range lists() {
		if l.kind == kind {
			return l, true
		}
	}
	return list{}, false
}

func (l list) resourceType() string { return envelope.PlatformDatadog + ":" + l.kind }

// query asks for the page that follows what was read.
func (l list) query(read *listing) url.Values {
	q := url.Values{l.at: {strconv.Itoa(read.received)}, l.count: {strconv.Itoa(l.size)}}
	if l.byPage {
		q.Set(l.at, strconv.Itoa(read.pages))
	}
	for name, v := range l.fixed {
		q[name] = v
	}
	return q
}

// sizeOf returns the most items that a request's answer has; 0 means all.
func (l list) sizeOf(q url.Values) int {
	if n, err := strconv.Atoi(q.Get(l.count)); err == nil && n > 0 && (l.usual > 0 || q.Has(l.at)) {
		return n
	}
	if l.usual == 0 && q.Has(l.at) {
		return 100 // what a page of monitors has
	}
	return l.usual
}

// offsetOf returns which item of the list a request's answer begins with, from 0.
func (l list) offsetOf(q url.Values) int {
	n, err := strconv.Atoi(q.Get(l.at))
	if err != nil || n < 0 {
		return 0
	}
	if l.byPage {
		return n * l.sizeOf(q)
	}
	return n
}

// filtered reports whether a request asks for a part of the list.
func (l list) filtered(q url.Values) bool {
	for name := range q {
		switch name {
		case l.at, l.count, "include_hosts_metadata", "include_muted_hosts_data", "sort_field", "sort_dir", "group_states", "with_downtimes":
		default:
			return true
		}
	}
	return false
}
