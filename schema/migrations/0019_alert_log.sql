-- alert_log: what the alerts function did, from the events of the family "alert": runs (alert.claimed, alert.evaluated), changes of
-- state (alert.transitioned), notifications (alert.notified) and silences (alert.silenced). It is the only memory that the function
-- has: a run reads from here what the last one left.
--
-- run is the token of the run that made an event, to ask whether all of a run's have arrived; they were observed lately, so the index finds
-- them. subject is what an event is about: a run's token, an episode's fingerprint, a notification's or a silence's id.
--
-- Key: (ts, event_id), as resource_events: a notification is stated as intended first and as sent later, under one key.

CREATE TABLE IF NOT EXISTS {{local "alert_log"}}{{on_cluster}}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    alert LowCardinality(String),
    subject String CODEC(ZSTD(1)),
    run String CODEC(ZSTD(1)),
    state LowCardinality(String),
    actor String CODEC(ZSTD(1)),
    account_id LowCardinality(String),
    arn String CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    INDEX by_observed observed_at TYPE minmax GRANULARITY 1
)
ENGINE = {{engine "alert_log" "version"}}
PARTITION BY toYear(ts)
ORDER BY (ts, event_id){{settings}};

{{distributed "alert_log" "cityHash64(event_id)"}}

{{range parts "alert_log"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal, filled from resource_events: runs, changes of state, notifications and silences of alerts';
{{end}}
