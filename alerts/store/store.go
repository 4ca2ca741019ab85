// Package store reads from ClickHouse what runs of alerts left there, and asks it the alerts' queries.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/alerts"
	"polo/alerts/channel"
	"polo/schema/queries"
)

// Store is an alerts.Store on a connection whose account may select. Safe for concurrent use.
type Store struct {
	conn driver.Conn
	now  func() time.Time
}

var _ alerts.Store = (*Store)(nil)

// New returns a store that reads from conn. It does not close it.
func New(conn driver.Conn, now func() time.Time) *Store { return &Store{conn, now} }

// abandoned is how long a claim without an end is looked at.
const abandoned = 48 * time.Hour

// each runs a query, and calls each for every row.
func (s *Store) each(ctx context.Context, sql string, parameters clickhouse.Parameters, row func(driver.Rows) error) (err error) {
	ctx, cancel := queries.WithoutDeadline(ctx)
	defer cancel()
	rows, err := s.conn.Query(clickhouse.Context(ctx, clickhouse.WithParameters(parameters)), sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Turns implements alerts.Store.
func (s *Store) Turns(ctx context.Context) (alerts.Turns, error) {
	const sql = `SELECT subject, max(ts) AS scheduled, anyIf(properties['claimed_at'], event_type = 'alert.claimed') AS at,
    anyIf(toUInt32OrZero(properties['lease_s']), event_type = 'alert.claimed') AS lease, anyIf(toString(state), event_type = 'alert.evaluated') AS ended
FROM polo.alert_log FINAL
WHERE event_type IN ('alert.claimed', 'alert.evaluated') AND ts >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND ts <= parseDateTime64BestEffort({until:String}, 3, 'UTC')
GROUP BY subject
ORDER BY scheduled, subject`
	var out alerts.Turns
	err := s.each(ctx, sql, clickhouse.Parameters{"since": stamp(s.now().Add(-abandoned)), "until": stamp(s.now().Add(alerts.MostAhead))}, func(rows driver.Rows) error {
		var run, at, ended string
		var scheduled time.Time
		var lease uint32
		if err := rows.Scan(&run, &scheduled, &at, &lease, &ended); err != nil {
			return err
		}
		switch ended {
		case "finished":
			out.Evaluated = scheduled.UTC()
			out.Open = nil // the earlier ones were before this one
		case "":
			if !scheduled.After(out.Evaluated) { // its time was evaluated
				return nil
			}
			claimed, err := time.Parse(time.RFC3339, at)
			if err != nil {
				return fmt.Errorf("a claim without its time: %w", err)
			}
			out.Open = append(out.Open, alerts.Claim{Run: run, Scheduled: scheduled.UTC(), At: claimed, Lease: time.Duration(lease) * time.Second})
		}
		return nil
	})
	if err != nil {
		return alerts.Turns{}, fmt.Errorf("reading the runs: %w", err)
	}
	return out, nil
}

// Statuses implements alerts.Store.
func (s *Store) Statuses(ctx context.Context, since time.Time) ([]alerts.Status, error) {
	// The present of what is not over, and the end of each episode: its subject may have come back since.
	const sql = `SELECT alert, fingerprint, title, severity, state, on, since, changed_at, count, fired_at, reason, labels, values
FROM polo.alert_states
WHERE state IN ('pending', 'firing', 'recovering', 'error', 'no_data')
UNION ALL
SELECT
    alert, subject, properties['title'], properties['severity'], state, properties['on'], parseDateTime64BestEffortOrZero(properties['since'], 3, 'UTC'), ts,
    toUInt32OrZero(properties['count']), parseDateTime64BestEffortOrNull(properties['fired_at'], 3, 'UTC'), properties['reason'],
    JSONExtract(properties['labels'], 'Map(String, String)'), JSONExtract(properties['values'], 'Map(String, String)')
FROM
(
    SELECT * FROM polo.alert_log FINAL
    WHERE event_type = 'alert.transitioned' AND state = 'resolved' AND ts >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    ORDER BY ts DESC
    LIMIT 1 BY properties['episode']
)`
	var out []alerts.Status
	err := s.each(ctx, sql, clickhouse.Parameters{"since": stamp(since)}, func(rows driver.Rows) error {
		var x alerts.Status
		var state, on string
		var count uint32
		var fired *time.Time
		var labels, values map[string]string
		if err := rows.Scan(&x.Alert, &x.ID, &x.Title, &x.Severity, &state, &on, &x.Since, &x.Changed, &count, &fired, &x.Reason, &labels, &values); err != nil {
			return err
		}
		x.State, x.On, x.Count = alerts.State(state), alerts.State(on), int(count)
		x.Since, x.Changed = x.Since.UTC(), x.Changed.UTC()
		if fired != nil {
			x.Fired = fired.UTC()
		}
		x.Labels, x.Values = sorted(labels), sorted(values)
		out = append(out, x)
		return nil
	})
	return out, err
}

// Notifications implements alerts.Store.
func (s *Store) Notifications(ctx context.Context, since time.Time) ([]alerts.Notification, error) {
	const sql = `SELECT alert, fingerprint, episode, time, transition, channel, repetition, state, message, message_key, attempts, marked_repeated, uncertain, error, changed_at
FROM polo.alert_notifications
WHERE episode IN
(
    SELECT episode FROM polo.alert_states WHERE state IN ('firing', 'recovering', 'error', 'no_data')
    UNION ALL
    SELECT properties['episode'] FROM polo.alert_log FINAL
    WHERE event_type = 'alert.transitioned' AND state = 'resolved' AND ts >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
)
ORDER BY repetition DESC, indexOf(['intended', 'failed', 'silenced', 'sent'], state) DESC
LIMIT 1 BY episode, channel, transition`
	var out []alerts.Notification
	err := s.each(ctx, sql, clickhouse.Parameters{"since": stamp(since)}, func(rows driver.Rows) error {
		var x alerts.Notification
		var transition, state string
		var repetition, attempts uint32
		if err := rows.Scan(&x.Alert, &x.Fingerprint, &x.Episode, &x.Time, &transition, &x.Channel, &repetition, &state, &x.Message, &x.MessageKey, &attempts, &x.Marked, &x.Uncertain, &x.Err, &x.Changed); err != nil {
			return err
		}
		x.Transition, x.Delivery, x.Repetition, x.Attempts = alerts.Transition(transition), alerts.Delivery(state), int(repetition), int(attempts)
		x.Time, x.Changed = x.Time.UTC(), x.Changed.UTC()
		out = append(out, x)
		return nil
	})
	return out, err
}

// Silences implements alerts.Store.
func (s *Store) Silences(ctx context.Context, at time.Time) ([]alerts.Silence, error) {
	const sql = `SELECT silence, alert, labels, author, reason, starts, expires
FROM polo.alert_silences
WHERE state NOT IN ('revoked', 'malformed') AND starts <= parseDateTime64BestEffort({at:String}, 3, 'UTC') AND expires > parseDateTime64BestEffort({at:String}, 3, 'UTC')`
	var out []alerts.Silence
	err := s.each(ctx, sql, clickhouse.Parameters{"at": stamp(at)}, func(rows driver.Rows) error {
		var x alerts.Silence
		if err := rows.Scan(&x.ID, &x.Alert, &x.Labels, &x.Author, &x.Reason, &x.Starts, &x.Expires); err != nil {
			return err
		}
		out = append(out, x)
		return nil
	})
	return out, err
}

// Arrived implements alerts.Store.
func (s *Store) Arrived(ctx context.Context, run string, since time.Time) (int, error) {
	const sql = `SELECT count() FROM polo.alert_log FINAL
WHERE observed_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC') AND run = {run:String}
    AND event_type IN ('alert.transitioned', 'alert.notified') AND state != 'intended'`
	var n uint64
	err := s.each(ctx, sql, clickhouse.Parameters{"since": stamp(since), "run": run}, func(rows driver.Rows) error { return rows.Scan(&n) })
	return int(n), err //nolint:gosec // a run's events
}

// Answer implements alerts.Store.
func (s *Store) Answer(ctx context.Context, q queries.Bound) (queries.Answer, error) {
	return q.Run(ctx, s.conn)
}

// HasData implements alerts.Store.
func (s *Store) HasData(ctx context.Context, sql string) (bool, error) {
	var some, answered bool
	err := s.each(ctx, sql, nil, func(rows driver.Rows) error {
		answered = true
		return rows.Scan(&some)
	})
	if err == nil && !answered {
		err = errors.New("no answer")
	}
	return some, err
}

// sorted returns a map as pairs by name.
func sorted(m map[string]string) []channel.Pair {
	var out []channel.Pair
	for name, value := range m {
		out = append(out, channel.Pair{Name: name, Value: value})
	}
	slices.SortFunc(out, func(a, b channel.Pair) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
