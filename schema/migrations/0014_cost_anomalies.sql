-- cost_anomalies_kept: the anomalies of costs as they were last found, behind cost_anomalies, because judging 10,000 series
-- takes seconds. A run of cost_anomalies_mv adds rows with a time of their own, in one part, and the last
-- time counts; so an anomaly that a restatement explains is gone. stamp is that of polo.cost_stamp before the costs were
-- read. A row of grain '' tells that a run was made, whatever it found.
--
-- On a cluster each shard has all of it: its servers judge all costs, not those of their shard.

CREATE TABLE IF NOT EXISTS {{local "cost_anomalies_kept"}}{{on_cluster}}
(
    made UInt64 CODEC(Delta(8), ZSTD(1)),
    stamp UInt64 CODEC(ZSTD(1)),
    expires DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    grain LowCardinality(String),
    source LowCardinality(String),
    payer_account_id LowCardinality(String),
    currency LowCardinality(String),
    account_id LowCardinality(String),
    service LowCardinality(String),
    marqo_customer LowCardinality(String),
    kind LowCardinality(String),
    first_day Date32,
    last_day Date32,
    cost Decimal(76, 38) CODEC(ZSTD(1)),
    expected Decimal(76, 38) CODEC(ZSTD(1)),
    excess Decimal(76, 38) CODEC(ZSTD(1)),
    provisional Bool,
    contributors Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38)))
)
ENGINE = {{plain_engine "cost_anomalies_kept"}}
ORDER BY (made, first_day)
TTL expires{{settings "merge_with_ttl_timeout = 900"}};

{{distributed "cost_anomalies_kept" "rand()"}}

{{range parts "cost_anomalies_kept"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal: the anomalies of costs as last found, behind cost_anomalies';
{{end}}
