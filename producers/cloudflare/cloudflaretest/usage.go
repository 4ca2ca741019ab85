package cloudflaretest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Meter is a subscription whose usage is billed in months from its anchor's day on.
type Meter struct {
	ID            string
	Anchor, Start time.Time
	// Records are JSON objects with ChargePeriodStart and what it cost.
	Records []string
}

// SetUsage sets the billable usage of an account. Without any it is not covered; an account
// whose usage was never set has no such API.
func (a *API) SetUsage(account string, meters ...Meter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if meters == nil {
		meters = []Meter{}
	}
	a.meters[account] = meters
}

func (a *API) billingInfo(w http.ResponseWriter, account string) {
	meters, ok := a.meters[account]
	if !ok {
		refuse(w, http.StatusNotFound, 7003, "Could not route to the account's billable usage")
		return
	}
	all := []map[string]any{}
	for _, m := range meters {
		all = append(all, map[string]any{"id": m.ID, "billing_cycle_anchor_timestamp": m.Anchor, "start_timestamp": m.Start})
	}
	write(w, http.StatusOK, object(map[string]any{"covered": len(all) > 0, "subscriptions": all}), nil)
}

// billableUsage answers with the records of the subscriptions whose anchor's day is in the
// range, which includes both of its ends. Those of others are left out without a word.
func (a *API) billableUsage(w http.ResponseWriter, account string, q url.Values) {
	meters, ok := a.meters[account]
	from, err := time.Parse(time.DateOnly, q.Get("from"))
	to, err2 := time.Parse(time.DateOnly, q.Get("to"))
	if !ok || err != nil || err2 != nil {
		refuse(w, http.StatusBadRequest, 1183, "Invalid request parameters")
		return
	}
	records := []json.RawMessage{}
	for _, m := range meters {
		if !hasAnchor(m.Anchor, from, to) {
			continue
		}
		for _, text := range m.Records {
			var r struct{ ChargePeriodStart time.Time }
			if json.Unmarshal([]byte(text), &r) == nil && !r.ChargePeriodStart.Before(from) && r.ChargePeriodStart.Before(to.AddDate(0, 0, 1)) {
				records = append(records, json.RawMessage(text))
			}
		}
	}
	write(w, http.StatusOK, object(records), nil)
}

func hasAnchor(anchor, from, to time.Time) bool {
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		if d.Day() == anchor.Day() || d.AddDate(0, 0, 1).Day() == 1 && d.Day() < anchor.Day() {
			return true
		}
	}
	return false
}
