// Package channel sends messages about alerts: to Slack, PagerDuty, SNS, by e-mail, to a webhook, to a file.
package channel

import (
	"context"
	"fmt"
	"time"
)

// Message is what is told at once on one channel: episodes of one alert.
type Message struct {
	// Key is the same for every message about the same group of episodes, so that a receiver can deduplicate.
	Key string
	// ID is the message's own: the same message sent again has the same.
	ID string
	// Alert is the alert's id, Title what is wrong in a line, Text why it matters. Severity is critical, high, medium or low.
	Alert, Title, Text, Severity string
	// Runbook and Link, the alert's page on the dashboard, are URLs; both may be empty.
	Runbook, Link string
	// At is the time of the evaluation.
	At time.Time
	// Repeated reports that the message, or a part of it, may have been sent before.
	Repeated bool
	// Firing and Resolved are the episodes, capped; MoreFiring and MoreResolved count the others.
	Firing, Resolved         []Item
	MoreFiring, MoreResolved int
	// Open is how many episodes of the group fire after this message: 0 closes an incident.
	Open int
}

// Item is one episode.
type Item struct {
	// Labels identify it, Values are what was found.
	Labels, Values []Pair
	// Since is when it began to fire, or was resolved.
	Since time.Time
	// Reminder reports that its firing was told before.
	Reminder bool
	// Link is its page on the dashboard; it may be empty.
	Link string
}

// Pair is a name and its value.
type Pair struct{ Name, Value string }

// Channel sends messages. Send makes one attempt; retries are the caller's. An *Error says what is known of a failed attempt.
// Safe for concurrent use.
type Channel interface {
	Send(ctx context.Context, m Message) error
}

// Error is a failed attempt.
type Error struct {
	// Channel is the kind: slack.
	Channel string
	// Unknown reports that the message may have arrived: no answer, a connection that was lost, an error of the server.
	Unknown bool
	// Permanent reports that the same message will be refused again.
	Permanent bool
	// RetryAfter is how long the receiver asks to wait; 0 if it does not say.
	RetryAfter time.Duration
	// Err holds no secret.
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Channel, e.Err) }

// Unwrap returns what failed.
func (e *Error) Unwrap() error { return e.Err }
