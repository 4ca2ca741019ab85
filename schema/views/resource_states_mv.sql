-- resource_states_mv fills resource_states with the events of the family "resource".

{{define "query"}}SELECT
    ts, event_id, version, event_type, source, observed_at, arn, platform, account_id, account_role, region, service,
    resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor, state, error_code,
    ancestors, relations.type, relations.target_arn, tags, properties
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'resource.'){{end}}
CREATE MATERIALIZED VIEW IF NOT EXISTS polo.resource_states_mv{{on_cluster}} TO {{local "resource_states"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS {{template "query"}};

ALTER TABLE polo.resource_states_mv{{on_cluster}} MODIFY QUERY
{{template "query"}};

ALTER TABLE polo.resource_states_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills resource_states';
