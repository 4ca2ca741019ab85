// Package alerts evaluates the alerts of schema/alerts and tells people what is wrong.
//
// A run evaluates every alert once, and changes states: ok, pending, firing, recovering, resolved; error where an alert cannot
// be evaluated, no_data where it has nothing to judge. ClickHouse is the only memory: what a run did is published as events of
// the family "alert" through the queue, and the next run reads it from the table alert_log.
//
// Delivery is at least once and, unless marked as repeated, at most once. A run first claims its turn and waits until its claim is
// in ClickHouse: of two runs at once, the one whose claim arrived later sees the other. A notification is published as
// intended before it is sent, and as sent after it. A run ends with alert.evaluated, which it publishes when the rest of its events is
// in ClickHouse, so that who sees the end sees all. After a run without an end, everything that is sent is marked as repeated.
package alerts
