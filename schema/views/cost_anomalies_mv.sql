-- cost_anomalies_mv finds the anomalies of costs anew when a row of cost_lines or scans has come or gone since it last did, and every hour,
-- so that a change of their definition takes effect. Else it adds nothing: merge() opens only the table that it is told to, and
-- the rows that are there have another time. Where there are no costs it does not look for any. A row that it does not replace expires after a day.
--
-- A server that has just started waits for the next time, because it may be there for one question.
--
-- All rows of a run are one block, and so one part.

DROP VIEW IF EXISTS polo.cost_anomalies_mv{{on_cluster}};

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_anomalies_mv{{on_cluster}} REFRESH AFTER 1 MINUTE APPEND TO {{local "cost_anomalies_kept"}}
(
    made UInt64, stamp UInt64, expires DateTime, grain LowCardinality(String), source LowCardinality(String), payer_account_id LowCardinality(String), currency LowCardinality(String),
    account_id LowCardinality(String), service LowCardinality(String), marqo_customer LowCardinality(String), kind LowCardinality(String), first_day Date32, last_day Date32,
    cost Decimal(76, 38), expected Decimal(76, 38), excess Decimal(76, 38), provisional Bool,
    contributors Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38)))
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    toUInt64(toUnixTimestamp64Milli(now64(3))) AS made, stamp, now() + 86400 AS expires,
    grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors
FROM
(
    SELECT
        made AS at, stamp, grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors
    FROM merge('polo', (
        SELECT if(uptime() < 60 OR if(count() = 0, (SELECT stamp FROM polo.cost_stamp) = 0, argMax(stamp, made) = (SELECT stamp FROM polo.cost_stamp) AND max(made) / 1000 > toUnixTimestamp(now()) - 3600), {{- /* mutant:anomalies-stay */}}
            '^{{if cluster}}cost_anomalies_kept_local{{else}}cost_anomalies_kept{{end}}$', '^cost_anomalies_due$')
        FROM {{local "cost_anomalies_kept"}}
    ))
    WHERE at = 0
)
SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0
COMMENT 'Internal: finds the anomalies of costs and keeps them in cost_anomalies_kept'
