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

// summed has the views of which a group may have more rows or fewer, by how much is rolled up.
var summed = map[string]string{
	"cost_daily":        "SELECT * EXCEPT (cost, lines, estimated_lines, partial_lines), sum(cost) AS cost, sum(lines) AS lines, sum(estimated_lines) AS estimated_lines, sum(partial_lines) AS partial_lines FROM cost_daily GROUP BY ALL",
	"cost_daily_by_arn": "SELECT * EXCEPT (cost, usage_quantity, resource_name, lines, estimated_lines, partial_lines), sum(cost) AS cost, sum(usage_quantity) AS usage_quantity, '' AS resource_name, sum(lines) AS lines, sum(estimated_lines) AS estimated_lines, sum(partial_lines) AS partial_lines FROM cost_daily_by_arn GROUP BY ALL",
	"cost_daily_by_tag": "SELECT * EXCEPT (cost, lines, estimated_lines, partial_lines), sum(cost) AS cost, sum(lines) AS lines, sum(estimated_lines) AS estimated_lines, sum(partial_lines) AS partial_lines FROM cost_daily_by_tag GROUP BY ALL",
}

// Of returns the content of every table and view in conn's database: a row count and a
// hash that does not depend on the order of rows, read with FINAL. It leaves out the
// columns in except, and always the time of insertion and which rollups there are.
func Of(ctx context.Context, conn driver.Conn, except ...string) (map[string]string, error) {
	columns, err := columnsOf(ctx, conn, append(except, "inserted_at"))
	if err != nil {
		return nil, err
	}
	got := make(map[string]string, len(columns))
	for name, list := range columns {
		var count, hash uint64
		query := fmt.Sprintf("SELECT count(), sum(sipHash64(%s)) FROM %s FINAL", list, name)
		if rows := summed[name]; rows != "" {
			query = fmt.Sprintf("SELECT count(), sum(sipHash64(%s)) FROM (%s)", list, rows)
		}
		if err := conn.QueryRow(ctx, query).Scan(&count, &hash); err != nil {
			return nil, fmt.Errorf("%s: %w", query, err)
		}
		got[name] = fmt.Sprintf("%d rows, content %016x", count, hash)
	}
	return got, nil
}

// columnsOf lists the compared columns of each table and view.
func columnsOf(ctx context.Context, conn driver.Conn, except []string) (map[string]string, error) {
	rows, err := conn.Query(ctx, `
		SELECT t.name, groupArray(c.name)
		FROM (SELECT name FROM system.tables WHERE database = currentDatabase() AND name NOT IN ('schema_migrations', 'cost_days', 'cost_days_everywhere')
		      AND NOT startsWith(name, 'cost_rollups') AND NOT startsWith(name, 'cost_sta') AND NOT startsWith(name, 'cost_anomalies')
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
