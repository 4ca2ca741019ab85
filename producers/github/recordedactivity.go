package github

import (
	"bytes"
	"context"
	"strings"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/exchange"
)

// knowsActivity reports whether an exchange is an answer of the audit log, or a delivery of a webhook.
func knowsActivity(x *exchange.Exchange) bool {
	if x.Header.Get("X-Github-Event") != "" {
		return true
	}
	if r, ok := routeOf(x); ok {
		return r.rest == "/audit-log" && !r.owner.enterprise
	}
	if x.URL != nil {
		return false
	}
	return isAuditLog(x.Body) || isWebhook(x.Body)
}

// isAuditLog reports whether a body is a page of the audit log.
func isAuditLog(body []byte) bool {
	var all records
	return bytes.Contains(body, []byte(`"@timestamp"`)) && all.UnmarshalJSON(body) == nil && len(all) > 0 &&
		all[0].text("action") != "" && !auditTime(all[0]).IsZero() && (all[0].text("_document_id") != "" || all[0].text("actor") != "")
}

// isWebhook reports whether a body is a payload: who sent it, and what it is about.
func isWebhook(body []byte) bool {
	if !bytes.Contains(body, []byte(`"sender"`)) {
		return false
	}
	m := members(body)
	if !has(m, "sender") || !has(m, "repository") && !has(m, "organization") && !has(m, "installation") && !has(m, "enterprise") && !has(m, "action") {
		return false
	}
	var sender object
	return decode(m["sender"], &sender) == nil && sender.text("login") != "" && sender.text("id") != ""
}

// recordedActivity returns the collector of recorded audit logs and of webhooks. It completes nothing: a recording does not state the time
// that it covers.
func recordedActivity(all []exchange.Exchange, left func(exchange.Left)) producers.Collector {
	rec := newRecording(SourceAudit, left)
	for _, x := range rec.answered(all) {
		r, routed := routeOf(x)
		if x.Header.Get("X-Github-Event") == "" && (routed || isAuditLog(x.Body)) {
			rec.auditLog(x, r)
			continue
		}
		var payload object
		if decode(x.Body, &payload) != nil {
			rec.leave(x, whyInvalid)
			continue
		}
		ts := x.At.UTC().Truncate(time.Millisecond)
		probe, err := webhook(x, payload, ts)
		if err != nil {
			rec.left(exchange.Left{Why: "no webhook that is known", Count: 1})
			continue
		}
		rec.add(probe[0].AccountID, func(ctx context.Context, s *producers.Scan) error {
			if x.At.IsZero() {
				ts = s.At
			}
			events, err := webhook(x, payload, ts)
			if err != nil {
				return err
			}
			return s.Emit(ctx, events...)
		})
	}
	return rec
}

// auditLog adds the events of a page of the audit log.
func (rec *recording) auditLog(x *exchange.Exchange, r route) {
	var page records
	if page.UnmarshalJSON(x.Body) != nil {
		rec.leave(x, whyInvalid)
		return
	}
	if x.URL == nil {
		r.place = placeOf("")
	}
	byAccount := map[string][]envelope.ResourceEvent{}
	lost := map[string]int{}
	for _, record := range page {
		o := r.owner
		if o.name == "" {
			o.name = strings.ToLower(record.text("org"))
		}
		if !names.MatchString(o.name) {
			lost[whyNoOwner]++
			continue
		}
		events, err := audited(record, r.place, o)
		if err != nil {
			lost[whyInvalid]++
			continue
		}
		byAccount[r.place.account(o)] = append(byAccount[r.place.account(o)], events...)
	}
	for why, n := range lost {
		rec.left(exchange.Left{Why: why, Call: callOf(x), Count: n})
	}
	if len(page) == 0 {
		rec.leave(x, "the list is empty")
	}
	for account, events := range byAccount {
		rec.emit(account, events)
	}
}
