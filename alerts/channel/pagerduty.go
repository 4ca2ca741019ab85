package channel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// PagerDutyURL is where events of version 2 go. Of the service region EU it is https://events.eu.pagerduty.com/v2/enqueue.
const PagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

const (
	// pagerDutySummary and pagerDutyKey are the most characters of a summary and of a key to deduplicate by:
	// https://developer.pagerduty.com/docs/events-api-v2/trigger-events.
	pagerDutySummary = 1024
	pagerDutyKey     = 255
	// pagerDutyEvent is the most bytes of an event: https://developer.pagerduty.com/docs/events-api-v2-overview.
	pagerDutyEvent = 512 << 10
	// pagerDutyLine is the most characters of an episode, of ours.
	pagerDutyLine = 2000
)

// PagerDuty opens and closes incidents by Events API v2. It deduplicates by the message's key: the same incident is not opened twice.
type PagerDuty struct {
	to  receiver
	key string
}

// NewPagerDuty returns a channel to a service's integration key, which is a secret.
func NewPagerDuty(address, routingKey string, client *http.Client) (*PagerDuty, error) {
	routingKey = strings.TrimSpace(routingKey)
	if routingKey == "" {
		return nil, errors.New("pagerduty: the integration key is empty")
	}
	to, err := newReceiver("pagerduty", address, http.StatusAccepted, client, routingKey)
	return &PagerDuty{to, routingKey}, err
}

// Send implements Channel.
func (p *PagerDuty) Send(ctx context.Context, m Message) error {
	l := m.letter(pagerDutyLine).fit(func(l letter) bool {
		body, err := json.Marshal(p.event(m, l))
		return err != nil || len(body) <= pagerDutyEvent
	})
	body, err := json.Marshal(p.event(m, l))
	if err != nil {
		return &Error{Channel: p.to.kind, Permanent: true, Err: err}
	}
	return p.to.post(ctx, body, nil)
}

// event opens or updates the group's incident, and closes it with its last episode. What it rests on is in the incident's log either way.
func (p *PagerDuty) event(m Message, l letter) map[string]any {
	action := "trigger"
	if m.Open == 0 {
		action = "resolve"
	}
	details := map[string]any{"alert": m.Alert, "message": m.ID, "open": m.Open, "may_have_been_sent_before": m.Repeated}
	for _, x := range l.lists() {
		name := strings.ToLower(x.title)
		lines := []string{}
		for _, i := range x.lines {
			lines = append(lines, i.text)
		}
		details[name] = lines
		if x.more > 0 {
			details["more_"+name] = x.more
		}
	}
	severity := map[string]string{"critical": "critical", "high": "error", "medium": "warning", "low": "info"}[m.Severity]
	if severity == "" {
		severity = "warning"
	}
	out := map[string]any{
		"routing_key": p.key, "dedup_key": dedupKey(m.Key), "event_action": action, "client": "Polo",
		"payload": map[string]any{
			"summary": clip(l.headline, pagerDutySummary), "source": "polo", "severity": severity, "timestamp": m.At.UTC().Format(time.RFC3339), "component": m.Alert, "custom_details": details,
		},
	}
	var links []map[string]string
	for _, to := range l.links {
		links = append(links, map[string]string{"href": to.Value, "text": to.Name})
	}
	if links != nil {
		out["links"] = links
	}
	return out
}

// dedupKey is the message's key, or a checksum of one that is too long: cut, it could be another's.
func dedupKey(key string) string {
	if len(key) <= pagerDutyKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
