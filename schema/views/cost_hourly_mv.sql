-- cost_hourly_mv fills cost_lines with the events of the family "cost".

{{define "query"}}SELECT
    ts, event_id, version, event_type, source, period_end, observed_at, {{- /* mutant:costs-in-order-of-arrival */}}
    coalesce(toDate32OrNull(properties['billing_period']), toDate32(ts)) AS billing_day,
    if(properties['payer_account_id'] = '', account_id, properties['payer_account_id']) AS payer_account_id,
    arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
    marqo_customer, marqo_cluster, marqo_index,
    properties['usage_type'] AS usage_type,
    properties['operation'] AS operation,
    properties['estimated'] = 'true' AS estimated,
    cost_amount, currency, usage_quantity, usage_unit, tags, properties,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'cost.'){{end}}
CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_hourly_mv{{on_cluster}} TO {{local "cost_lines"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS {{template "query"}};

ALTER TABLE polo.cost_hourly_mv{{on_cluster}} MODIFY QUERY
{{template "query"}};

ALTER TABLE polo.cost_hourly_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills cost_lines';
