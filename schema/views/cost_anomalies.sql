-- cost_anomalies: the days on which a series of costs was not what its past says, and what made the difference, as
-- cost_anomalies_mv last found them. polo.cost_anomalies_found says which series are judged, and how.
--
-- Where that is not of these costs and more than three minutes old, because the server has not run, they are judged here
-- (polo.cost_anomalies_due): merge() opens only the table that it is told to.

CREATE OR REPLACE VIEW polo.cost_anomalies{{on_cluster}}
(
    grain LowCardinality(String) COMMENT 'What the series is of: account, service (of an account) or customer',
    source LowCardinality(String) COMMENT 'Source of the costs: aws.cur',
    payer_account_id LowCardinality(String) COMMENT 'Account that pays the bill',
    currency LowCardinality(String) COMMENT 'Currency of the amounts, ISO 4217: USD',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros; empty for a customer',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2; empty for an account or a customer',
    marqo_customer LowCardinality(String) COMMENT 'Customer; empty for an account or a service',
    kind LowCardinality(String) COMMENT 'new, vanished, level, credit, spike or weekday',
    first_day Date32 COMMENT 'Its first day, UTC',
    last_day Date32 COMMENT 'Its last day, UTC',
    cost Decimal(76, 38) COMMENT 'What those days cost, in currency, exact',
    expected Decimal(76, 38) COMMENT 'What they should have cost, in currency',
    excess Decimal(76, 38) COMMENT 'cost - expected; negative for what vanished, fell or was credited',
    provisional Bool COMMENT 'Whether a line of those days may still be restated',
    contributors Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38))) COMMENT 'What made the excess, most first: up to five, each against its average of the 28 days before',
    computed_at DateTime('UTC') COMMENT 'When the costs were judged, UTC'
)
AS SELECT
    grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors,
    if(at = 0, now('UTC'), toDateTime(intDiv(at, 1000), 'UTC')) AS computed_at
FROM
(
    SELECT
        made AS at, grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors
    FROM merge('polo', (
        SELECT if(argMax(stamp, made) = (SELECT stamp FROM polo.cost_stamp) OR max(made) / 1000 > toUnixTimestamp(now()) - 180,
            '^{{if cluster}}cost_anomalies_kept_local{{else}}cost_anomalies_kept{{end}}$', '^cost_anomalies_due$')
        FROM {{local "cost_anomalies_kept"}}
        SETTINGS final = 0
    ))
    SETTINGS final = 0
)
WHERE grain != '' AND (at = 0 OR at = (SELECT max(made) FROM {{local "cost_anomalies_kept"}} SETTINGS final = 0))
COMMENT 'One row for each run of days on which what an account, a service of it or a customer cost was not what its past says: kind, cost, expected, excess, and what made it. Of the last 62 days; made anew within about a minute of a change of costs'
