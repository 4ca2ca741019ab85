-- cost_scopes: what decides together whether a line counts, and how many lines it has: a delivery of a bill, or
-- the lines of a billing day that were observed at one time.

CREATE OR REPLACE VIEW polo.cost_scopes{{on_cluster}}
(
    scope UInt64 COMMENT 'Number of the scope',
    source String COMMENT 'Source of the lines: aws.cur',
    payer_account_id String COMMENT 'Account that pays the bill',
    report_account String COMMENT 'Account whose own report the lines are of; empty for the payer\'s',
    billing_day Date32 COMMENT 'First day of the billing period, or the day of the lines',
    delivery String COMMENT 'Id of the delivery of the bill; empty for a source without',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the latest of the lines was read, UTC',
    lines UInt64 COMMENT 'How many lines it has'
)
AS WITH ({{template "days"}}) AS days
SELECT
    scope, any(source_) AS source, any(payer) AS payer_account_id, any(report) AS report_account,
    any(billed) AS billing_day, any(delivered) AS delivery, max(at) AS observed_at, sum(n) AS lines
FROM
(
    SELECT s.1 AS scope, s.2 AS source_, s.3 AS payer, s.4 AS report, s.5 AS billed, s.6 AS delivered, s.7 AS at, s.8 AS n
    FROM (SELECT arrayJoin(days.3) AS s)
    UNION ALL
    SELECT {{template "scope"}}, source, payer_account_id, report_account, billing_day, delivery, observed_at, 1
    FROM polo.cost_lines FINAL
    WHERE toDate32(ts) IN days.2 AND event_type = 'cost.accrued'
)
GROUP BY scope
COMMENT 'Internal: each delivery of a bill and, where there are none, each time at which lines of a billing day were observed, with the number of its lines'
