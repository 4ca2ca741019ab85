package datadog

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

const (
	// AuditSource is the source of the audit trail. The application key needs the scope
	// audit_logs_read.
	AuditSource = "datadog.audit"
	// TypeAudit is what a run of AuditSource completes: all events of its window.
	TypeAudit = "datadog:audit"

	auditPath = "/api/v2/audit/events"
	auditPage = 1000 // the most events of a page
)

// Audit reads the audit trail of an organisation.
type Audit struct {
	cfg    Config
	client *httpsource.Client
}

var _ producers.Collector = (*Audit)(nil)

// NewAudit returns the collector of AuditSource.
func NewAudit(cfg Config, client *httpsource.Client) *Audit { return &Audit{cfg, client} }

// Source implements producers.Collector.
func (*Audit) Source() string { return AuditSource }

// Scopes implements producers.Collector.
func (c *Audit) Scopes([]account.Account, []string) []producers.Scope { return c.cfg.scope() }

// Collect implements producers.Collector. It reads the events of the window.
func (c *Audit) Collect(ctx context.Context, s *producers.Scan) error {
	request := httpsource.Request{Path: auditPath, Query: url.Values{
		"filter[from]": {s.Window.From.UTC().Format(time.RFC3339)}, "filter[to]": {s.Window.To.UTC().Format(time.RFC3339)},
		"page[limit]": {strconv.Itoa(auditPage)}, "sort": {"timestamp"},
	}}
	whole, err := readPages(ctx, s, c.client, request, "page[cursor]", TypeAudit, func(a *httpsource.Answer) (string, error) {
		entries, next, err := entries(a)
		if err != nil {
			return "", err
		}
		for i := range entries {
			events, err := entries[i].events(c.cfg.Organisation, c.cfg.Site)
			if err != nil {
				return "", a.Invalid("event %d: %w", i+1, err)
			}
			if err := s.Emit(ctx, events...); err != nil {
				return "", err
			}
		}
		return next, nil
	})
	if whole {
		s.Completed(TypeAudit)
	}
	return err
}

// readAudits reads recorded pages of the audit trail. They complete nothing: other pages may
// be missing.
func readAudits(ctx context.Context, s *producers.Scan, r *recording) error {
	for _, a := range r.answers {
		all, _, err := entries(a.Answer)
		for i := range all {
			events, invalid := all[i].events(r.payer, a.site)
			if invalid != nil {
				err = a.Invalid("event %d: %w", i+1, invalid)
				continue
			}
			if err := s.Emit(ctx, events...); err != nil {
				return err
			}
		}
		if err != nil {
			r.gap(ctx, s, a, TypeAudit, err)
		} else if len(all) == 0 {
			r.leave(a, whyEmpty, 1)
		}
	}
	return nil
}
