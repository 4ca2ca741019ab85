-- cost_hourly: each line with its present cost. A line is gone and costs zero if its bill counts from another
-- delivery or, for a source without deliveries, if a later completed scan of its billing day did not contain
-- it. partial means that the counted delivery is not the whole bill.

CREATE OR REPLACE VIEW polo.cost_hourly{{on_cluster}}
(
    event_id UUID COMMENT 'Identity of the cost line',
    ts DateTime64(3, 'UTC') COMMENT 'Start of the time that the line covers, UTC',
    period_end Nullable(DateTime64(3, 'UTC')) COMMENT 'Exclusive end of that time, UTC',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the line was last stated, UTC',
    source LowCardinality(String) COMMENT 'Source of the line: aws.cur',
    billing_day Date32 COMMENT 'Day that the cost is billed for, UTC',
    payer_account_id LowCardinality(String) COMMENT 'Account that pays the bill',
    arn String COMMENT 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    account_role LowCardinality(String) COMMENT 'What the account is for: production, staging',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'The id of the resource within its type: i-0abc',
    resource_name String COMMENT 'Name for people',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    usage_type LowCardinality(String) COMMENT 'What was used, in the words of the bill',
    operation LowCardinality(String) COMMENT 'Operation that was billed, in the words of the bill',
    estimated Bool COMMENT 'Whether the source may still restate it',
    gone Bool COMMENT 'Whether a later complete scan lacks it; then it costs 0',
    cost_amount Nullable(Decimal(76, 38)) COMMENT 'Cost in currency, exact; 0 where it is gone',
    currency LowCardinality(String) COMMENT 'Currency of cost_amount, ISO 4217: USD',
    usage_quantity Nullable(Decimal(76, 38)) COMMENT 'Amount used in usage_unit, exact; NULL where the line has none',
    usage_unit LowCardinality(String) COMMENT 'Unit of usage_quantity, in the words of the source: Hrs',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    delivery LowCardinality(String) COMMENT 'Id of the delivery of the bill; empty for lines of no bill',
    partial Bool COMMENT 'Whether it is from a delivery of the bill that is not whole'
)
AS SELECT
    l.event_id AS event_id, l.ts AS ts, l.period_end AS period_end, l.observed_at AS observed_at, l.source AS source,
    l.billing_day AS billing_day, l.payer_account_id AS payer_account_id, l.arn AS arn, l.platform AS platform,
    l.account_id AS account_id, l.account_role AS account_role, l.region AS region, l.service AS service,
    l.resource_type AS resource_type, l.resource_id AS resource_id, l.resource_name AS resource_name,
    l.marqo_customer AS marqo_customer, l.marqo_cluster AS marqo_cluster, l.marqo_index AS marqo_index,
    l.usage_type AS usage_type, l.operation AS operation, l.estimated AS estimated,
    -- If its source has deliveries, a line without one is from a time before they were recorded.
    if(l.delivery = '', ifNull(s.scanned_at > l.observed_at, false) OR ifNull(m.superseded_at > l.observed_at, false), NOT b.counts)::Bool AS gone, {{- /* mutant:lines-of-deliveries-add-up */}}
    if(gone, toDecimal256(0, 38), l.stated_amount) AS cost_amount,
    l.currency AS currency,
    if(gone, toDecimal256(0, 38), l.stated_quantity) AS usage_quantity,
    l.usage_unit AS usage_unit, l.tags AS tags, l.properties AS properties,
    l.delivery AS delivery, (NOT gone AND l.delivery != '' AND b.state != 'whole')::Bool AS partial
FROM
(
    SELECT * EXCEPT (cost_amount, usage_quantity), cost_amount AS stated_amount, usage_quantity AS stated_quantity
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued'
) AS l
LEFT ANY JOIN
(
    SELECT source, payer_account_id, billing_day, scanned_at FROM polo.cost_scan_days
) AS s ON s.source = l.source AND s.payer_account_id = l.payer_account_id AND s.billing_day = l.billing_day
LEFT ANY JOIN
(
    SELECT source, payer_account_id, report_account, billing_period, delivery, state, counts FROM polo.bill_deliveries
) AS b ON b.source = l.source AND b.payer_account_id = l.payer_account_id AND b.report_account = l.report_account
    AND b.billing_period = l.billing_day AND b.delivery = l.delivery
LEFT ANY JOIN
(
    SELECT source, payer_account_id, toStartOfMonth(billing_period) AS billing_month, max(observed_at) AS superseded_at
    FROM polo.bill_deliveries
    WHERE counts
    GROUP BY source, payer_account_id, billing_month
) AS m ON m.source = l.source AND m.payer_account_id = l.payer_account_id AND m.billing_month = toStartOfMonth(l.billing_day)
COMMENT 'One row for each line of a bill as last stated. A line is gone and costs zero where its bill counts from another delivery or a later completed scan of its day no longer held it; partial, where what it counts from is not the whole bill';
