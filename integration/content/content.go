// Package content compares the content of ClickHouse databases: every table and view by
// its rows, in any order.
package content

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// instead has what to read of views whose rows tell more than their content: a group of costs has more
// rows or fewer, by how much is rolled up; a violation was noted sooner or later.
var instead = map[string]string{
	"cost_daily":        "SELECT * EXCEPT (cost, lines, estimated_lines, partial_lines), sum(cost) AS cost, sum(lines) AS lines, sum(estimated_lines) AS estimated_lines, sum(partial_lines) AS partial_lines FROM cost_daily GROUP BY ALL",
	"cost_daily_by_arn": "SELECT * EXCEPT (cost, usage_quantity, resource_name, lines, estimated_lines, partial_lines), sum(cost) AS cost, sum(usage_quantity) AS usage_quantity, '' AS resource_name, sum(lines) AS lines, sum(estimated_lines) AS estimated_lines, sum(partial_lines) AS partial_lines FROM cost_daily_by_arn GROUP BY ALL",
	"cost_daily_by_tag": "SELECT * EXCEPT (cost, lines, estimated_lines, partial_lines), sum(cost) AS cost, sum(lines) AS lines, sum(estimated_lines) AS estimated_lines, sum(partial_lines) AS partial_lines FROM cost_daily_by_tag GROUP BY ALL",
	"rule_violations":   "SELECT * REPLACE (toDateTime64(0, 3, 'UTC') AS first_seen, toDateTime64(0, 3, 'UTC') AS last_seen, isNull(resolved_at) AS resolved_at) FROM rule_violations",
}

// internal matches what is stored of other tables, which depends on when it was.
const internal = "cost_(rollups|sta|anomalies|daily.*_live)|resource_(rollups|minutes|stamp|scans_kept|scans_touched)|resources_touched"

// Of returns the content of every table and view in conn's database: a row count and a
// hash that does not depend on the order of rows, read with FINAL. It leaves out the
// columns in except, and always the time of insertion, what is stored of other tables, and what is judged of the
// rest: by rules, which take long to ask, and anomalies.
func Of(ctx context.Context, conn driver.Conn, except ...string) (map[string]string, error) {
	return of(ctx, conn, "^("+internal+"|rule_)", except)
}

// WithRules returns the content as Of does, and what rules say.
func WithRules(ctx context.Context, conn driver.Conn, except ...string) (map[string]string, error) {
	return of(ctx, conn, "^("+internal+"|rule_(answers|changes))", except)
}

func of(ctx context.Context, conn driver.Conn, without string, except []string) (map[string]string, error) {
	columns, err := columnsOf(ctx, conn, without, append(except, "inserted_at"))
	if err != nil {
		return nil, err
	}
	got := make(map[string]string, len(columns))
	for name, list := range columns {
		var count, hash uint64
		query := fmt.Sprintf("SELECT count(), sum(sipHash64(%s)) FROM %s FINAL", list, name)
		if rows := instead[name]; rows != "" {
			query = fmt.Sprintf("SELECT count(), sum(sipHash64(%s)) FROM (%s)", list, rows)
		}
		if err := conn.QueryRow(ctx, query).Scan(&count, &hash); err != nil {
			return nil, fmt.Errorf("%s: %w", query, err)
		}
		got[name] = fmt.Sprintf("%d rows, content %016x", count, hash)
	}
	return got, nil
}

// columnsOf lists the compared columns of each table and view whose name does not match without.
func columnsOf(ctx context.Context, conn driver.Conn, without string, except []string) (map[string]string, error) {
	rows, err := conn.Query(ctx, `
		SELECT t.name, groupArray(c.name)
		FROM (SELECT name FROM system.tables WHERE database = currentDatabase() AND name NOT IN ('schema_migrations', 'cost_days', 'cost_days_everywhere')
		      AND NOT match(name, '`+without+`')
		      AND engine NOT IN ('MaterializedView', 'Dictionary')) AS t
		INNER JOIN (SELECT table, name FROM system.columns WHERE database = currentDatabase() ORDER BY table, position) AS c
		      ON c.table = t.name
		GROUP BY t.name`)
	if err != nil {
		return nil, fmt.Errorf("listing the columns: %w", err)
	}
	defer func() { _ = rows.Close() }()
	got := map[string]string{}
	for rows.Next() {
		var name string
		var columns []string
		if err := rows.Scan(&name, &columns); err != nil {
			return nil, fmt.Errorf("listing the columns: %w", err)
		}
		columns = slices.DeleteFunc(columns, func(c string) bool { return slices.Contains(except, c) })
		for i := range columns {
			columns[i] = "ifNull(toString(`" + columns[i] + "`), '\\\\N')"
		}
		got[name] = strings.Join(columns, ", ")
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("listing the columns: %w", err)
	}
	return got, nil
}
