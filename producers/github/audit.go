package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/internal/redact"
	"polo/producers"
)

const (
	// SourceAudit is the source of the audit log.
	SourceAudit = "github.audit"
	// typeAuditEvent is what a completed scan of the audit log completes.
	typeAuditEvent = "github:audit_event"
)

// Audit reads the audit log of each organisation.
type Audit struct {
	cfg     Config
	clients *Clients
}

var _ producers.Collector = (*Audit)(nil)

// NewAudit returns the collector of audit logs.
func NewAudit(cfg Config, clients *Clients) *Audit { return &Audit{cfg, clients} }

// Source implements producers.Collector.
func (*Audit) Source() string { return SourceAudit }

// Scopes implements producers.Collector: the organisations.
func (c *Audit) Scopes([]account.Account, []string) []producers.Scope {
	return scopes(c.cfg.place(), c.cfg.organisations())
}

// records is a page of the audit log.
type records []object

// UnmarshalJSON implements json.Unmarshaler.
func (r *records) UnmarshalJSON(text []byte) error {
	var all []object
	err := decode(text, &all)
	if err == nil && all == nil {
		err = errors.New("it is no list")
	}
	*r = all
	return err
}

// Collect implements producers.Collector. It reads the window from its beginning, and stops at its end.
//
// Source: GitHub, "Get the audit log for an organization", which takes 1,750 requests an hour; "Searching the audit log".
func (c *Audit) Collect(ctx context.Context, s *producers.Scan) error {
	o, err := scoped(c.cfg.place(), c.cfg.organisations(), s)
	if err != nil {
		return err
	}
	client, err := c.clients.of(ctx, o)
	if err != nil {
		return err
	}
	first := httpsource.Request{Path: o.path() + "/audit-log", Query: url.Values{
		"phrase":  {"created:>=" + s.Window.From.UTC().Format("2006-01-02T15:04:05+00:00")},
		"include": {"all"}, "order": {"asc"}, "per_page": {pageSize},
	}}
	for page, err := range httpsource.Pages(ctx, client.Client, first, func(a *httpsource.Answer, page *records) (*httpsource.Request, error) {
		if n := len(*page); n > 0 && !auditTime((*page)[n-1]).Before(s.Window.To) {
			return nil, nil
		}
		return client.NextLink(a)
	}) {
		if err != nil {
			return fmt.Errorf("reading the audit log: %w", err)
		}
		s.Page()
		for i, r := range *page {
			events, err := audited(r, c.cfg.place(), o)
			if err != nil {
				return fmt.Errorf("reading the audit log: %w: record %d of a page: %w", producers.ErrInvalidAnswer, i+1, err)
			}
			if !s.Window.Contains(events[0].TS) {
				continue
			}
			if err := s.Emit(ctx, events...); err != nil {
				return err
			}
		}
	}
	s.Completed(typeAuditEvent)
	return nil
}

// auditTime returns when a record's event happened.
func auditTime(r object) time.Time {
	if t := moment(r["@timestamp"]); !t.IsZero() {
		return t
	}
	return moment(r["created_at"])
}

// change is what an action of the audit log did to which kind of resource.
type change struct {
	kind, eventType string
}

// changes are the actions that change a resource of the inventory whose key the record states.
//
// Source: GitHub, "Audit log events for your organization".
func changes() map[string]change {
	const created, updated, deleted = envelope.TypeResourceCreated, envelope.TypeResourceUpdated, envelope.TypeResourceDeleted
	return map[string]change{
		"repo.create": {"repo", created}, "repo.destroy": {"repo", deleted}, "repo.restore": {"repo", created},
		"repo.access": {"repo", updated}, "repo.archived": {"repo", updated}, "repo.unarchived": {"repo", updated},
		"repo.rename": {"repo", updated}, "repo.transfer": {"repo", updated}, "repo.change_merge_setting": {"repo", updated},
		"repo.update_default_branch": {"repo", updated}, "repo.add_topic": {"repo", updated}, "repo.remove_topic": {"repo", updated},
		"team.create": {"team", created}, "team.destroy": {"team", deleted}, "team.rename": {"team", updated},
		"team.change_privacy": {"team", updated}, "team.change_parent_team": {"team", updated},
		"org.add_member": {"member", created}, "org.remove_member": {"member", deleted}, "org.update_member": {"member", updated},
		"org.add_outside_collaborator": {"outside_collaborator", created}, "org.remove_outside_collaborator": {"outside_collaborator", deleted},
		"org.register_self_hosted_runner": {"runner", created}, "org.remove_self_hosted_runner": {"runner", deleted},
	}
}

