package github

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"polo/envelope"
)

// kind is a type of resource, and how an organisation's are listed and read. No kind takes a call for each resource.
type kind struct {
	// name is the type without its service: "repo".
	name string
	// calls list all of them, together.
	calls []call
	// key returns the names that identify an item within its owner; nil of a repository, and "" in it is an item without a key.
	key func(o object, c call) []string
	// title is the member with the resource's name.
	title string
	// properties are the members that become properties, as object.properties has them.
	properties string
	// state and more set what the members do not say as they are; they may be nil.
	state func(object) string
	more  func(e *envelope.ResourceEvent, o object, at place, login string)
}

// call is a list of an organisation.
type call struct {
	// path follows "/orgs/LOGIN".
	path  string
	query url.Values
	// items is the member that holds the list; empty if the answer is the list.
	items string
	// one is set if the answer is the resource itself.
	one bool
	// name and value are a property that the call states of all its items.
	name, value string
}

func (c call) with() url.Values {
	q := url.Values{}
	if !c.one {
		q.Set("per_page", pageSize)
	}
	for name, values := range c.query {
		q[name] = slices.Clone(values)
	}
	return q
}

// kinds are all types of the inventory. Members, which may be many, are last: where the time is not enough for them the others are complete.
//
// Source: GitHub, "REST API endpoints for" organizations, repositories, teams, organization members, outside collaborators, self-hosted
// runners, GitHub Actions Secrets and Dependabot secrets.
func kinds() []kind {
	return []kind{
		{
			name: "org", calls: []call{{one: true}}, key: within("login"), title: "login",
			properties: "id node_id name description company location created_at updated_at public_repos total_private_repos plan.name plan.seats plan.filled_seats " +
				"default_repository_permission two_factor_requirement_enabled members_can_create_repositories members_can_create_public_repositories is_verified archived_at",
		}, {
			name: "repo", calls: []call{{path: "/repos", query: url.Values{"type": {"all"}}}}, title: "name",
			properties: "id node_id full_name description visibility private fork archived disabled is_template default_branch language topics size open_issues_count " +
				"license.spdx_id created_at updated_at pushed_at homepage web_commit_signoff_required parent.full_name=forked_from",
			state: repoState, more: tagRepo,
		}, {
			name: "team", calls: []call{{path: "/teams"}}, key: within("slug"), title: "name",
			properties: "id node_id slug description privacy permission notification_setting", more: nestTeam,
		}, {
			name: "runner", calls: []call{{path: "/actions/runners", items: "runners"}}, key: within("id"), title: "name",
			properties: "id os busy ephemeral version runner_group_id", state: member("status"), more: labelRunner,
		}, {
			name: "installation", calls: []call{{path: "/installations", items: "installations"}}, key: within("id"), title: "app_slug",
			properties: "id app_id app_slug client_id repository_selection permissions events created_at updated_at suspended_at", state: installationState,
		}, {
			name: "secret", key: secretKey, title: "name", properties: "visibility created_at updated_at",
			calls: []call{
				{path: "/actions/secrets", items: "secrets", name: "store", value: "actions"},
				{path: "/dependabot/secrets", items: "secrets", name: "store", value: "dependabot"},
			},
		}, {
			name: "outside_collaborator", calls: []call{{path: "/outside_collaborators"}}, key: within("login"), title: "login", properties: "id node_id type site_admin",
		}, {
			name: "member", key: within("login"), title: "login", properties: "id node_id type site_admin",
			calls: []call{
				{path: "/members", query: url.Values{"role": {"admin"}}, name: "role", value: "admin"},
				{path: "/members", query: url.Values{"role": {"member"}}, name: "role", value: "member"},
			},
		},
	}
}

func kindOf(name string) kind {
	for _, k := range kinds() {
		if k.name == name {
			return k
		}
	}
	return kind{}
}

// within returns the key of one member. Logins are taken in any case, so they are folded.
func within(path string) func(object, call) []string {
	return func(o object, _ call) []string {
		if path == "login" {
			return []string{strings.ToLower(o.text(path))}
		}
		return []string{o.text(path)}
	}
}

func member(path string) func(object) string { return func(o object) string { return o.text(path) } }

