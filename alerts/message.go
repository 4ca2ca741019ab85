package alerts

import (
	"net/url"
	"strings"
	"time"

	"polo/alerts/channel"
)

// message makes the message of a group: what is listed is capped, the rest counted.
func (r *Runner) message(g group, open int, at time.Time) channel.Message {
	first := g.all[0].status
	m := channel.Message{
		Key: g.key, ID: g.id, Alert: first.Alert, Title: first.Title, Severity: first.Severity, Text: r.text(first.Alert), Runbook: r.runbook(first.Alert),
		Link: r.link(url.Values{"alert": {first.Alert}}), At: at, Open: open,
	}
	for _, d := range g.all {
		m.Repeated = m.Repeated || d.Marked
		item := channel.Item{Labels: d.status.Labels, Values: d.status.Values, Since: d.status.Fired, Reminder: d.Repetition > 0}
		if d.Transition == TellResolved {
			item.Since = d.status.Since
		}
		item.Link = r.link(url.Values{"alert": {first.Alert}, "episode": {d.Episode}})
		list, more := &m.Firing, &m.MoreFiring
		if d.Transition == TellResolved {
			list, more = &m.Resolved, &m.MoreResolved
		}
		if len(*list) == r.cfg.Routes.Cap {
			*more++
			continue
		}
		*list = append(*list, item)
	}
	return m
}

// link is the address of the dashboard's page of alerts; empty if there is no dashboard.
func (r *Runner) link(query url.Values) string {
	base := strings.TrimSuffix(r.cfg.Routes.Dashboard, "/")
	if base == "" {
		return ""
	}
	return base + "/alerts?" + query.Encode()
}
