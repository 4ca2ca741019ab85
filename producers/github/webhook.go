package github

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"polo/envelope"
	"polo/producers/exchange"
)

// SourceWebhooks is the source of webhooks' events: the audit log states some of the same, and each counts once in its own source.
const SourceWebhooks = "github.webhooks"

// hook is a type of webhook, and the members by which a payload without its header shows it.
type hook struct {
	name    string
	members []string
}

// hooks are in order: the first whose members a payload has is its type.
//
// Source: GitHub, "Webhook events and payloads".
func hooks() []hook {
	all := strings.Fields(`
		check_run:check_run,!deployment_status check_suite:check_suite deployment_status:deployment_status deployment_review:approver deployment_protection_rule:deployment_callback_url
		deployment:deployment workflow_job:workflow_job workflow_run:workflow_run workflow_dispatch:inputs,workflow
		pull_request_review_comment:pull_request,comment pull_request_review_thread:pull_request,thread pull_request_review:pull_request,review pull_request:pull_request
		issue_comment:issue,comment sub_issues:sub_issue issue_dependencies:blocked_issue issues:issue discussion_comment:discussion,comment discussion:discussion
		commit_comment:comment push:pusher,commits create:ref_type,master_branch delete:ref_type,pusher_type fork:forkee gollum:pages
		star:starred_at status:context,sha,state membership:member,scope,team member:member team_add:team,repository,!action team:team
		organization:membership,organization organization:invitation,organization installation_repositories:repositories_added installation_target:installation,account,target_type
		release:release milestone:milestone,!issue label:label branch_protection_rule:rule registry_package:registry_package package:package page_build:build
		deploy_key:key custom_property_values:new_property_values custom_property:definition repository_ruleset:repository_ruleset repository_advisory:repository_advisory
		secret_scanning_alert_location:alert,location secret_scanning_scan:secret_types,type security_advisory:security_advisory
		repository_vulnerability_alert:alert,!ref projects_v2_status_update:projects_v2_status_update projects_v2_item:projects_v2_item projects_v2:projects_v2
		project_card:project_card project_column:project_column project:project sponsorship:sponsorship marketplace_purchase:marketplace_purchase
		personal_access_token_request:personal_access_token_request org_block:blocked_user merge_group:merge_group code_scanning_alert:alert,ref
		repository_dispatch:client_payload repository_import:status,repository,!action ping:zen meta:hook_id,hook`)
	found := make([]hook, len(all))
	for i, text := range all {
		name, list, _ := strings.Cut(text, ":")
		found[i] = hook{name, strings.Split(list, ",")}
	}
	return found
}

func (h hook) fits(payload object) bool {
	for _, m := range h.members {
		name, not := strings.CutPrefix(m, "!")
		if _, there := payload[name]; there == not {
			return false
		}
	}
	return true
}

// webhookName returns the type of a payload: its header's, else by its members; "" if it shows none.
func webhookName(x *exchange.Exchange, payload object) string {
	if name := x.Header.Get("X-Github-Event"); name != "" {
		return name
	}
	for _, h := range hooks() {
		if h.fits(payload) {
			return h.name
		}
	}
	for _, member := range slices.Sorted(maps.Keys(payload)) {
		switch member {
		case "repository", "organization", "installation", "enterprise", "sender", "changes":
		default:
			if len(payload.object(member)) > 0 {
				return member // a type that is newer than the list is called as what it is about
			}
		}
	}
	_, acts := payload["action"]
	switch {
	case len(payload.object("repository")) > 0 && !acts:
		return "public"
	case len(payload.object("repository")) > 0:
		return "repository"
	case !acts:
		return ""
	case len(payload.object("organization")) > 0:
		return "organization"
	case len(payload.object("installation")) > 0:
		return "installation"
	}
	return "github_app_authorization"
}

// webhook returns the events of a delivery: what happened, and the resource that it states whole. ts is its time if the payload has none.
func webhook(x *exchange.Exchange, payload object, ts time.Time) ([]envelope.ResourceEvent, error) {
	name, action := webhookName(x, payload), payload.text("action")
	if name == "" {
		return nil, errors.New("it is no webhook that is known")
	}
	at := placeOf("")
	if host := x.Header.Get("X-Github-Enterprise-Host"); host != "" {
		at = placeOf(host)
	}
	subject := subjectOf(name, payload)
	if t := happened(payload, subject); !t.IsZero() {
		ts = t
	}
	id := x.Header.Get("X-Github-Delivery")
	if id == "" {
		id = contentID(payload)
	}
	o, key := keyOf(at, payload)
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(SourceWebhooks, ts, id), EventType: envelope.TypeServiceEvent, Source: SourceWebhooks, TS: ts,
		Platform: envelope.PlatformGitHub, Service: service, Actor: payload.text("sender.login"),
	}
	if o.name != "" {
		e.AccountID = at.account(o)
		locate(&e, key)
		e.ResourceName = key.Resource[strings.LastIndex(key.Resource, "/")+1:]
		if org := at.key(o); key != org {
			e.Ancestors = []string{org.String()}
		}
	}
	for _, member := range []string{"conclusion", "state", "status"} {
		if text, isText := subject[member].(string); isText && e.State == "" {
			e.State = text
		}
	}
	p := &e.Properties
	payload.properties(p, "action number ref ref_type before after installation.id repository.id repository.node_id organization.id organization.node_id enterprise.slug sender.id sender.type")
	subject.properties(p, "id=subject_id node_id=subject_node_id number=number name=subject_name head_sha head_branch tag_name environment")
	p.Set("event_id", id)
	p.Set("event_name", eventName(name, action))
	p.Set("event_source", "webhook")
	return append([]envelope.ResourceEvent{e}, stated(name, action, payload, at, o, e)...), nil
}