// secretKey: a name is one in each store.
func secretKey(o object, c call) []string { return []string{c.value, o.text("name")} }

func repoState(o object) string {
	switch {
	case o.text("archived") == "true":
		return "archived"
	case o.text("disabled") == "true":
		return "disabled"
	}
	return "active"
}

func installationState(o object) string {
	if o.text("suspended_at") != "" {
		return "suspended"
	}
	return "active"
}

// tagRepo takes an organisation's custom properties as tags.
func tagRepo(e *envelope.ResourceEvent, o object, _ place, _ string) {
	for name := range o.object("custom_properties") {
		e.Tags.SetSome(strings.ToValidUTF8(name, "\uFFFD"), textOf(o.object("custom_properties")[name]))
	}
}

func nestTeam(e *envelope.ResourceEvent, o object, at place, login string) {
	if slug := o.text("parent.slug"); slug != "" {
		parent := at.key(owner{name: login}, "team", slug).String()
		e.Ancestors = append([]string{parent}, e.Ancestors...)
		e.Relations = append(e.Relations, envelope.Relation{Type: "member_of", TargetARN: parent})
	}
}

func labelRunner(e *envelope.ResourceEvent, o object, _ place, _ string) {
	labels, _ := o.at("labels").([]any)
	var all []string
	for _, l := range labels {
		label, _ := l.(map[string]any)
		all = append(all, object(label).text("name"))
	}
	e.Properties.SetSome("labels", strings.Join(all, ","))
}

var errNoKey = errors.New("an item has no name or id")

// resource returns the event of an item: a snapshot, or what a change left it as.
func (k kind) resource(source, eventType string, ts time.Time, at place, login string, o object, c call) (envelope.ResourceEvent, error) {
	var key envelope.ARN
	org := at.key(owner{name: login})
	switch k.name {
	case "repo":
		name := o.text("name")
		if full, repo, ok := strings.Cut(o.text("full_name"), "/"); ok {
			login, name = full, repo
		}
		if !names.MatchString(login) || !repositoryNames.MatchString(name) {
			return envelope.ResourceEvent{}, errNoKey
		}
		org, key = at.key(owner{name: login}), at.repo(login, name)
	case "org":
		if !names.MatchString(o.text("login")) {
			return envelope.ResourceEvent{}, errNoKey
		}
		key = at.key(owner{name: o.text("login")})
	default:
		parts := k.key(o, c)
		if slices.Contains(parts, "") {
			return envelope.ResourceEvent{}, errNoKey
		}
		key = at.key(owner{name: login}, append([]string{k.name}, parts...)...)
	}
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(source, ts, eventType, key.String()), EventType: eventType, Source: source, TS: ts,
		Platform: envelope.PlatformGitHub, AccountID: org.Resource, Service: service, ResourceName: o.text(k.title),
	}
	locate(&e, key)
	if key != org {
		e.Ancestors = []string{org.String()}
		e.Relations = []envelope.Relation{{Type: "member_of", TargetARN: org.String()}}
	}
	o.properties(&e.Properties, k.properties)
	e.Properties.SetSome(c.name, c.value)
	if k.state != nil {
		e.State = k.state(o)
	}
	if k.more != nil {
		k.more(&e, o, at, login)
	}
	return e, nil
}

// page is an answer of a list: an array, or an object with the list and the number of all items.
type page struct {
	text  any
	items []object
	total int
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *page) UnmarshalJSON(text []byte) error { return decode(text, &p.text) }

// read finds the items, and the number of all that the list says it has; -1 if it does not.
func (p *page) read(c call) bool {
	p.total = -1
	list, ok := p.text.([]any)
	if o, isObject := p.text.(map[string]any); isObject {
		if c.one {
			p.items = []object{o}
			return true
		}
		if list, ok = o[c.items].([]any); c.items == "" {
			return false
		}
		if n, err := strconv.Atoi(cmp.Or(object(o).text("total_count"), "-1")); err == nil {
			p.total = n
		}
	}
	if !ok || c.one {
		return false
	}
	for _, v := range list {
		o, isObject := v.(map[string]any)
		if !isObject {
			return false
		}
		p.items = append(p.items, o)
	}
	return true
}
