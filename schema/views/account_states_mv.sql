-- account_states_mv fills account_states with the events of the family "account".

{{define "query"}}SELECT
    ts, event_id, version, event_type, source, observed_at,
    account_id, resource_name AS name, account_role AS role, properties['email'] AS email,
    properties['ou_path'] AS ou_path, platform, marqo_customer AS customer, state, tags
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'account.'){{end}}
CREATE MATERIALIZED VIEW IF NOT EXISTS polo.account_states_mv{{on_cluster}} TO {{local "account_states"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS {{template "query"}};

ALTER TABLE polo.account_states_mv{{on_cluster}} MODIFY QUERY
{{template "query"}};

ALTER TABLE polo.account_states_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills account_states';
