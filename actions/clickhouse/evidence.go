package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"

	"polo/actions"
)

// Evidence is what ClickHouse knows. It implements actions.Evidence.
type Evidence struct{ Conn *Conn }

var _ actions.Evidence = (*Evidence)(nil)

// Resource implements actions.Evidence.
func (e *Evidence) Resource(ctx context.Context, arn string) (actions.Resource, error) {
	var r actions.Resource
	found := false
	err := e.Conn.rows(ctx, func(rows driver.Rows) error {
		found = true
		return rows.Scan(&r.Account, &r.Region, &r.Type)
	}, "SELECT account_id, region, resource_type FROM polo.resources_current WHERE arn = $1 AND platform = 'aws'", arn)
	switch {
	case err != nil:
		return r, err
	case !found:
		return r, actions.ErrNoResource
	}
	err = e.Conn.rows(ctx, func(rows driver.Rows) error { return rows.Scan(&r.Environment) },
		"SELECT role FROM polo.accounts WHERE platform = 'aws' AND account_id = $1", r.Account)
	return r, err
}

// Violation implements actions.Evidence.
func (e *Evidence) Violation(ctx context.Context, rule, arn string) (actions.Violation, error) {
	var v actions.Violation
	var account, region, resourceType string
	err := e.Conn.rows(ctx, func(rows driver.Rows) error { return rows.Scan(&v.Status, &account, &region, &resourceType) },
		"SELECT status, account_id, region, resource_type FROM polo.rule_violations WHERE rule = $1 AND arn = $2", rule, arn)
	if err != nil || v.Status == "" {
		return v, err
	}
	err = e.Conn.rows(ctx, func(rows driver.Rows) error { return rows.Scan(&v.Scanned) },
		"SELECT max(scanned_at) FROM polo.resource_scans WHERE account_id = $1 AND resource_type = $2 AND region IN ($3, '*')", account, resourceType, region)
	return v, err
}

// Count implements actions.Evidence.
func (e *Evidence) Count(ctx context.Context, resourceType string) (int64, error) {
	var n uint64
	err := e.Conn.rows(ctx, func(rows driver.Rows) error { return rows.Scan(&n) }, "SELECT count() FROM polo.resources_current WHERE resource_type = $1", resourceType)
	return int64(n), err //nolint:gosec // far below the greatest
}

// Cost implements actions.Evidence.
func (e *Evidence) Cost(ctx context.Context, arn string) ([]actions.Money, error) {
	var all []actions.Money
	err := e.Conn.rows(ctx, func(rows driver.Rows) error {
		var amount, currency string
		if err := rows.Scan(&amount, &currency); err != nil {
			return err
		}
		d, err := decimal.NewFromString(amount)
		if err != nil {
			return fmt.Errorf("an amount: %w", err)
		}
		all = append(all, actions.Money{Amount: d, Currency: currency})
		return nil
	}, `SELECT toString(sum(cost)) AS amount, toString(currency) AS of
FROM polo.cost_daily_by_arn
WHERE arn = $1 AND day >= toDate32(now('UTC')) - 30 AND day < toDate32(now('UTC'))
GROUP BY of HAVING sum(cost) != 0 ORDER BY of`, arn)
	return all, err
}

// Calls implements actions.Evidence. A role's session is the last part of its principal's ARN.
func (e *Evidence) Calls(ctx context.Context, session string, since time.Time) ([]string, error) {
	return e.names(ctx, `SELECT properties['event_name'] AS name
FROM polo.resource_events FINAL
WHERE event_type = 'activity.api_call' AND ts >= $1 AND endsWith(actor, concat('/', $2)) AND error_code = ''
ORDER BY ts, event_id LIMIT 10`, since.UTC(), session)
}

// CallsOn implements actions.Evidence.
func (e *Evidence) CallsOn(ctx context.Context, arn string, names []string, since time.Time) ([]string, error) {
	return e.names(ctx, `SELECT properties['event_name'] AS name
FROM polo.resource_events FINAL
WHERE source = 'aws.cloudtrail' AND arn = $1 AND ts >= $2 AND has($3, name) AND error_code = ''
ORDER BY ts, event_id LIMIT 10`, arn, since.UTC(), names)
}

// names returns the answer to a query of one column.
func (e *Evidence) names(ctx context.Context, query string, args ...any) ([]string, error) {
	var all []string
	err := e.Conn.rows(ctx, func(rows driver.Rows) error {
		var name string
		err := rows.Scan(&name)
		all = append(all, name)
		return err
	}, query, args...)
	return all, err
}
