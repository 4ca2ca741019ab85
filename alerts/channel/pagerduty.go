package channel

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// PagerDutyURL is where events of version 2 go. Of the service region EU it is events.eu.pagerduty.com.
const PagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

// pagerDutySummary is the most characters of a summary: https://developer.pagerduty.com/docs/events-api-v2/trigger-events.
const pagerDutySummary = 1024

// PagerDuty opens and closes incidents by Events API v2. It deduplicates by the message's key: the same incident is not opened twice.
type PagerDuty struct {
	to  receiver
	key string
}

// NewPagerDuty returns a channel to a service's integration key, which is a secret.
func NewPagerDuty(address, routingKey string, client *http.Client) (*PagerDuty, error) {
	to, err := newReceiver("pagerduty", address, client)
	return &PagerDuty{to, routingKey}, err
}

// Send implements Channel.
func (p *PagerDuty) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(p.event(m))
	if err != nil {
		return &Error{Channel: p.to.kind, Permanent: true, Err: err}
	}
	return p.to.post(ctx, body, nil)
}

// event opens or updates the group's incident, and closes it with its last episode.
func (p *PagerDuty) event(m Message) map[string]any {
	out := map[string]any{"routing_key": p.key, "dedup_key": m.Key, "client": "Polo"}
	if m.Open == 0 {
		out["event_action"] = "resolve"
		return out
	}
	out["event_action"] = "trigger"
	details := map[string]any{"alert": m.Alert, "message": m.ID, "open": m.Open}
	for name, items := range map[string][]Item{"firing": m.Firing, "resolved": m.Resolved} {
		var lines []string
		for _, i := range items {
			lines = append(lines, clip(i.line(), 2000))
		}
		if lines != nil {
			details[name] = lines
		}
	}
	for name, n := range map[string]int{"more_firing": m.MoreFiring, "more_resolved": m.MoreResolved} {
		if n > 0 {
			details[name] = n
		}
	}
	severity := map[string]string{"critical": "critical", "high": "error", "medium": "warning", "low": "info"}[m.Severity]
	if severity == "" {
		severity = "warning"
	}
	out["payload"] = map[string]any{
		"summary": clip(m.headline(), pagerDutySummary), "source": "polo", "severity": severity, "timestamp": m.At.UTC().Format(time.RFC3339), "component": m.Alert, "custom_details": details,
	}
	var links []map[string]string
	for _, l := range m.links() {
		links = append(links, map[string]string{"href": l.Value, "text": l.Name})
	}
	if links != nil {
		out["links"] = links
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
