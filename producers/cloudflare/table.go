package cloudflare

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// entry says where a list of one type of resource is, and how its items become events.
type entry struct {
	// Path is the list's, with {account}, {zone} and others where an id stands.
	Path string
	// Key is the path of an item's key without its id: "zone/{zone}/dns_record". Its last
	// part is the type.
	Key string
	// Service is the service's name.
	Service string
	// Query is asked for, beside the page's size.
	Query  url.Values
	Paging paging
	// PerPage is the size of a page; 0 leaves it to Cloudflare.
	PerPage int
	// In is the result's member that holds the list, if the result is an object.
	In string
	// ID, Name and State are members; ID is "id" if empty. A State of true is "enabled".
	ID, Name, State string
	// Gone is a member that is set of what no longer exists.
	Gone string
	// Props are the members that become properties: "type plan.name=plan". No other does:
	// what is secret in an item is not listed.
	Props string
	// Routes are members that list the ids of pools.
	Routes string
	// Shape are members that only items of this type have, for bare answers.
	Shape string
	// Recorded is set of what would take a call for each resource. It is read where it
	// was recorded.
	Recorded bool
}

// kind is the last part of the key: "dns_record".
func (e *entry) kind() string { return e.Key[strings.LastIndex(e.Key, "/")+1:] }

// resourceType is the type of an item, "cloudflare:dns_record".
func (e *entry) resourceType() string { return "cloudflare:" + e.kind() }

func (e *entry) id() string { return cmp.Or(e.ID, "id") }

func (e *entry) ofZone() bool { return strings.HasPrefix(e.Path, "/zones/{zone}/") }

const dates = " created_on modified_on"

// The types of what is read elsewhere, too.
const (
	keyAccount      = "account"
	keyZone         = "zone"
	keySubscription = "account/{account}/subscription"

	keyZoneSubscription = "zone/{zone}/subscription"
)

// entries are all lists, in the order in which they are read. The sizes of pages are the
// greatest that are documented.
func entries() []entry {
	return []entry{
		{
			Path: "/accounts/{account}", Key: keyAccount, Service: "accounts", Name: "name", Shape: "settings legacy_flags",
			Props: "type created_on settings.enforce_twofactor settings.api_access_enabled",
		},
		{
			Path: "/accounts", Key: keyAccount, Service: "accounts", Paging: numbered, PerPage: 50, Name: "name", Recorded: true,
			Props: "type created_on settings.enforce_twofactor settings.api_access_enabled",
		},
		{
			Path: "/zones", Key: keyZone, Service: "zones", Query: url.Values{"account.id": {accountMark}}, Paging: numbered, PerPage: 50, Name: "name", State: "status", Shape: "name_servers plan",
			Props: "type paused development_mode name_servers original_name_servers original_registrar activated_on owner.name=owner" +
				" plan.name=plan plan.legacy_id=plan_id plan.price=price plan.currency=currency plan.frequency=frequency plan.externally_managed" + dates,
		},
		{
			Path: "/zones/{zone}/dns_records", Key: "zone/{zone}/dns_record", Service: "dns", Paging: numbered, PerPage: 1000, Name: "name", Shape: "content proxiable",
			Props: "type content ttl proxied priority comment meta.managed_by_apps meta.managed_by_argo_tunnel meta.read_only" + dates,
		},
		{
			Path: "/zones/{zone}/load_balancers", Key: "zone/{zone}/load_balancer", Service: "load_balancing", Name: "name", State: "enabled", Routes: "default_pools fallback_pool", Shape: "default_pools fallback_pool",
			Props: "description ttl proxied steering_policy session_affinity default_pools fallback_pool region_pools country_pools pop_pools networks" + dates,
		},
		{
			Path: "/zones/{zone}/logpush/jobs", Key: "zone/{zone}/logpush_job", Service: "logpush", Name: "name", State: "enabled", Shape: "dataset logpull_options", Props: logpush,
		},
		{
			Path: "/accounts/{account}/logpush/jobs", Key: "account/{account}/logpush_job", Service: "logpush", Name: "name", State: "enabled", Shape: "dataset destination_conf", Props: logpush,
		},
		{
			Path: "/accounts/{account}/load_balancers/pools", Key: "account/{account}/load_balancer_pool", Service: "load_balancing", Name: "name", State: "enabled", Shape: "origins minimum_origins",
			Props: "description healthy minimum_origins monitor check_regions" + dates,
		},
		{
			Path: "/accounts/{account}/workers/scripts", Key: "account/{account}/worker_script", Service: "workers", Name: "id", Shape: "etag handlers",
			Props: "handlers usage_model compatibility_date compatibility_flags logpush placement_mode last_deployed_from has_assets has_modules" + dates,
		},
		{
			Path: "/accounts/{account}/workers/scripts/{worker_script}/deployments", Key: "account/{account}/worker_script/{worker_script}/deployment", Service: "workers", In: "deployments", Recorded: true, Shape: "strategy versions",
			Props: "source strategy versions author_email created_on",
		},
		{
			Path: "/accounts/{account}/r2/buckets", Key: "account/{account}/r2_bucket", Service: "r2", In: "buckets", Paging: cursored, PerPage: 1000, ID: "name", Name: "name", Shape: "creation_date storage_class",
			Props: "creation_date location storage_class jurisdiction",
		},
		{
			Path: "/accounts/{account}/r2/buckets/{r2_bucket}/domains/custom", Key: "account/{account}/r2_bucket/{r2_bucket}/custom_domain", Service: "r2", In: "domains", ID: "domain", Name: "domain", State: "enabled", Recorded: true, Shape: "domain minTLS",
			Props: "minTLS=min_tls zoneId=zone_id zoneName=zone_name status.ownership=ownership status.ssl=ssl",
		},
		{
			Path: "/accounts/{account}/access/apps", Key: "account/{account}/access_application", Service: "access", Paging: numbered, PerPage: 50, Name: "name", Shape: "aud session_duration",
			Props: "type domain aud session_duration app_launcher_visible auto_redirect_to_identity created_at updated_at",
		},
		{
			Path: "/accounts/{account}/cfd_tunnel", Key: "account/{account}/tunnel", Service: "tunnels", Query: url.Values{"is_deleted": {"false"}}, Paging: numbered, PerPage: 100, Name: "name", State: "status", Gone: "deleted_at", Shape: "tun_type conns_active_at",
			Props: "tun_type config_src remote_config created_at conns_active_at conns_inactive_at",
		},
		{
			Path: "/accounts/{account}/pages/projects", Key: "account/{account}/pages_project", Service: "pages", Paging: numbered, PerPage: 10, Name: "name", Shape: "subdomain production_branch",
			Props: "subdomain domains production_branch created_on source.type=repository_type source.config.owner=repository_owner source.config.repo_name=repository",
		},
		{
			Path: "/accounts/{account}/storage/kv/namespaces", Key: "account/{account}/kv_namespace", Service: "kv", Paging: numbered, PerPage: 100, Name: "title", Shape: "title supports_url_encoding",
			Props: "supports_url_encoding",
		},
		{
			Path: "/accounts/{account}/queues", Key: "account/{account}/queue", Service: "queues", Paging: numbered, PerPage: 100, ID: "queue_id", Name: "queue_name", Shape: "queue_id queue_name",
			Props: "producers_total_count consumers_total_count settings.delivery_delay settings.message_retention_period" + dates,
		},
		{
			Path: "/accounts/{account}/members", Key: "account/{account}/member", Service: "accounts", Paging: numbered, PerPage: 50, Name: "user.email", State: "status", Shape: "user roles status",
			Props: "user.id=user_id user.two_factor_authentication_enabled roles",
		},
		{
			Path: "/accounts/{account}/subscriptions", Key: keySubscription, Service: "billing", Paging: numbered, PerPage: 50, Name: "rate_plan.public_name", State: "state", Shape: "rate_plan price", Props: plan,
		},
		{
			Path: "/zones/{zone}/subscription", Key: keyZoneSubscription, Service: "billing", Name: "rate_plan.public_name", State: "state", Recorded: true, Props: plan,
		},
	}
}

