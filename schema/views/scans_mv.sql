-- scans_mv fills scans with the events of the family "scan".

{{define "query"}}SELECT
    ts, event_id, version, event_type, source, period_end, observed_at, account_id, region, resource_type, state, error_code,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account,
    toUInt64OrNull(properties['events']) AS events
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'scan.'){{end}}
CREATE MATERIALIZED VIEW IF NOT EXISTS polo.scans_mv{{on_cluster}} TO {{local "scans"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS {{template "query"}};

ALTER TABLE polo.scans_mv{{on_cluster}} MODIFY QUERY {{- /* mutant:filling-not-changed */}}
{{template "query"}};

ALTER TABLE polo.scans_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills scans';
