-- alert_log_mv fills alert_log with the events of the family "alert".

{{define "query"}}SELECT
    ts, event_id, version, event_type, observed_at,
    properties['alert'] AS alert, resource_id AS subject, properties['run'] AS run, state, actor, account_id, arn, properties
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'alert.'){{end}}
CREATE MATERIALIZED VIEW IF NOT EXISTS polo.alert_log_mv{{on_cluster}} TO {{local "alert_log"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS {{template "query"}};

ALTER TABLE polo.alert_log_mv{{on_cluster}} MODIFY QUERY
{{template "query"}};

ALTER TABLE polo.alert_log_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills alert_log';
