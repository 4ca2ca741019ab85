-- account_metadata: what was said of each account, by account.described events
-- and by hand; accounts: the latest that is known of each, field by field, so
-- that a collector which knows no role does not wipe out the one given by hand.
--
-- Key: (ts, event_id), as resource_events: a restated event may name another
-- account. A row by hand needs the account_id and what is to be set:
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

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.account_metadata_mv{{on_cluster}} TO polo.account_metadata
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    account_id, resource_name AS name, account_role AS role, properties['email'] AS email,
    properties['ou_path'] AS ou_path, platform, marqo_customer AS customer, state, tags,
    event_type, source, observed_at, ts, event_id, version
FROM {{local "resource_events"}}
WHERE startsWith(event_type, 'account.');

CREATE VIEW IF NOT EXISTS polo.accounts{{on_cluster}}
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
    FROM polo.account_metadata FINAL
    WHERE event_type = 'account.described'
) AS m
GROUP BY account_id;

-- customer_metadata: what is known of each customer, by hand. The latest row of
-- a customer replaces the others, by observed_at.

CREATE TABLE IF NOT EXISTS polo.customer_metadata{{on_cluster}}
(
    customer String,
    name String,
    tier LowCardinality(String),
    contact String,
    tags Map(LowCardinality(String), String),
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22)
)
ENGINE = {{global_engine "customer_metadata" "version"}}
ORDER BY customer{{settings}};

-- The dictionaries answer what an account or a customer is now; what it was is
-- on the event.

CREATE DICTIONARY IF NOT EXISTS polo.accounts_dict{{on_cluster}}
(
    account_id String,
    name String,
    role String,
    email String,
    ou_path String,
    platform String,
    customer String,
    state String
)
PRIMARY KEY account_id
SOURCE(CLICKHOUSE({{dictionary_user}}QUERY 'SELECT account_id, name, role, email, ou_path, platform, customer, state FROM polo.accounts'))
LAYOUT(COMPLEX_KEY_HASHED_ARRAY())
LIFETIME(MIN 60 MAX 120);

CREATE DICTIONARY IF NOT EXISTS polo.customers_dict{{on_cluster}}
(
    customer String,
    name String,
    tier String,
    contact String
)
PRIMARY KEY customer
SOURCE(CLICKHOUSE({{dictionary_user}}QUERY 'SELECT customer, name, tier, contact FROM polo.customer_metadata FINAL'))
LAYOUT(COMPLEX_KEY_HASHED_ARRAY())
LIFETIME(MIN 60 MAX 120);
