-- account_metadata: what was said of each account by hand.
--
-- Key: (ts, event_id), as resource_events. A row needs the account_id and what is to
-- be set:
--   INSERT INTO polo.account_metadata (account_id, role) VALUES ('012345678901', 'production')
--
-- On a cluster each shard holds all of the metadata, for its dictionaries.

CREATE TABLE IF NOT EXISTS polo.account_metadata{{on_cluster}}
(
    account_id String,
    name String,
    role LowCardinality(String),
    email String,
    ou_path String,
    platform LowCardinality(String),
    customer LowCardinality(String),
    state LowCardinality(String),
    tags Map(LowCardinality(String), String),
    event_type LowCardinality(String) DEFAULT 'account.described',
    source LowCardinality(String) DEFAULT 'by_hand',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    ts DateTime64(3, 'UTC') DEFAULT observed_at,
    event_id UUID DEFAULT reinterpretAsUUID(sipHash128(account_id)),
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22)
)
ENGINE = {{global_engine "account_metadata" "version"}}
ORDER BY (ts, event_id){{settings}};

ALTER TABLE polo.account_metadata{{on_cluster}} MODIFY COMMENT 'What was said of accounts by hand; read accounts for what is known of each';
