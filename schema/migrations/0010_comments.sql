-- What each table, view and column is, for whoever has only the database before
-- them: DESCRIBE, SHOW CREATE and system.tables tell it.

{{range parts "resource_events"}}ALTER TABLE {{.}}{{on_cluster}}
    COMMENT COLUMN `event_id` 'Identity of the fact, the same on every run: a version 5 UUID of source, ts and the source\'s own id',
    COMMENT COLUMN `event_type` 'family.verb: activity.api_call, resource.updated, cost.accrued; the family never changes for an event_id',
    COMMENT COLUMN `source` 'Where it comes from: aws.cloudtrail',
    COMMENT COLUMN `ts` 'When it happened, or the start of the period, UTC; never changes for an event_id',
    COMMENT COLUMN `period_end` 'Exclusive end of the period it covers, UTC; NULL for a moment',
    COMMENT COLUMN `observed_at` 'When the collector saw it, UTC; of the statements of one event the latest counts',
    COMMENT COLUMN `arn` 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    COMMENT COLUMN `platform` 'aws, github, cloudflare or datadog',
    COMMENT COLUMN `account_id` 'Account, with its leading zeros',
    COMMENT COLUMN `account_role` 'What the account is for: production, staging',
    COMMENT COLUMN `region` 'Region, in the words of the source: eu-west-1',
    COMMENT COLUMN `service` 'Service, as in the ARN: ec2',
    COMMENT COLUMN `resource_type` 'service:type: ec2:instance, s3:bucket',
    COMMENT COLUMN `resource_id` 'The id of the resource within its type: i-0abc',
    COMMENT COLUMN `resource_name` 'Name for people',
    COMMENT COLUMN `marqo_customer` 'Customer it belongs to, from its tags',
    COMMENT COLUMN `marqo_cluster` 'Cluster it belongs to, from its tags',
    COMMENT COLUMN `marqo_index` 'Index it belongs to, from its tags',
    COMMENT COLUMN `actor` 'Who did it: the ARN of a principal where there is one',
    COMMENT COLUMN `state` 'State of the resource after the event, in the words of the source: running',
    COMMENT COLUMN `error_code` 'Error of the API; empty where the call succeeded',
    COMMENT COLUMN `cost_amount` 'Cost in currency, exact; NULL where the event tells none',
    COMMENT COLUMN `currency` 'Currency of cost_amount, ISO 4217: USD',
    COMMENT COLUMN `usage_quantity` 'Amount used in usage_unit, exact; NULL where the event tells none',
    COMMENT COLUMN `usage_unit` 'Unit of usage_quantity, in the words of the source: Hrs',
    COMMENT COLUMN `metric_value` 'Value of the metric; NULL where the event samples none',
    COMMENT COLUMN `ancestors` 'ARNs of what it is in, nearest first: subnet, VPC, account',
    COMMENT COLUMN `relations.type` 'How it relates to the target at the same place of relations.target_arn: attached_to, uses_role',
    COMMENT COLUMN `relations.target_arn` 'ARNs of the resources it relates to',
    COMMENT COLUMN `tags` 'Tags of the resource',
    COMMENT COLUMN `properties` 'Whatever else its type has; nested values are JSON text',
    COMMENT COLUMN `version` 'Which statement of the event counts, the greatest: observed_at in milliseconds above 22 bits of a checksum',
    COMMENT COLUMN `inserted_at` 'When this row came into ClickHouse, UTC';
{{end}}
{{range parts "resource_events"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Every event, one row for each: API activity, changes of resources, costs, metrics. The only table that is inserted into. Read it with FINAL, which the read-only user has set';
{{end}}
{{range parts "resource_states"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal, filled from resource_events: the events of the family resource, behind resource_snapshots and resources_current';
{{end}}
{{range parts "scans"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal, filled from resource_events: what was read to its end and when, behind resource_scans and cost_scan_days';
{{end}}
{{range parts "cost_lines"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal, filled from resource_events: lines of bills as last stated, behind cost_hourly';
{{end}}
ALTER TABLE polo.schema_migrations{{on_cluster}} MODIFY COMMENT 'Internal: which statement of which migration has run';

ALTER TABLE polo.account_metadata{{on_cluster}} MODIFY COMMENT 'What was said of accounts, by events and by hand; read accounts for what is known of each';

ALTER TABLE polo.customer_metadata{{on_cluster}} MODIFY COMMENT 'What is known of each customer, by hand; one row for each with FINAL';

ALTER TABLE polo.resource_snapshots{{on_cluster}} MODIFY COMMENT 'One row for each resource and day (UTC) on which something was said of it: what the last event of the day said, deleted if that was a deletion. What that event left out is empty';

ALTER TABLE polo.resources_current{{on_cluster}} MODIFY COMMENT 'One row for each resource that is there now: neither deleted nor missed by a later completed scan. Each field is as last said since the last snapshot or creation, which are whole; of tags and properties an update sets the keys it names and leaves the others. event_id, event_type, source, observed_at, actor and last_ts are those of the last event';

ALTER TABLE polo.resource_ancestry{{on_cluster}} MODIFY COMMENT 'One row for each resource and ancestor: how far up (depth, 1 the nearest), when first and last seen';

ALTER TABLE polo.resource_relationships{{on_cluster}} MODIFY COMMENT 'One row for each edge from a resource to another: its type, when first and last seen';

ALTER TABLE polo.cost_hourly{{on_cluster}} MODIFY COMMENT 'One row for each line of a bill as last stated. A line that a later completed scan of its day no longer held is gone and costs zero';

ALTER TABLE polo.cost_rollup_daily{{on_cluster}} MODIFY COMMENT 'Cost for each day (UTC) by source, account, region, service, resource type, owner and currency: lines that count, lines that are gone, lines that are estimates';

ALTER TABLE polo.resource_scans{{on_cluster}} MODIFY COMMENT 'One row for each account, region and resource type: when it was last scanned to its end';

ALTER TABLE polo.cost_scan_days{{on_cluster}} MODIFY COMMENT 'One row for each source, paying account and billing day: when it was last read to its end';

ALTER TABLE polo.scan_scopes{{on_cluster}} MODIFY COMMENT 'One row for each scope of resources or costs: its last completed scan, NULL for none, and its last event: where absence can be believed';

ALTER TABLE polo.accounts{{on_cluster}} MODIFY COMMENT 'One row for each account: what is known of it, field by field the latest';

ALTER TABLE polo.resource_states_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills resource_states';

ALTER TABLE polo.scans_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills scans';

ALTER TABLE polo.cost_hourly_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills cost_lines';

ALTER TABLE polo.account_metadata_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills account_metadata';

ALTER TABLE polo.accounts_dict{{on_cluster}} MODIFY COMMENT 'The accounts as a dictionary: dictGet(polo.accounts_dict, role, account_id); up to two minutes behind';

ALTER TABLE polo.customers_dict{{on_cluster}} MODIFY COMMENT 'The customers as a dictionary: dictGet(polo.customers_dict, name, customer); up to two minutes behind';
