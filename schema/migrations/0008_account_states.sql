-- account_states: what each event of the family "account" said. It is not
-- account_metadata, of which each shard of a cluster holds all: there a block that
-- one shard's view writes would be taken for a repetition of another's, by the token
-- of their common insert, and its rows would be lost. What views fill is a part of
-- one shard.
--
-- Key: (ts, event_id), as resource_events: a restated event may name another account.

CREATE TABLE IF NOT EXISTS {{local "account_states"}}{{on_cluster}}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    account_id String,
    name String,
    role LowCardinality(String),
    email String,
    ou_path String,
    platform LowCardinality(String),
    customer LowCardinality(String),
    state LowCardinality(String),
    tags Map(LowCardinality(String), String)
)
ENGINE = {{engine "account_states" "version"}}
ORDER BY (ts, event_id){{settings}};

{{distributed "account_states" "cityHash64(event_id)"}}

{{range parts "account_states"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal: what each event said of its account; read accounts';
{{end}}