func eventName(name, action string) string {
	if action == "" {
		return name
	}
	return name + "." + action
}

// subjectOf returns what a payload is about, beside the repository and the organisation.
func subjectOf(name string, payload object) object {
	for _, member := range []string{
		name, strings.TrimPrefix(name, "pull_request_"), strings.TrimPrefix(name, "repository_vulnerability_"), strings.TrimSuffix(name, "s"),
		"comment", "alert", "forkee", "pull_request", "hook", "invitation", "team", "user",
	} {
		if o := payload.object(member); len(o) > 0 && member != "repository" && member != "organization" {
			return o
		}
	}
	return nil
}

// happened returns the latest time that the subject states, else the payload itself, else the repository: when it was last changed.
func happened(payload, subject object) time.Time {
	for _, o := range []object{subject, payload, payload.object("repository"), payload.object("installation")} {
		latest := time.Time{}
		for _, name := range []string{
			"created_at", "updated_at", "completed_at", "started_at", "closed_at", "merged_at", "submitted_at", "published_at", "pushed_at", "starred_at", "timestamp", "dismissed_at",
			"effective_date", "archived_at", "run_started_at", "suspended_at",
		} {
			if t := moment(o[name]); t.After(latest) {
				latest = t
			}
		}
		if !latest.IsZero() {
			return latest
		}
	}
	return time.Time{}
}

// keyOf returns whose a payload is, and the key of the repository, team or account that it is about.
func keyOf(at place, payload object) (owner, envelope.ARN) {
	full := payload.text("repository.full_name")
	login, name, _ := strings.Cut(strings.ToLower(full), "/")
	if names.MatchString(login) && repositoryNames.MatchString(name) {
		return owner{name: login}, at.repo(login, name)
	}
	for _, path := range []string{"organization.login", "installation.account.login", "marketplace_purchase.account.login", "sponsorship.sponsorable.login", "sender.login"} {
		login := strings.ToLower(payload.text(path))
		if !names.MatchString(login) {
			continue
		}
		o := owner{name: login}
		if slug := payload.text("team.slug"); slug != "" && path == "organization.login" {
			return o, at.key(o, "team", slug)
		}
		return o, at.key(o)
	}
	if slug := strings.ToLower(payload.text("enterprise.slug")); names.MatchString(slug) {
		o := owner{name: slug, enterprise: true}
		return o, at.key(o)
	}
	return owner{}, envelope.ARN{}
}

// stated returns the event of a resource that a payload states whole.
func stated(name, action string, payload object, at place, o owner, activity envelope.ResourceEvent) []envelope.ResourceEvent {
	eventType := envelope.TypeResourceUpdated
	switch {
	case action == "created", action == "member_added", name == "fork":
		eventType = envelope.TypeResourceCreated
	case action == "deleted", action == "member_removed":
		eventType = envelope.TypeResourceDeleted
	}
	var k kind
	var item object
	var c call
	switch {
	case name == "repository" || name == "public":
		k, item = kindOf("repo"), payload.object("repository")
	case name == "fork":
		k, item = kindOf("repo"), payload.object("forkee")
	case name == "team":
		k, item = kindOf("team"), payload.object("team")
	case name == "organization" && strings.HasPrefix(action, "member_") && action != "member_invited":
		k, item = kindOf("member"), payload.object("membership").object("user")
		c.name, c.value = "role", payload.text("membership.role")
	case name == "installation":
		k, item = kindOf("installation"), payload.object("installation")
		if login := item.text("account.login"); names.MatchString(login) {
			o = owner{name: strings.ToLower(login)}
		}
	default:
		return nil
	}
	e, err := k.resource(SourceWebhooks, eventType, activity.TS, at, o.name, item, c)
	if err != nil || o.name == "" {
		return nil
	}
	e.EventID = envelope.NewEventID(SourceWebhooks, e.TS, activity.Properties.Get("event_id"), eventType, e.ARN)
	e.Actor = activity.Actor
	for _, property := range []string{"event_id", "event_name", "event_source"} {
		e.Properties.Set(property, activity.Properties.Get(property))
	}
	events := []envelope.ResourceEvent{e}
	if old := strings.ToLower(payload.text("changes.repository.name.from")); action == "renamed" && k.name == "repo" && repositoryNames.MatchString(old) {
		events = append(events, changedBy(activity, envelope.TypeResourceDeleted, at.repo(o.name, old)))
	}
	return events
}
