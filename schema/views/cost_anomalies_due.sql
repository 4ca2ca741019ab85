-- cost_anomalies_due: what cost_anomalies_mv is to keep: polo.cost_anomalies_found, with contributors, and a row that tells that it was asked. A contributor is an
-- ARN and kind of usage; its excess is what it cost in the days of the anomaly less as many times its average of the
-- 28 days before. An account with two payers has the contributors of both.
--
-- The stamp is read before the costs: with what comes between the two, the rows have a stamp that is no more, and are made again.

CREATE OR REPLACE VIEW polo.cost_anomalies_due{{on_cluster}}
AS WITH
    (SELECT stamp FROM polo.cost_stamp) AS before,
    (
        SELECT groupArray((
            toString(grain), toString(source), toString(payer_account_id), toString(currency), toString(account_id), toString(service), toString(marqo_customer),
            kind, first_day, last_day, cost, expected, excess, provisional))
        FROM polo.cost_anomalies_found
    ) AS found,
    listed AS
    (
        SELECT
            number, of.1 AS grain, of.2 AS source, of.3 AS payer_account_id, of.4 AS currency, of.5 AS account_id, of.6 AS service, of.7 AS marqo_customer,
            of.8 AS kind, of.9 AS first_day, of.10 AS last_day, of.11 AS cost, of.12 AS expected, of.13 AS excess, of.14 AS provisional,
            [grain, account_id, service, marqo_customer] AS series
        FROM (SELECT found AS all)
        ARRAY JOIN all AS of, arrayEnumerate(all) AS number
    ),
    moved AS
    (
        SELECT
            a.number AS number, c.arn AS arn, c.usage_type AS usage_type, c.account_id AS account_id, c.service AS service,
            sumIf(c.cost, c.day >= a.first_day) - sumIf(c.cost, c.day < a.first_day) * (dateDiff('day', any(a.first_day), any(a.last_day)) + 1) / 28 AS change
        FROM
        (
            SELECT
                day, arn, usage_type, source, currency, toString(account_id) AS account_id, toString(service) AS service, cost,
                arrayJoin([['account', account_id, '', ''], ['service', account_id, service, ''], ['customer', '', '', toString(marqo_customer)]]) AS series
            FROM polo.cost_daily_by_arn
            WHERE day >= addDays(arrayMin(found.9), -28) AND day <= arrayMax(found.10) AND (account_id IN found.5 OR marqo_customer IN arrayFilter(m -> m != '', found.7))
        ) AS c
        INNER JOIN (SELECT * FROM listed) AS a ON c.source = a.source AND c.currency = a.currency AND c.series = a.series
        WHERE c.day >= addDays(a.first_day, -28) AND c.day <= a.last_day
        GROUP BY number, arn, usage_type, account_id, service, sign(a.excess)
        HAVING change * sign(a.excess) > 0
        ORDER BY abs(change) DESC, arn, usage_type, account_id, service
        LIMIT 5 BY number
    )
SELECT *
FROM
(
SELECT
    0::UInt64 AS made, before AS stamp,
    l.grain AS grain, l.source AS source, l.payer_account_id AS payer_account_id, l.currency AS currency, l.account_id AS account_id, l.service AS service, l.marqo_customer AS marqo_customer,
    l.kind AS kind, l.first_day AS first_day, l.last_day AS last_day, l.cost AS cost, l.expected AS expected, l.excess AS excess, l.provisional AS provisional,
    m.contributors AS contributors
FROM listed AS l
LEFT ANY JOIN
(
    SELECT
        number,
        CAST(arraySort(c -> (-abs(c.5), c), groupArray((arn, toString(usage_type), account_id, service, change))), 'Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38)))') AS contributors
    FROM moved
    GROUP BY number
) AS m ON l.number = m.number
UNION ALL
SELECT
    0, before, '', '', '', '', '', '', '', '', toDate32(0), toDate32(0), toDecimal256(0, 38), toDecimal256(0, 38), toDecimal256(0, 38), false,
    CAST([], 'Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38)))')
)
COMMENT 'Internal: what cost_anomalies_mv puts into cost_anomalies_kept'
