-- title: Idle resources
-- group: health
-- text: Resources that seem to serve nothing, with what they cost: volumes and interfaces that nothing is attached to, addresses that are not
-- text: associated, stopped instances and databases, and what metrics show no use of. A resource without metrics is not judged by them.
-- param: days UInt16 | default 14 | min 1 | max 90 | How far back metrics and costs are looked at
-- param: cpu Decimal(9, 2) | default 3 | min 0 | max 100 | A processor whose every sample is below so many percent is idle
-- use: resource_filter
-- rows: 200 5000
-- cache: 300
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: reason String | unattached, unassociated, stopped, low CPU or unused
-- column: detail String | What shows it
-- column: since DateTime64(3, 'UTC') | UTC | When something was last said of the resource: it may be idle for longer
-- column: currency String | Currency of the cost; empty where none is known
-- column: cost Nullable(Decimal(76, 38)) | currency | What it cost in those days; null where no bill names it
-- column: estimated_lines UInt64 | lines | Lines of the cost that are estimates
-- column: partial_lines UInt64 | lines | Lines of the cost of bills that are not whole

SELECT
    r.arn AS arn, toString(r.resource_type) AS resource_type, r.resource_name AS resource_name, toString(r.account_id) AS account_id, toString(r.region) AS region,
    r.judged.1 AS reason, r.judged.2 AS detail, r.last_ts AS since,
    c.money AS currency, c.amount AS cost, c.estimated AS estimated_lines, c.parts AS partial_lines
FROM
(
    SELECT
        *,
        multiIf(
            resource_type = 'ec2:volume' AND state = 'available', ('unattached', 'state available'),
            resource_type = 'ec2:network-interface' AND state = 'available', ('unattached', 'state available'),
            resource_type = 'ec2:elastic-ip' AND properties['association_id'] = '' AND empty(relations), ('unassociated', 'no association'),
            resource_type IN ('ec2:instance', 'rds:db') AND state = 'stopped', ('stopped', 'state stopped'),
            m.cpu_samples > 0 AND m.cpu_most < toFloat64({cpu:Decimal(9, 2)}), ('low CPU', concat('at most ', toString(round(m.cpu_most, 2)), '% in ', toString(m.cpu_samples), ' samples')),
            m.use_samples > 0 AND m.use = 0, ('unused', concat(m.use_metric, ' 0 in ', toString(m.use_samples), ' samples')),
            ('', '')) AS judged
    FROM (SELECT * FROM polo.resources_current WHERE {{resource_filter}}) AS s
    LEFT ANY JOIN
    (
        SELECT
            arn,
            countIf(properties['metric'] = 'CPUUtilization') AS cpu_samples,
            maxIf(ifNull(metric_value, 0), properties['metric'] = 'CPUUtilization') AS cpu_most,
            countIf(properties['metric'] != 'CPUUtilization') AS use_samples,
            sumIf(ifNull(metric_value, 0), properties['metric'] != 'CPUUtilization') AS use,
            minIf(properties['metric'], properties['metric'] != 'CPUUtilization') AS use_metric
        FROM polo.resource_events FINAL
        WHERE event_type = 'metric.sampled' AND arn != '' AND ts >= now64(3, 'UTC') - toIntervalDay({days:UInt16})
            AND properties['metric'] IN ('CPUUtilization', 'RequestCount', 'DatabaseConnections', 'BytesOutToDestination', 'Invocations', 'ActiveFlowCount')
        GROUP BY arn
    ) AS m ON s.arn = m.arn
    WHERE judged.1 != ''
) AS r
LEFT JOIN
(
    SELECT arn, toString(currency) AS money, toNullable(sum(cost)) AS amount, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
    FROM polo.cost_daily_by_arn
    WHERE day >= addDays(toDate32(now('UTC')), -toInt32({days:UInt16})) AND arn != ''
    GROUP BY arn, money
) AS c ON r.arn = c.arn
ORDER BY cost DESC NULLS LAST, reason, arn, currency
LIMIT {limit:UInt32} + 1