// audited returns the events of a record: the activity, and the resource that it changed.
func audited(r object, at place, o owner) ([]envelope.ResourceEvent, error) {
	ts, action := auditTime(r), r.text("action")
	if ts.IsZero() || action == "" {
		return nil, errors.New("it has no action or no time")
	}
	id := r.text("_document_id")
	if id == "" {
		id = contentID(r)
	}
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(SourceAudit, ts, id), EventType: envelope.TypeAPICall, Source: SourceAudit, TS: ts,
		Platform: envelope.PlatformGitHub, AccountID: at.account(o), Service: service, Actor: r.text("actor"),
		Properties: auditProperties(r, id),
	}
	org := at.key(o)
	key := org
	login, name, _ := strings.Cut(repositoryOf(r), "/")
	_, slug, _ := strings.Cut(r.text("team"), "/")
	switch {
	case names.MatchString(login) && repositoryNames.MatchString(name):
		key = at.repo(login, name)
		e.ResourceName = name
	case slug != "":
		key = at.key(o, "team", slug)
		e.ResourceName = slug
	}
	locate(&e, key)
	if key != org {
		e.Ancestors = []string{org.String()}
	}
	events := []envelope.ResourceEvent{e}
	c, changed := changes()[action]
	if !changed {
		return events, nil
	}
	user, runner := strings.ToLower(r.text("user")), r.text("runner_id")
	switch {
	case (c.kind == "member" || c.kind == "outside_collaborator") && user != "":
		key = at.key(o, c.kind, user)
	case c.kind == "runner" && runner != "":
		key = at.key(o, c.kind, runner)
	case key.ResourceType() != service+":"+c.kind:
		return events, nil // the record does not say which
	}
	events = append(events, changedBy(e, c.eventType, key))
	if old := strings.ToLower(r.text("old_name")); action == "repo.rename" && repositoryNames.MatchString(old) && old != strings.ToLower(name) {
		events = append(events, changedBy(e, envelope.TypeResourceDeleted, at.repo(login, old)))
	}
	return events, nil
}

// changedBy returns the event of a resource that an activity changed.
func changedBy(activity envelope.ResourceEvent, eventType string, key envelope.ARN) envelope.ResourceEvent {
	e := activity
	e.EventType = eventType
	e.EventID = envelope.NewEventID(e.Source, e.TS, activity.Properties.Get("event_id"), eventType, key.String())
	locate(&e, key)
	e.ResourceName = key.Resource[strings.LastIndex(key.Resource, "/")+1:]
	e.Properties = nil
	for _, p := range activity.Properties {
		switch p.Key {
		case "event_id", "event_name", "event_source", "request_id":
			e.Properties = append(e.Properties, p)
		}
	}
	return e
}

// repositoryOf returns "owner/name", or "" if a record is about none or several.
func repositoryOf(r object) string {
	for _, name := range []string{"repo", "repository"} {
		if text, ok := r[name].(string); ok && text != "" {
			return text
		}
	}
	return ""
}

// auditProperties returns what the event has no column for. What identifies a credential is left out.
func auditProperties(r object, id string) envelope.Pairs {
	var p envelope.Pairs
	for _, name := range slices.Sorted(maps.Keys(r)) {
		switch name {
		case "@timestamp", "created_at", "actor", "action", "_document_id":
			continue
		}
		if text := r.text(name); text != "" && !strings.Contains(name, "token") && redact.Value(name, text) == text {
			p.Set(strings.ToValidUTF8(strings.TrimPrefix(name, "@"), "\uFFFD"), text)
		}
	}
	p.Set("event_id", id)
	p.Set("event_name", r.text("action"))
	p.Set("event_source", "audit_log")
	if r.text("operation_type") == "access" {
		p.Set("read_only", "true")
	}
	return p
}

// contentID identifies what states no id by its content.
func contentID(r object) string {
	text, err := json.Marshal(r) // members in order of their names
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
