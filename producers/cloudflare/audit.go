package cloudflare

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

const (
	// SourceAudit is the source of what happened in accounts.
	SourceAudit = "cloudflare.audit"
	// TypeAuditLog is the type that a run completes.
	TypeAuditLog = "cloudflare:audit_log"

	auditPage = 1000
)

// Audit reads the audit logs of accounts, version 2.
type Audit struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Audit)(nil)

// NewAudit returns a collector.
func NewAudit(cfg Config, client *httpsource.Client) *Audit { return &Audit{cfg, client} }

// Source implements producers.Collector.
func (*Audit) Source() string { return SourceAudit }

// Scopes implements producers.Collector: the accounts of the setting.
func (c *Audit) Scopes([]account.Account, []string) []producers.Scope { return scopes(c.cfg.Accounts) }

// Collect implements producers.Collector. It reads the logs of the window.
func (c *Audit) Collect(ctx context.Context, s *producers.Scan) error {
	all := entries()
	l := auditList(httpsource.Request{Method: "GET", Path: "/accounts/" + s.Account.ID + "/logs/audit", Query: url.Values{
		"since": {s.Window.From.UTC().Format(time.RFC3339)}, "before": {s.Window.To.UTC().Format(time.RFC3339)}, "direction": {"asc"}, "limit": {strconv.Itoa(auditPage)},
	}})
	var unusable error
	err := l.read(ctx, c.client, func(a *httpsource.Answer, items []item) error {
		s.Page()
		var events []envelope.ResourceEvent
		for _, it := range items {
			made, err := auditEvents(all, it, s.Account.ID)
			if err != nil {
				unusable = a.Invalid("%w", err)
			}
			events = append(events, made...)
		}
		return s.Emit(ctx, events...)
	})
	switch {
	case err != nil && (ctx.Err() != nil || producers.IsEmitError(err)):
		return err
	case err == nil:
		err = unusable
	}
	if err != nil {
		s.Gap(ctx, TypeAuditLog, err)
	}
	s.Completed(TypeAuditLog) // a gap withdraws it
	return nil
}

func auditList(first httpsource.Request) list { return list{first: first, paging: cursored, id: "id"} }

// auditEvents returns the events of a log: what was called, and, if that succeeded, what
// became of the resource. A resource is known by the path that was called, which is that of
// a list or an item of the inventory. So both sources agree on its key.
func auditEvents(all []entry, it item, asked string) ([]envelope.ResourceEvent, error) {
	at, id := it.time("action.time"), it.text("id")
	accountID := firstOf(asked, it.text("account.id"))
	if at.IsZero() || id == "" || accountID == "" {
		return nil, errors.New("a log has no id, account or action.time")
	}
	zone := it.text("zone.id")
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(SourceAudit, at, accountID, id), EventType: envelope.TypeAPICall, Source: SourceAudit, TS: at, Platform: envelope.PlatformCloudflare,
		AccountID: accountID, Service: it.text("resource.product"), Actor: firstOf(it.text("actor.email"), it.text("actor.id"), it.text("actor.token_id"), it.text("actor.type")),
	}
	bind(&e, zone, it.text("zone.name"))
	resource := resourceOf(all, it, &e, zone)
	for from, name := range map[string]string{
		"id": "audit_log_id", "action.type": "action", "action.result": "result", "action.description": "description", "actor.id": "actor_id", "actor.type": "actor_type",
		"actor.context": "actor_context", "actor.token_id": "actor_token_id", "actor.token_name": "actor_token_name", "actor.ip_address": "source_ip", "raw.method": "method",
		"raw.status_code": "status_code", "raw.cf_ray_id": "ray_id", "raw.user_agent": "user_agent", "resource.product": "product", "resource.type": "resource", "resource.id": "resource_id",
		"resource.scope": "scope",
	} {
		e.Properties.SetSome(name, it.text(from))
	}
	path, _, _ := strings.Cut(it.text("raw.uri"), "?") // a query may hold what is secret
	e.Properties.SetSome("path", path)
	if result := it.text("action.result"); result != "success" && result != "" {
		e.ErrorCode = firstOf(it.text("raw.status_code"), result)
		return []envelope.ResourceEvent{e}, nil
	}
	events := []envelope.ResourceEvent{e}
	if verb := changeOf(it.text("action.type")); verb != "" && resource {
		e.EventType, e.EventID = verb, envelope.NewEventID(SourceAudit, at, accountID, id, "resource")
		events = append(events, e)
	}
	return events, nil
}

// changeOf returns what an action does to a resource, or "".
func changeOf(action string) string {
	switch strings.ToLower(action) {
	case "create":
		return envelope.TypeResourceCreated
	case "update":
		return envelope.TypeResourceUpdated
	case "delete":
		return envelope.TypeResourceDeleted
	}
	return ""
}

// resourceOf gives an event the key of the resource that a log is about, and reports
// whether that is known.
func resourceOf(all []entry, it item, e *envelope.ResourceEvent, zone string) bool {
	path, _, _ := strings.Cut(it.text("raw.uri"), "?")
	path = strings.TrimPrefix(path, "/client/v4")
	path = strings.TrimPrefix(path, "/api/v4") // the dashboard's own
	found, marks := entryOf(all, path)
	if found == nil {
		return false
	}
	id := firstOf(marks["{}"], it.text("resource.id"))
	switch found.Path {
	case "/accounts/{account}":
		id = marks[accountMark]
	case "/zones/{zone}/subscription":
		return false
	}
	p := in(e.AccountID, firstOf(marks["{zone}"], zone))
	for mark, value := range marks {
		p.marks[mark] = value
	}
	arn, err := found.key(p, id)
	if err != nil {
		return false
	}
	e.ARN, e.ResourceType, e.ResourceID, e.ResourceName, e.Ancestors = arn.String(), found.resourceType(), id, "", found.ancestors(p)
	return true
}
