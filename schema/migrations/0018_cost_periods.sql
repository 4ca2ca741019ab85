-- by_length of cost_lines: which granules may have a line that is for more than a day (cost_periods).

ALTER TABLE {{local "cost_lines"}}{{on_cluster}} ADD INDEX IF NOT EXISTS by_length dateDiff('day', ts, ifNull(period_end, ts)) TYPE minmax GRANULARITY 1;

ALTER TABLE {{local "cost_lines"}}{{on_cluster}} MATERIALIZE INDEX by_length;
