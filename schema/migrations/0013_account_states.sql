-- account_states: what each event of the family "account" said. Before, they went to
-- account_metadata, of which each shard of a cluster holds all: there a block that one
-- shard's view wrote was taken for a repetition of another's, by the token of their
-- common insert, and its rows were lost. What views fill is a part of one shard.
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

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.account_states_mv{{on_cluster}} TO {{local "account_states"}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, source, observed_at,
    account_id, resource_name AS name, account_role AS role, properties['email'] AS email,
    properties['ou_path'] AS ou_path, platform, marqo_customer AS customer, state, tags
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'account.');

DROP VIEW IF EXISTS polo.account_metadata_mv{{on_cluster}};

-- What came before the view, and what account_metadata has from events that are not
-- there any more.

INSERT INTO polo.account_states
    (ts, event_id, version, event_type, source, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags)
SETTINGS distributed_foreground_insert = 1
SELECT
    ts, event_id, version, event_type, source, observed_at,
    account_id, resource_name, account_role, properties['email'],
    properties['ou_path'], platform, marqo_customer, state, tags
FROM polo.resource_events
WHERE startsWith(event_type, 'account.');

INSERT INTO polo.account_states
    (ts, event_id, version, event_type, source, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags)
SETTINGS distributed_foreground_insert = 1
SELECT ts, event_id, version, event_type, source, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags
FROM polo.account_metadata
WHERE source != 'by_hand';

CREATE OR REPLACE VIEW polo.accounts{{on_cluster}}
AS SELECT
    account_id,
    argMaxIf(m.name, latest, m.name != '') AS name,
    argMaxIf(m.role, latest, m.role != '') AS role,
    argMaxIf(m.email, latest, m.email != '') AS email,
    argMaxIf(m.ou_path, latest, m.ou_path != '') AS ou_path,
    argMaxIf(m.platform, latest, m.platform != '') AS platform,
    argMaxIf(m.customer, latest, m.customer != '') AS customer,
    argMaxIf(m.state, latest, m.state != '') AS state,
    argMaxIf(m.tags, latest, notEmpty(m.tags)) AS tags,
    max(m.observed_at) AS last_observed
FROM
(
    SELECT *, (observed_at, ts, event_id) AS latest
    FROM
    (
        SELECT ts, event_id, event_type, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags
        FROM polo.account_states FINAL
        UNION ALL
        SELECT ts, event_id, event_type, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags
        FROM polo.account_metadata FINAL
    )
    WHERE event_type = 'account.described'
) AS m
GROUP BY account_id;

-- They are in account_states now, where a restatement replaces them.

ALTER TABLE polo.account_metadata{{on_cluster}} DELETE WHERE source != 'by_hand' SETTINGS mutations_sync = 2;

{{range parts "account_states"}}ALTER TABLE {{.}}{{on_cluster}} MODIFY COMMENT 'Internal: what each event said of its account; read accounts';
{{end}}
ALTER TABLE polo.account_states_mv{{on_cluster}} MODIFY COMMENT 'Internal: fills account_states';

ALTER TABLE polo.account_metadata{{on_cluster}} MODIFY COMMENT 'What was said of accounts by hand; read accounts for what is known of each';

ALTER TABLE polo.accounts{{on_cluster}} MODIFY COMMENT 'One row for each account: what is known of it, by events and by hand, field by field the latest';
