package queries_test

import (
	"encoding/json"
	"maps"
	"strconv"
	"time"
)

// alerts has what package alerts publishes: runs, a firing and a resolved episode, something pending, notifications and silences.
func (w *world) alerts() {
	ago := func(minutes int) time.Time { return w.now.Add(-time.Duration(minutes) * time.Minute) }
	w.alertRun("run-a", ago(15), "finished", map[string]string{"alerts": "12", "errors": "1", "open": "2", "sent": "1", "failed": "1", "silenced": "0", "repeated": "true"})
	w.alertRun("run-b", ago(10), "", nil)
	w.alertRun("run-c", ago(5), "yielded", map[string]string{"alerts": "0", "repeated": "false"})

	stale := map[string]string{"source": "aws.cur"}
	w.alertState("stale", "stale_source", "high", "", "pending", "", ago(40), stale, nil)
	w.alertState("stale", "stale_source", "high", "pending", "firing", "episode-1", ago(35), stale, map[string]string{"silent": "90000"})
	w.alertState("spike", "cost_anomaly", "critical", "", "firing", "episode-2", ago(30), map[string]string{"account_id": "000000000001", "currency": "USD"}, map[string]string{"excess": "40"})
	w.alertState("old", "root_sign_in", "critical", "", "firing", "episode-3", ago(100), map[string]string{"account_id": "000000000002"}, nil)
	w.alertState("old", "root_sign_in", "critical", "firing", "resolved", "episode-3", ago(90), map[string]string{"account_id": "000000000002"}, nil)
	w.alertState("untagged", "untagged_spend", "low", "", "pending", "", ago(20), map[string]string{"account_id": "000000000002"}, nil)

	w.alertNotification("n1", "stale_source", "episode-1", "firing", "slack", 0, "sent", ago(35), ago(35), "")
	w.alertNotification("n2", "stale_source", "episode-1", "firing", "slack", 1, "failed", ago(35), ago(5), "status 500")
	w.alertNotification("n3", "stale_source", "episode-1", "firing", "pager", 0, "sent", ago(35), ago(34), "")
	w.alertNotification("n4", "root_sign_in", "episode-3", "resolved", "slack", 0, "silenced", ago(90), ago(89), "")

	w.alertSilence("s1", "untagged_*", "active", "ada", ago(60), ago(-60))
	w.alertSilence("s2", "stale_source", "active", "ada", ago(600), ago(300))
	w.alertSilence("s3", "stale_source", "revoked", "bob", ago(50), ago(-50))
}

// alertRun adds a run's claim, and its end where it has a state.
func (w *world) alertRun(token string, at time.Time, state string, outcome map[string]string) {
	w.add("alert.claimed", "polo.alerts", at, row{"resource_id": token, "state": "claimed", "properties": map[string]string{"run": token}})
	if state == "" {
		return
	}
	properties := map[string]string{"run": token}
	maps.Copy(properties, outcome)
	w.add("alert.evaluated", "polo.alerts", at, row{"resource_id": token, "state": state, "observed_at": clock(at.Add(4 * time.Second)), "properties": properties})
}

func (w *world) alertState(fingerprint, alert, severity, from, state, episode string, at time.Time, labels, values map[string]string) {
	properties := map[string]string{
		"alert": alert, "title": "Title of " + alert, "severity": severity, "from": from, "on": "firing", "since": at.Format(time.RFC3339), "count": "1", "episode": episode,
		"labels": object(labels), "values": object(values),
	}
	if episode != "" {
		properties["fired_at"] = at.Format(time.RFC3339)
	}
	w.add("alert.transitioned", "polo.alerts", at, row{"resource_id": fingerprint, "state": state, "account_id": labels["account_id"], "properties": properties})
}

func (w *world) alertNotification(id, alert, episode, transition, channel string, repetition int, state string, at, changed time.Time, err string) {
	w.add("alert.notified", "polo.alerts", at, row{"resource_id": id, "state": state, "observed_at": clock(changed), "properties": map[string]string{
		"alert": alert, "fingerprint": "f-" + alert, "episode": episode, "transition": transition, "channel": channel, "repetition": strconv.Itoa(repetition), "attempts": "1", "error": err,
	}})
}

func (w *world) alertSilence(id, pattern, state, author string, starts, expires time.Time) {
	w.add("alert.silenced", "polo.alerts", starts, row{"resource_id": id, "state": state, "actor": author, "properties": map[string]string{
		"pattern": pattern, "labels": `{"account_id":"*"}`, "author": author, "reason": "maintenance", "starts": starts.Format(time.RFC3339), "expires": expires.Format(time.RFC3339),
	}})
}

// object is a map as JSON; a map of texts always encodes.
func object(m map[string]string) string {
	text, _ := json.Marshal(m)
	return string(text)
}