const (
	logpush = "dataset kind frequency last_complete last_error time_created"
	plan    = "price currency frequency current_period_start current_period_end created_date cancel_at_period_end product.name=product rate_plan.id=rate_plan rate_plan.is_contract=is_contract" +
		" rate_plan.externally_managed=externally_managed zone.id=zone_id zone.name=zone_name component_values"
)

// match reports whether a path is the entry's, and returns what stands for its {marks}. A
// path of one item has one part more, which is returned as {}.
func (e *entry) match(path string) (map[string]string, bool) {
	want, have := strings.Split(e.Path, "/"), strings.Split(path, "/")
	marks := map[string]string{}
	if len(have) == len(want)+1 && have[len(want)] != "" && !strings.HasSuffix(e.Path, "}") {
		marks["{}"], have = have[len(want)], have[:len(want)]
	}
	if len(have) != len(want) {
		return nil, false
	}
	for i, part := range want {
		switch {
		case strings.HasPrefix(part, "{") && have[i] != "":
			marks[part] = have[i]
		case part != have[i]:
			return nil, false
		}
	}
	return marks, true
}

// entryOf returns the entry of a path: a list's before an item's.
func entryOf(all []entry, path string) (*entry, map[string]string) {
	var found *entry
	var marks map[string]string
	for i := range all {
		m, ok := all[i].match(path)
		if _, one := m["{}"]; ok && (found == nil || !one) {
			found, marks = &all[i], m
		}
		if _, one := m["{}"]; ok && !one {
			break
		}
	}
	return found, marks
}

// entryOfShape returns the entry whose items have the members that an item has, or nil.
func entryOfShape(all []entry, it item) *entry {
	for i := range all {
		has := func(name string) bool { _, ok := it[name]; return ok }
		if shape := strings.Fields(all[i].Shape); len(shape) > 0 && !slices.ContainsFunc(shape, func(name string) bool { return !has(name) }) {
			return &all[i]
		}
	}
	return nil
}

// fill replaces the marks of a text.
func fill(text string, marks map[string]string) string {
	for mark, value := range marks {
		text = strings.ReplaceAll(text, mark, value)
	}
	return text
}
