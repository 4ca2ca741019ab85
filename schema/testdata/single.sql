-- schema_migrations: which statement of which migration has run here.
--
-- ClickHouse has no transactions over DDL, so a migration cannot be recorded
-- together with its effect. Each statement is idempotent instead, and is
-- recorded after it ran: a crash between the two runs it once more, to no
-- effect, and two runners at once do each other no harm. The checksum is of the
-- file as written, before rendering; a file that changes after any of its
-- statements ran is refused. Statement 0 is the file itself, recorded before its
-- first statement runs.
--
-- A view has one record, of migration 0 and statement 0, made after all of its
-- statements ran: the latest of its name tells which text stands. A view's file
-- may change, and is then applied again.
--
-- Key: (migration, statement, checksum), so that runners which disagree about a
-- file leave the proof of it.
--
-- On a cluster there is one copy for all shards.

CREATE DATABASE IF NOT EXISTS polo;

CREATE TABLE IF NOT EXISTS polo.schema_migrations
(
    migration UInt32,
    statement UInt32,
    name String,
    checksum String,
    target LowCardinality(String),
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY (migration, statement, checksum)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.schema_migrations MODIFY COMMENT 'Internal: which statement of which migration, and which text of each view, has run';

-- resource_events: every event, and the only table that is inserted into.
--
-- Key: (ts, event_id). ts is part of an event's identity, so all statements of
-- one fact, whenever and however often they arrive, meet under one key and in
-- one partition, and FINAL leaves the one with the greatest version. version is
-- observed_at in milliseconds above 22 bits of the content's checksum: of two
-- statements observed in one millisecond every order of arrival keeps the same.
-- Rows inserted by hand get the same without the checksum.
--
-- Look-ups by time use the key. Look-ups by ARN use the bloom filters, on the
-- event's own ARN and on those of its relations and ancestors (has(...)); they
-- cost a few bytes a row, where a second copy ordered by ARN would cost a third
-- of the table and could not follow a restated ARN. Granules are a quarter of
-- the usual size, because such a look-up reads a granule for each hit, and with
-- FINAL also what overlaps it in other parts; loading takes no longer for it.
--
-- On a cluster rows are spread by event_id, not by arn: an ARN may be restated,
-- and all statements of a fact must meet on one shard.
--
-- The family of an event (event_type before the dot) is, like ts, part of its
-- identity and never restated: the views below fill their tables by family.
-- Within a family the type may change.

CREATE TABLE IF NOT EXISTS polo.resource_events
(
    event_id UUID CODEC(NONE),
    event_type LowCardinality(String),
    source LowCardinality(String),
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    period_end Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),

    arn String CODEC(ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    account_role LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_id String CODEC(ZSTD(1)),
    resource_name String CODEC(ZSTD(1)),

    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),

    actor String CODEC(ZSTD(1)),
    state LowCardinality(String),
    error_code LowCardinality(String),

    cost_amount Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    usage_quantity Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    usage_unit LowCardinality(String),
    metric_value Nullable(Float64) CODEC(ZSTD(1)),

    ancestors Array(String) CODEC(ZSTD(1)),
    `relations.type` Array(LowCardinality(String)),
    `relations.target_arn` Array(String) CODEC(ZSTD(1)),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) CODEC(ZSTD(1)),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),

    INDEX by_arn arn TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_target `relations.target_arn` TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_ancestor ancestors TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

-- What the table and its columns are, for whoever has only the database before
-- them: DESCRIBE, SHOW CREATE and system.tables tell it.

ALTER TABLE polo.resource_events
    COMMENT COLUMN `event_id` 'Identity of the fact, the same on every run: a version 5 UUID of source, ts and the source\'s own id',
    COMMENT COLUMN `event_type` 'family.verb: activity.api_call, resource.updated, cost.accrued; the family never changes for an event_id',
    COMMENT COLUMN `source` 'Where it comes from: aws.cloudtrail',
    COMMENT COLUMN `ts` 'When it happened, or the start of the period, UTC; never changes for an event_id',
    COMMENT COLUMN `period_end` 'Exclusive end of the period it covers, UTC; NULL for a moment',
    COMMENT COLUMN `observed_at` 'When the collector saw it, UTC; of the statements of one event the latest counts',
    COMMENT COLUMN `arn` 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    COMMENT COLUMN `platform` 'aws, github, cloudflare or datadog',
    COMMENT COLUMN `account_id` 'Account, with its leading zeros',
    COMMENT COLUMN `account_role` 'What the account is for: production, staging',
    COMMENT COLUMN `region` 'Region, in the words of the source: eu-west-1',
    COMMENT COLUMN `service` 'Service, as in the ARN: ec2',
    COMMENT COLUMN `resource_type` 'service:type: ec2:instance, s3:bucket',
    COMMENT COLUMN `resource_id` 'The id of the resource within its type: i-0abc',
    COMMENT COLUMN `resource_name` 'Name for people',
    COMMENT COLUMN `marqo_customer` 'Customer it belongs to, from its tags',
    COMMENT COLUMN `marqo_cluster` 'Cluster it belongs to, from its tags',
    COMMENT COLUMN `marqo_index` 'Index it belongs to, from its tags',
    COMMENT COLUMN `actor` 'Who did it: the ARN of a principal where there is one',
    COMMENT COLUMN `state` 'State of the resource after the event, in the words of the source: running',
    COMMENT COLUMN `error_code` 'Error of the API; empty where the call succeeded',
    COMMENT COLUMN `cost_amount` 'Cost in currency, exact; NULL where the event tells none',
    COMMENT COLUMN `currency` 'Currency of cost_amount, ISO 4217: USD',
    COMMENT COLUMN `usage_quantity` 'Amount used in usage_unit, exact; NULL where the event tells none',
    COMMENT COLUMN `usage_unit` 'Unit of usage_quantity, in the words of the source: Hrs',
    COMMENT COLUMN `metric_value` 'Value of the metric; NULL where the event samples none',
    COMMENT COLUMN `ancestors` 'ARNs of what it is in, nearest first: subnet, VPC, account',
    COMMENT COLUMN `relations.type` 'How it relates to the target at the same place of relations.target_arn: attached_to, uses_role',
    COMMENT COLUMN `relations.target_arn` 'ARNs of the resources it relates to',
    COMMENT COLUMN `tags` 'Tags of the resource',
    COMMENT COLUMN `properties` 'Whatever else its type has; nested values are JSON text',
    COMMENT COLUMN `version` 'Which statement of the event counts, the greatest: observed_at in milliseconds above 22 bits of a checksum',
    COMMENT COLUMN `inserted_at` 'When this row came into ClickHouse, UTC';

ALTER TABLE polo.resource_events MODIFY COMMENT 'Every event, one row for each: API activity, changes of resources, costs, metrics. The only table that is inserted into. Read it with FINAL, which the read-only user has set';

-- scans: what was read to its end, and when. Absence is believed only by these.
--
-- A scan of resources covers one (account_id, region, resource_type) at ts, the
-- time of every snapshot in it. A scan of costs has no resource_type and covers
-- the whole billing days of [ts, period_end) of one (source, account_id); its
-- observed_at is that of every line in it. One that was throttled or refused
-- has no scan.completed, and nothing vanishes by it.
--
-- state and error_code say why a scan was not completed; events is how many events
-- a completed one speaks of; a bill's delivery and report_account are those of
-- cost_lines. ADD COLUMN is for installations that have the table without them.
--
-- Key: (ts, event_id), as resource_events: a restated scan replaces itself.

CREATE TABLE IF NOT EXISTS polo.scans
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    period_end Nullable(DateTime64(3, 'UTC')),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    account_id LowCardinality(String),
    region LowCardinality(String),
    resource_type LowCardinality(String)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(ts)
ORDER BY (ts, event_id)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.scans
    ADD COLUMN IF NOT EXISTS state LowCardinality(String),
    ADD COLUMN IF NOT EXISTS error_code LowCardinality(String),
    ADD COLUMN IF NOT EXISTS delivery LowCardinality(String),
    ADD COLUMN IF NOT EXISTS report_account LowCardinality(String),
    ADD COLUMN IF NOT EXISTS events Nullable(UInt64);

ALTER TABLE polo.scans MODIFY COMMENT 'Internal, filled from resource_events: what was read to its end and when, behind resource_scans and cost_scan_days';

-- resource_states: what each event of the family "resource" said of its
-- resource.
--
-- Key: (ts, event_id), as resource_events, and not arn: a restatement may name
-- another ARN, and must still replace its older self. All of the family are
-- kept, whatever their type, so that one restated from resource.updated to
-- resource.deleted is replaced, too.

CREATE TABLE IF NOT EXISTS polo.resource_states
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    arn String CODEC(ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    account_role LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_id String CODEC(ZSTD(1)),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),
    actor String CODEC(ZSTD(1)),
    state LowCardinality(String),
    error_code LowCardinality(String),
    ancestors Array(String) CODEC(ZSTD(1)),
    `relations.type` Array(LowCardinality(String)),
    `relations.target_arn` Array(String) CODEC(ZSTD(1)),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    INDEX by_arn arn TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.resource_states MODIFY COMMENT 'Internal, filled from resource_events: the events of the family resource, behind resource_snapshots and resources_current';

-- cost_lines: every line of a bill, as last stated.
--
-- Key: (ts, event_id), as resource_events: a line that is restated replaces
-- itself, whatever of it changed. Nothing is summed on the way in: over
-- deliveries that may repeat, a sum would count twice.
--
-- delivery is the delivery of the bill that the line is of, and report_account the
-- account whose report tells it, where that is not the payer's own. ADD COLUMN is for
-- installations that have the table without them.

CREATE TABLE IF NOT EXISTS polo.cost_lines
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    version UInt64 CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    period_end Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    billing_day Date32 CODEC(ZSTD(1)),
    payer_account_id LowCardinality(String),
    arn String CODEC(ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    account_role LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_id String CODEC(ZSTD(1)),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),
    usage_type LowCardinality(String),
    operation LowCardinality(String),
    estimated Bool,
    cost_amount Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    usage_quantity Nullable(Decimal(76, 38)) CODEC(ZSTD(1)),
    usage_unit LowCardinality(String),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    INDEX by_arn arn TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(ts)
ORDER BY (ts, event_id)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.cost_lines
    ADD COLUMN IF NOT EXISTS delivery LowCardinality(String),
    ADD COLUMN IF NOT EXISTS report_account LowCardinality(String);

ALTER TABLE polo.cost_lines MODIFY COMMENT 'Internal, filled from resource_events: lines of bills as last stated, behind cost_hourly';

-- account_metadata: what was said of each account by hand.
--
-- Key: (ts, event_id), as resource_events. A row needs the account_id and what is to
-- be set:
--   INSERT INTO polo.account_metadata (account_id, role) VALUES ('012345678901', 'production')
--
-- On a cluster each shard holds all of the metadata, for its dictionaries.

CREATE TABLE IF NOT EXISTS polo.account_metadata
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
ENGINE = ReplacingMergeTree(version)
ORDER BY (ts, event_id)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.account_metadata MODIFY COMMENT 'What was said of accounts by hand; read accounts for what is known of each';

-- customer_metadata: what is known of each customer, by hand. The latest row of
-- a customer replaces the others, by observed_at.

CREATE TABLE IF NOT EXISTS polo.customer_metadata
(
    customer String,
    name String,
    tier LowCardinality(String),
    contact String,
    tags Map(LowCardinality(String), String),
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY customer
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.customer_metadata MODIFY COMMENT 'What is known of each customer, by hand; one row for each with FINAL';

-- account_states: what each event of the family "account" said. It is not
-- account_metadata, of which each shard of a cluster holds all: there a block that
-- one shard's view writes would be taken for a repetition of another's, by the token
-- of their common insert, and its rows would be lost. What views fill is a part of
-- one shard.
--
-- Key: (ts, event_id), as resource_events: a restated event may name another account.

CREATE TABLE IF NOT EXISTS polo.account_states
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
ENGINE = ReplacingMergeTree(version)
ORDER BY (ts, event_id)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.account_states MODIFY COMMENT 'Internal: what each event said of its account; read accounts';

-- column_comments: what each column of the tables that people fill by hand means.

ALTER TABLE polo.account_metadata
    COMMENT COLUMN account_id 'Account, with its leading zeros',
    COMMENT COLUMN name 'Name of the account',
    COMMENT COLUMN role 'What the account is for: production, staging',
    COMMENT COLUMN email 'Address of its root user',
    COMMENT COLUMN ou_path 'Path of its organisational unit',
    COMMENT COLUMN platform 'aws, github, cloudflare or datadog',
    COMMENT COLUMN customer 'Customer that it serves',
    COMMENT COLUMN state 'State of the account, in the words of the source: ACTIVE',
    COMMENT COLUMN tags 'Tags of the account',
    COMMENT COLUMN event_type 'account.described',
    COMMENT COLUMN source 'Who said it',
    COMMENT COLUMN observed_at 'When it was said, UTC; the latest of each field counts',
    COMMENT COLUMN ts 'The same, or when it came to hold, UTC',
    COMMENT COLUMN event_id 'Identity of the statement',
    COMMENT COLUMN version 'Which statement counts, the greatest';

ALTER TABLE polo.customer_metadata
    COMMENT COLUMN customer 'Customer, as in marqo_customer',
    COMMENT COLUMN name 'Name for people',
    COMMENT COLUMN tier 'Tier of the customer, as you name it',
    COMMENT COLUMN contact 'Who to ask about the customer',
    COMMENT COLUMN tags 'Whatever else is known of the customer',
    COMMENT COLUMN observed_at 'When it was written, UTC; the latest row of a customer counts',
    COMMENT COLUMN version 'Which row counts, the greatest';

-- cost_rollups: what each day cost, rolled up, so that a question about costs reads
-- thousands of rows and not all lines.
--
-- A day is rolled up as a whole, under a generation of its own; nothing is ever added to a
-- generation. print is the day's fingerprint before it was rolled up: a checksum of the
-- rows of cost_lines for that day. A generation counts while the day still has its print
-- (cost_days). The rows of a generation arrive in one part, all or none. So rolling a day
-- up twice, or half, or late, changes no answer. A generation expires: soon, if its day
-- changes often, else after some weeks, and is then made again.
--
-- Amounts are by scope: what decides together whether a line counts, which is not known
-- when a day is rolled up (cost_state). kind says what a row is of:
--   0  a scope of the day: how many lines it has
--   1  its costs by owner, place and service
--   2  its costs by ARN (key) and kind of usage
--   3  its costs by tag: key and value
-- magnitude is the sum of absolute amounts: where it is beyond what Decimal256 holds, the
-- sum of amounts is wrong.
--
-- Key: (kind, key, day, generation), so that a question reads the rows of its kind, ARN or
-- tag alone, and of these the generations that count.
--
-- The projection days of cost_lines is the fingerprint of each day, part by part. It is
-- a part of the part that it describes, so no crash, retry or replica can part the two. A
-- merge that drops superseded rows changes it, and the day is rolled up again.

CREATE TABLE IF NOT EXISTS polo.cost_rollups
(
    kind UInt8,
    key String CODEC(ZSTD(1)),
    day Date32 CODEC(Delta(4), ZSTD(1)),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    print UInt64 CODEC(ZSTD(1)),
    expires DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    scope UInt64 CODEC(ZSTD(1)),
    source LowCardinality(String),
    payer_account_id LowCardinality(String),
    report_account LowCardinality(String),
    billing_day Date32 CODEC(ZSTD(1)),
    delivery LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),
    usage_type LowCardinality(String),
    charge_type LowCardinality(String),
    usage_unit LowCardinality(String),
    value String CODEC(ZSTD(1)),
    currency LowCardinality(String),
    cost Decimal(76, 38) CODEC(ZSTD(1)),
    usage_quantity Decimal(76, 38) CODEC(ZSTD(1)),
    magnitude Float64 CODEC(ZSTD(1)),
    lines UInt64 CODEC(T64, ZSTD(1)),
    estimated_lines UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = MergeTree()
PARTITION BY toYear(day)
ORDER BY (kind, key, day, generation)
TTL expires
SETTINGS index_granularity = 256, merge_with_ttl_timeout = 900, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.cost_lines MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE polo.cost_lines ADD PROJECTION IF NOT EXISTS days
(SELECT toDate32(ts) AS day, count(), sum(sipHash64(event_id, version)) GROUP BY day);

ALTER TABLE polo.cost_lines MATERIALIZE PROJECTION days;

ALTER TABLE polo.cost_rollups MODIFY COMMENT 'Internal: the costs of each day, rolled up, behind cost_daily and its like';

-- cost_states: what cost_state_live says, kept while it holds, because ClickHouse takes longer to
-- plan that view than to answer most questions. stamp is a checksum of the rows of cost_lines
-- and scans before the view was asked; a state counts while they have that stamp, and
-- is kept only if it names no day that is not rolled up. It expires before the rollups that it names.
--
-- The projection stamp of scans is the checksum of each part.
--
-- cost_rollups has its columns in files of their own: a question reads five of 32,
-- and ClickHouse would keep a part of less than 10 MB in one file, where that takes
-- two to three times as long.

CREATE TABLE IF NOT EXISTS polo.cost_states
(
    made UInt64 CODEC(Delta(8), ZSTD(1)),
    stamp UInt64 CODEC(ZSTD(1)),
    expires DateTime('UTC') CODEC(ZSTD(1)),
    generations Array(UInt64) CODEC(ZSTD(1)),
    touched Array(Date32) CODEC(ZSTD(1)),
    counting Array(UInt64) CODEC(ZSTD(1)),
    adding Array(UInt64) CODEC(ZSTD(1)),
    partial Array(UInt64) CODEC(ZSTD(1))
)
ENGINE = MergeTree()
ORDER BY made
TTL expires
SETTINGS index_granularity = 64, merge_with_ttl_timeout = 900, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.cost_states MODIFY COMMENT 'Internal: the last states of costs, behind cost_state';

ALTER TABLE polo.cost_rollups MODIFY SETTING min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0;

ALTER TABLE polo.scans MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE polo.scans ADD PROJECTION IF NOT EXISTS stamp
(SELECT toYear(ts) AS year, count(), sum(sipHash64(event_id, version)) GROUP BY year);

ALTER TABLE polo.scans MATERIALIZE PROJECTION stamp;

-- rules: what is said of rules by hand, and what they answered.
--
-- rule_settings: values of a rule's parameters, and whether it judges. rule_exemptions: what a rule is not
-- held against. Both are few rows, whole in every shard; the latest row of a key counts.
--
-- rule_answers: each time that a rule's answer about a resource became violated, or stopped being so: when it was noted, and
-- when the resource was last seen then. It is
-- written by rule_answers_mv, from what the rules answer at that moment (rule_changes); the answer itself is never read
-- from here. A change noted twice, by two servers or by a run that was repeated, counts once: of equal answers in
-- a row the first counts.

CREATE TABLE IF NOT EXISTS polo.rule_settings
(
    rule String COMMENT 'Rule',
    parameter String COMMENT 'Its parameter, or enabled',
    value String COMMENT 'The value; empty is the default of the rule',
    author String COMMENT 'Who set it',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was set, UTC; the latest counts',
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) COMMENT 'Which row counts, the greatest'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (rule, parameter)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.rule_settings MODIFY COMMENT 'Parameters of rules set by hand; one row for each with FINAL';

CREATE TABLE IF NOT EXISTS polo.rule_exemptions
(
    rule String COMMENT 'Rule; * for all',
    account_id String COMMENT 'Account that is exempt; empty for any',
    pattern String COMMENT 'ARNs that are exempt: * stands for any text; empty for any',
    reason String COMMENT 'Why',
    author String COMMENT 'Who decided it',
    expires DateTime64(3, 'UTC') COMMENT 'Until when, UTC',
    revoked Bool COMMENT 'Whether it was taken back',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was written, UTC; the latest of a rule, account and pattern counts',
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) COMMENT 'Which row counts, the greatest'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (rule, account_id, pattern)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.rule_exemptions MODIFY COMMENT 'What rules are not held against, by hand: reason, author, expiry; one row for each with FINAL';

CREATE TABLE IF NOT EXISTS polo.rule_answers
(
    rule LowCardinality(String),
    arn String CODEC(ZSTD(1)),
    at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    seen DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    answer LowCardinality(String),
    reason LowCardinality(String),
    rule_version UInt32,
    severity LowCardinality(String),
    title LowCardinality(String),
    account_id LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    evidence Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(at)), 22)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (rule, arn, at, answer)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.rule_answers MODIFY COMMENT 'Internal: when the answers of rules changed, behind rule_violations';

-- cost_anomalies_kept: the anomalies of costs as they were last found, behind cost_anomalies, because judging 10,000 series
-- takes seconds. A run of cost_anomalies_mv adds rows with a time of their own, in one part, and the last
-- time counts; so an anomaly that a restatement explains is gone. stamp is that of polo.cost_stamp before the costs were
-- read. A row of grain '' tells that a run was made, whatever it found.
--
-- On a cluster each shard has all of it: its servers judge all costs, not those of their shard.

CREATE TABLE IF NOT EXISTS polo.cost_anomalies_kept
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
ENGINE = MergeTree()
ORDER BY (made, first_day)
TTL expires
SETTINGS merge_with_ttl_timeout = 900, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.cost_anomalies_kept MODIFY COMMENT 'Internal: the anomalies of costs as last found, behind cost_anomalies';

-- resource_rollups: the state of each resource, so that a question about resources reads a row for
-- each and not all events. kind says what a row is of:
--   0  the last run: stamp is that of polo.resource_stamp before it, or 0 if the run left minutes out; prints
--      are the fingerprints of the days that it and earlier ones have folded whole; scans are those that counted
--   1  a minute: the fingerprint of its rows in resource_states before they were folded
--   2  a resource (key): its state, and the place of the last event in it
--   3  a row of resource_states that is folded: its minute, its ARN (key), and its mark, a checksum of id and version;
--      print is 1 once the row is gone
--
-- A minute is folded while its rows have the fingerprint that is stored. In any other minute, a row without a mark is new and a mark
-- without a row is of a row that is gone: these resources changed (polo.resources_touched). Rows later than all that
-- are in the state are folded into it; otherwise the resource is folded from all its rows.
--
-- The rows of a run arrive in one part, all or none. The rows of the last generation count. Only
-- resource_rollups_mv inserts here, one run at a time, because a run begins with the states of the last. The table may be
-- emptied while that view is stopped: the next run begins anew.
--
-- Key: (kind, day, minute, key, mark), so that a question reads the states alone, one of them by its ARN, and
-- the minutes and rows of the days that changed.
--
-- The projections of resource_states are the fingerprints of each day and minute, part by part.

CREATE TABLE IF NOT EXISTS polo.resource_rollups
(
    kind UInt8,
    day Date32 CODEC(Delta(4), ZSTD(1)),
    minute Int64 CODEC(Delta(8), ZSTD(1)),
    key String CODEC(ZSTD(1)),
    mark UInt64 CODEC(NONE),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    print UInt64 CODEC(ZSTD(1)),
    place UInt256 CODEC(ZSTD(1)),
    event_id UUID CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    source LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    platform LowCardinality(String),
    account_id LowCardinality(String),
    account_role LowCardinality(String),
    region LowCardinality(String),
    service LowCardinality(String),
    resource_type LowCardinality(String),
    resource_id String CODEC(ZSTD(1)),
    resource_name String CODEC(ZSTD(1)),
    marqo_customer LowCardinality(String),
    marqo_cluster LowCardinality(String),
    marqo_index LowCardinality(String),
    actor String CODEC(ZSTD(1)),
    state LowCardinality(String),
    ancestors Array(String) CODEC(ZSTD(1)),
    relations Array(Tuple(String, String)) CODEC(ZSTD(1)),
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    first_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    stamp UInt64 CODEC(ZSTD(1)),
    prints Array(Tuple(Date32, UInt64)) CODEC(ZSTD(1)),
    scans Array(Tuple(String, String, String, DateTime64(3, 'UTC'))) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(generation)
ORDER BY (kind, day, minute, key, mark)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.resource_rollups MODIFY SETTING min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0;

ALTER TABLE polo.resource_rollups MODIFY COMMENT 'Internal: the state of each resource, behind resources_current';

ALTER TABLE polo.resource_states MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE polo.resource_states ADD PROJECTION IF NOT EXISTS days
(SELECT toDate32(ts) AS day, count(), sum(sipHash64(event_id, version)) GROUP BY day);

ALTER TABLE polo.resource_states ADD PROJECTION IF NOT EXISTS minutes
(SELECT toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, count(), sum(sipHash64(event_id, version)) GROUP BY day, minute);

ALTER TABLE polo.resource_states MATERIALIZE PROJECTION days;

ALTER TABLE polo.resource_states MATERIALIZE PROJECTION minutes;

-- resource_rollups keeps the scans that count with a stamp of their own, scan_stamp: a checksum of the rows of scans and of the
-- snapshots in resource_states. So they hold while nothing but changes of resources comes in, which would take
-- longer to answer from all snapshots the more scans there are.
--
-- The projection types of resource_states has the fingerprint of each day by type of event.

ALTER TABLE polo.resource_rollups ADD COLUMN IF NOT EXISTS scan_stamp UInt64 CODEC(ZSTD(1));

ALTER TABLE polo.resource_states ADD PROJECTION IF NOT EXISTS types
(SELECT toDate32(ts) AS day, event_type, count(), sum(sipHash64(event_id, version)) GROUP BY day, event_type);

ALTER TABLE polo.resource_states MATERIALIZE PROJECTION types;

-- fx_rates: what one unit of a currency is worth in another, from a day on, by hand. No rate is derived from others. Few
-- rows, whole in every shard; the latest row of a key counts. A rate of 0 takes an earlier statement back.

CREATE TABLE IF NOT EXISTS polo.fx_rates
(
    currency LowCardinality(String) COMMENT 'Currency that is converted, ISO 4217: EUR',
    target LowCardinality(String) COMMENT 'Currency that it is converted to: USD',
    day Date32 COMMENT 'First day that the rate is for, UTC',
    rate Decimal(38, 18) COMMENT 'What one unit of currency is worth, in target; 0 takes it back',
    author String COMMENT 'Who set it',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was written, UTC; the latest of a pair and day counts',
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) COMMENT 'Which row counts, the greatest'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (currency, target, day)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.fx_rates MODIFY COMMENT 'Rates of exchange, by hand; one row for each pair and day with FINAL';

-- by_length of cost_lines: which granules may have a line that is for more than a day (cost_periods).

ALTER TABLE polo.cost_lines ADD INDEX IF NOT EXISTS by_length dateDiff('day', ts, ifNull(period_end, ts)) TYPE minmax GRANULARITY 1;

ALTER TABLE polo.cost_lines MATERIALIZE INDEX by_length;

-- alert_log: what the alerts function did, from the events of the family "alert": runs (alert.claimed, alert.evaluated), changes of
-- state (alert.transitioned), notifications (alert.notified) and silences (alert.silenced). It is the only memory that the function
-- has: a run reads from here what the last one left.
--
-- run is the token of the run that made an event, to ask whether all of a run's have arrived; they were observed lately, so the index finds
-- them. subject is what an event is about: a run's token, an episode's fingerprint, a notification's or a silence's id.
--
-- Key: (ts, event_id), as resource_events: a notification is stated as intended first and as sent later, under one key.

CREATE TABLE IF NOT EXISTS polo.alert_log
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
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(ts)
ORDER BY (ts, event_id)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 268435456;

ALTER TABLE polo.alert_log MODIFY COMMENT 'Internal, filled from resource_events: runs, changes of state, notifications and silences of alerts';

-- account_states_mv fills account_states with the events of the family "account".


CREATE MATERIALIZED VIEW IF NOT EXISTS polo.account_states_mv TO polo.account_states
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, source, observed_at,
    account_id, resource_name AS name, account_role AS role, properties['email'] AS email,
    properties['ou_path'] AS ou_path, platform, marqo_customer AS customer, state, tags
FROM polo.resource_events
WHERE startsWith(event_type, 'account.');

ALTER TABLE polo.account_states_mv MODIFY QUERY
SELECT
    ts, event_id, version, event_type, source, observed_at,
    account_id, resource_name AS name, account_role AS role, properties['email'] AS email,
    properties['ou_path'] AS ou_path, platform, marqo_customer AS customer, state, tags
FROM polo.resource_events
WHERE startsWith(event_type, 'account.');

ALTER TABLE polo.account_states_mv MODIFY COMMENT 'Internal: fills account_states';

-- accounts: the latest known value of each field of an account. So a collector that knows no role does not
-- erase the one set by hand. An account is its platform and id; where a statement by hand names no platform, it is AWS.

CREATE OR REPLACE VIEW polo.accounts
(
    account_id String COMMENT 'Account, with its leading zeros',
    name String COMMENT 'Name of the account',
    role String COMMENT 'What the account is for: production, staging',
    email String COMMENT 'Address of its root user',
    ou_path String COMMENT 'Path of its organisational unit',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    customer String COMMENT 'Customer that it serves',
    state String COMMENT 'State of the account, in the words of the source: ACTIVE',
    tags Map(String, String) COMMENT 'Tags of the account',
    last_observed DateTime64(3, 'UTC') COMMENT 'When anything of it was last observed, UTC'
)
AS SELECT
    account_id,
    argMaxIf(m.name, latest, m.name != '') AS name,
    argMaxIf(m.role, latest, m.role != '') AS role,
    argMaxIf(m.email, latest, m.email != '') AS email,
    argMaxIf(m.ou_path, latest, m.ou_path != '') AS ou_path,
    platform_ AS platform,
    argMaxIf(m.customer, latest, m.customer != '') AS customer,
    argMaxIf(m.state, latest, m.state != '') AS state,
    argMaxIf(m.tags, latest, notEmpty(m.tags)) AS tags,
    max(m.observed_at) AS last_observed
FROM
(
    SELECT *, (observed_at, ts, event_id) AS latest, if(platform = '', 'aws', toString(platform)) AS platform_
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
GROUP BY platform_, account_id
COMMENT 'One row for each account of each platform: what is known of it, by events and by hand, field by field the latest';

-- accounts_dict: the present state of an account. Its state at the time of an event is on the event.

CREATE OR REPLACE DICTIONARY polo.accounts_dict
(
    platform String,
    account_id String,
    name String,
    role String,
    email String,
    ou_path String,
    customer String,
    state String
)
PRIMARY KEY platform, account_id
SOURCE(CLICKHOUSE(QUERY 'SELECT platform, account_id, name, role, email, ou_path, customer, state FROM polo.accounts'))
LAYOUT(COMPLEX_KEY_HASHED_ARRAY())
LIFETIME(MIN 60 MAX 120)
COMMENT 'The accounts as a dictionary: dictGet(polo.accounts_dict, role, (platform, account_id)); up to two minutes behind';

-- alert_log_mv fills alert_log with the events of the family "alert".


CREATE MATERIALIZED VIEW IF NOT EXISTS polo.alert_log_mv TO polo.alert_log
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, observed_at,
    properties['alert'] AS alert, resource_id AS subject, properties['run'] AS run, state, actor, account_id, arn, properties
FROM polo.resource_events
WHERE startsWith(event_type, 'alert.');

ALTER TABLE polo.alert_log_mv MODIFY QUERY
SELECT
    ts, event_id, version, event_type, observed_at,
    properties['alert'] AS alert, resource_id AS subject, properties['run'] AS run, state, actor, account_id, arn, properties
FROM polo.resource_events
WHERE startsWith(event_type, 'alert.');

ALTER TABLE polo.alert_log_mv MODIFY COMMENT 'Internal: fills alert_log';

-- alert_notifications: each notification of an episode on a channel: intended, then sent or failed. One that was never sent again
-- after a crash stays intended.

CREATE OR REPLACE VIEW polo.alert_notifications
(
    notification String COMMENT 'What episode, transition, channel and repetition identify',
    alert LowCardinality(String) COMMENT 'Alert',
    fingerprint String COMMENT 'What the alert and its labels identify',
    episode String COMMENT 'Episode that it tells of',
    time DateTime64(3, 'UTC') COMMENT 'When the episode began to fire, or was resolved, UTC',
    transition String COMMENT 'firing or resolved',
    channel String COMMENT 'Channel, as the configuration names it',
    repetition UInt32 COMMENT '0, or which reminder it is',
    state LowCardinality(String) COMMENT 'intended, sent, failed, or silenced (withheld by a silence)',
    message String COMMENT 'The message that it was a part of',
    message_key String COMMENT 'What the receiver deduplicates by',
    attempts UInt32 COMMENT 'Requests made in the last run that tried',
    marked_repeated Bool COMMENT 'Whether its last request was marked as one that may have been sent before',
    uncertain Bool COMMENT 'Whether it may have arrived, though it is not known as sent',
    error String COMMENT 'Why it failed',
    changed_at DateTime64(3, 'UTC') COMMENT 'When it was last intended, sent or failed, UTC'
)
AS SELECT
    l.subject AS notification, l.alert AS alert, l.properties['fingerprint'] AS fingerprint, l.properties['episode'] AS episode, l.ts AS time,
    l.properties['transition'] AS transition, l.properties['channel'] AS channel, toUInt32OrZero(l.properties['repetition']) AS repetition,
    l.state AS state, l.properties['message'] AS message, l.properties['message_key'] AS message_key,
    toUInt32OrZero(l.properties['attempts']) AS attempts, toBool(l.properties['marked_repeated'] = 'true') AS marked_repeated,
    toBool(l.properties['uncertain'] = 'true') AS uncertain, l.properties['error'] AS error, l.observed_at AS changed_at
FROM polo.alert_log AS l FINAL
WHERE l.event_type = 'alert.notified'
COMMENT 'Each notification of an alert on a channel: intended, sent, failed or silenced';

-- alert_silences: who silenced which alerts, why, and until when. While one holds, states go on changing and nothing is sent.

CREATE OR REPLACE VIEW polo.alert_silences
(
    silence String COMMENT 'Its id',
    alert String COMMENT 'Alerts that it silences: * stands for any text',
    labels Map(String, String) COMMENT 'Labels that they must have: * stands for any text',
    author String COMMENT 'Who silenced them',
    reason String COMMENT 'Why',
    starts DateTime64(3, 'UTC') COMMENT 'From when, UTC',
    expires DateTime64(3, 'UTC') COMMENT 'Until when, UTC',
    state String COMMENT 'active, expired, revoked, scheduled before its start, or malformed (it silences nothing)',
    changed_by String COMMENT 'Who revoked it; empty if nobody did'
)
AS SELECT
    l.subject AS silence, l.properties['pattern'] AS alert, JSONExtract(l.properties['labels'], 'Map(String, String)') AS labels,
    l.properties['author'] AS author, l.properties['reason'] AS reason,
    parseDateTime64BestEffortOrZero(l.properties['starts'], 3, 'UTC') AS starts, parseDateTime64BestEffortOrZero(l.properties['expires'], 3, 'UTC') AS expires,
    multiIf(l.state = 'revoked', 'revoked', NOT isValidJSON(l.properties['labels']), 'malformed', expires <= now64(3, 'UTC'), 'expired', starts > now64(3, 'UTC'), 'scheduled', 'active') AS state,
    if(l.state = 'revoked', l.actor, '') AS changed_by
FROM polo.alert_log AS l FINAL
WHERE l.event_type = 'alert.silenced'
COMMENT 'Silences of alerts: who, why, until when';

-- alert_states: each thing that an alert ever found wrong, by its labels: the state that the last evaluation that changed it left.

CREATE OR REPLACE VIEW polo.alert_states
(
    alert LowCardinality(String) COMMENT 'Alert: polo alerts list names them',
    fingerprint String COMMENT 'What the alert and its labels identify',
    title String COMMENT 'What is wrong, in a line',
    severity String COMMENT 'critical, high, medium or low',
    state LowCardinality(String) COMMENT 'pending, firing, recovering, resolved, ok, error (it cannot be evaluated) or no_data',
    on String COMMENT 'The state in which it is told: firing, error or no_data',
    since DateTime64(3, 'UTC') COMMENT 'When it came into this state, UTC',
    changed_at DateTime64(3, 'UTC') COMMENT 'The evaluation that last changed it, UTC',
    count UInt32 COMMENT 'Evaluations in a row that found it while pending, or did not while recovering',
    episode String COMMENT 'From its first firing evaluation to its end; empty if it did not fire',
    fired_at Nullable(DateTime64(3, 'UTC')) COMMENT 'The first firing evaluation of the episode, UTC; NULL if it did not fire',
    reason String COMMENT 'Why it ended: absent, or withdrawn (the alert is no longer evaluated)',
    account_id LowCardinality(String) COMMENT 'Account that it is about; empty for none or several',
    arn String COMMENT 'Key of the resource that it is about; empty for none',
    labels Map(String, String) COMMENT 'What identifies it',
    values Map(String, String) COMMENT 'What was found when the state changed'
)
AS SELECT
    l.alert AS alert, l.subject AS fingerprint, l.properties['title'] AS title, l.properties['severity'] AS severity, l.state AS state,
    l.properties['on'] AS on, parseDateTime64BestEffortOrZero(l.properties['since'], 3, 'UTC') AS since, l.ts AS changed_at,
    toUInt32OrZero(l.properties['count']) AS count, l.properties['episode'] AS episode,
    parseDateTime64BestEffortOrNull(l.properties['fired_at'], 3, 'UTC') AS fired_at, l.properties['reason'] AS reason,
    l.account_id AS account_id, l.arn AS arn,
    JSONExtract(l.properties['labels'], 'Map(String, String)') AS labels, JSONExtract(l.properties['values'], 'Map(String, String)') AS values
FROM polo.alert_log AS l FINAL
-- The latest of each first, by columns that are narrow: their texts are read of these alone.
WHERE l.event_type = 'alert.transitioned'
    AND (l.subject, l.ts) GLOBAL IN (SELECT subject, max(ts) FROM polo.alert_log WHERE event_type = 'alert.transitioned' GROUP BY subject)
COMMENT 'Each thing that an alert ever found wrong, in its present state';

-- cost_days: each day that has lines, its fingerprint, and the generation of cost_rollups that has seen all
-- of it, with the scopes of its lines: 0 if there is none, because the day has changed since, or was never
-- rolled up. latest is the last generation, whatever it has seen. A generation begins with the time it was
-- made, in milliseconds above 22 bits, as a version does; one about to expire does not count, because its rows
-- may go while they are read.
--
-- On a cluster it is about the lines of one shard.
--
-- The fingerprint is read without FINAL, which the reader's profile sets: only then does ClickHouse answer
-- from the projection.

CREATE OR REPLACE VIEW polo.cost_days
(
    day Date32 COMMENT 'Day, UTC',
    print UInt64 COMMENT 'Fingerprint of its rows in cost_lines',
    stored_rows UInt64 COMMENT 'How many rows cost_lines has of it, superseded ones included',
    generation UInt64 COMMENT 'The generation of cost_rollups that has seen all of them, or 0',
    scopes Array(Tuple(UInt64, String, String, String, Date32, String, DateTime64(3, 'UTC'), UInt64)) COMMENT 'The scopes of that generation, each with its lines',
    latest UInt64 COMMENT 'The last generation of the day, or 0'
)
AS SELECT day, print, stored_rows, found.1 AS generation, found.3 AS scopes, latest
FROM
(
    SELECT day, print, stored_rows, arrayFirst(g -> g.2 = print, generations) AS found, arrayMax(g -> g.1, generations) AS latest
    FROM
    (
        SELECT day, sum(part) AS print, sum(n) AS stored_rows, groupArrayIf((made, seen, of), made > 0) AS generations
        FROM
        (
            SELECT
                toDate32(ts) AS day, sum(sipHash64(event_id, version)) AS part, count() AS n,
                0::UInt64 AS made, 0::UInt64 AS seen, []::Array(Tuple(UInt64, String, String, String, Date32, String, DateTime64(3, 'UTC'), UInt64)) AS of
            FROM polo.cost_lines
            GROUP BY day
            SETTINGS final = 0, max_threads = 1
            UNION ALL
            SELECT
                day, 0, 0, generation, any(print),
                groupArrayIf((scope, source, payer_account_id, report_account, billing_day, delivery, observed_at, lines), lines > 0)
            FROM polo.cost_rollups
            WHERE kind = 0 AND expires > now() + 600
            GROUP BY day, generation
            SETTINGS final = 0, max_threads = 1
        )
        GROUP BY day
        HAVING stored_rows > 0
    )
)
COMMENT 'Internal: each day of costs, and which generation of cost_rollups has seen all of its lines';

-- cost_scopes: what decides together whether a line counts, and how many lines it has: a delivery of a bill, or
-- the lines of a billing day that were observed at one time.

CREATE OR REPLACE VIEW polo.cost_scopes
(
    scope UInt64 COMMENT 'Number of the scope',
    source String COMMENT 'Source of the lines: aws.cur',
    payer_account_id String COMMENT 'Account that pays the bill',
    report_account String COMMENT 'Account whose own report the lines are of; empty for the payer\'s',
    billing_day Date32 COMMENT 'First day of the billing period, or the day of the lines',
    delivery String COMMENT 'Id of the delivery of the bill; empty for a source without',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the latest of the lines was read, UTC',
    lines UInt64 COMMENT 'How many lines it has'
)
AS WITH (SELECT
        generations, touched,
        arrayMap((s, n, at) -> (s.1, s.2, s.3, s.4, s.5, s.6, at, n), arraySort(names), counts.2, times.2),
        if(arrayExists(s -> s.6 = '', names), spans, [])
    FROM
    (
        SELECT
            groupArrayIf(generation, rolled) AS generations,
            groupArrayIf(day, NOT rolled) AS touched,
            groupUniqArrayArrayIf(arrayMap(s -> (s.1, s.2, s.3, s.4, s.5, s.6), scopes), rolled) AS names,
            sumMapIf(arrayMap(s -> s.1, scopes), arrayMap(s -> s.8, scopes), rolled) AS counts,
            maxMapIf(arrayMap(s -> s.1, scopes), arrayMap(s -> s.7, scopes), rolled) AS times,
            groupUniqArrayArrayIf(arrayMap(s -> (s.1, sipHash64(s.3, toInt32(day))), arrayFilter(s -> s.4 = '' AND s.6 != '', scopes)), rolled) AS spans
        FROM (SELECT *, generation > 0 AS rolled FROM polo.cost_days)
    )) AS days
SELECT
    scope, any(source_) AS source, any(payer) AS payer_account_id, any(report) AS report_account,
    any(billed) AS billing_day, any(delivered) AS delivery, max(at) AS observed_at, sum(n) AS lines
FROM
(
    SELECT s.1 AS scope, s.2 AS source_, s.3 AS payer, s.4 AS report, s.5 AS billed, s.6 AS delivered, s.7 AS at, s.8 AS n
    FROM (SELECT arrayJoin(days.3) AS s)
    UNION ALL
    SELECT sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))), source, payer_account_id, report_account, billing_day, delivery, observed_at, 1
    FROM polo.cost_lines FINAL
    WHERE toDate32(ts) IN days.2 AND event_type = 'cost.accrued'
)
GROUP BY scope
COMMENT 'Internal: each delivery of a bill and, where there are none, each time at which lines of a billing day were observed, with the number of its lines';

-- bill_deliveries: every delivery of every bill, how much of it has arrived, and whether it is the one that
-- counts. A bill is what one payer owes one source for a billing period. A delivery is
--   whole      read to its end, and all its lines have arrived
--   partial    ended, and all its lines have arrived, but something was rejected or is missing
--   arriving   lines or the end are still to come
-- The latest whole delivery of a bill counts; without one, the latest partial one; without that, the latest
-- arriving one. A member of an organisation may have a report of its part of the payer's bill
-- (report_account): it counts if the payer's own report does not include the bill.

CREATE OR REPLACE VIEW polo.bill_deliveries
(
    source String COMMENT 'Source of the lines: aws.cur',
    payer_account_id String COMMENT 'Account that pays the bill',
    report_account String COMMENT 'Account whose own report the delivery is of; empty for the payer\'s',
    billing_period Date32 COMMENT 'First day of the billing period',
    period_end Date32 COMMENT 'Exclusive end of the billing period',
    delivery String COMMENT 'Id of the delivery of the bill',
    state String COMMENT 'whole, partial, or arriving: lines or the end are still to come',
    reason String COMMENT 'Why it is partial; empty if it is not',
    expected Nullable(UInt64) COMMENT 'How many lines it has; NULL before its end is known',
    lines UInt64 COMMENT 'How many of its lines have arrived',
    observed_at DateTime64(3, 'UTC') COMMENT 'When it was read, UTC',
    counts Bool COMMENT 'Whether the bill counts from this delivery'
)
AS SELECT
    source, payer_account_id, report_account, billing_period, period_end, delivery,
    multiIf(rank = 3, 'whole', NOT ended OR lines < told, 'arriving', 'partial') AS state,
    reason, expected, lines, observed_at,
    (rank > 0
        AND (rank, observed_at, delivery) = max((rank, observed_at, delivery)) OVER (PARTITION BY source, payer_account_id, report_account, billing_period)
        AND (report_account = '' OR max(if(report_account = '', rank, 0)) OVER (PARTITION BY source, payer_account_id, billing_period) = 0))::Bool AS counts
FROM
(
    SELECT
        source, payer_account_id, report_account, billing_period, delivery, n AS lines, expected, told, reason, ended,
        multiIf(ended AND whole AND n >= told, 3, n = 0, 0, ended AND n >= told, 2, 1) AS rank,
        if(ended, end_at, line_at) AS observed_at,
        ifNull(until, addMonths(billing_period, 1)) AS period_end
    FROM
    (
        SELECT
            source, payer_account_id, report_account, billing_period, delivery,
            sum(lines) AS n, max(ends) AS ended, max(completes) AS whole, max(events) AS expected, ifNull(expected, 0) AS told,
            max(why) AS reason, max(line_seen) AS line_at, max(end_seen) AS end_at, max(end_day) AS until
        FROM
        (
            SELECT
                source, payer_account_id, report_account, billing_day AS billing_period, delivery, lines,
                false AS ends, false AS completes, NULL::Nullable(UInt64) AS events, '' AS why,
                observed_at AS line_seen, toDateTime64(0, 3, 'UTC') AS end_seen, NULL::Nullable(Date32) AS end_day
            FROM polo.cost_scopes
            WHERE delivery != ''
            UNION ALL
            SELECT
                source, account_id, report_account, toDate32(ts), delivery, 0,
                true, event_type = 'scan.completed', events, state,
                toDateTime64(0, 3, 'UTC'), observed_at, toDate32(period_end)
            FROM polo.scans FINAL
            WHERE event_type IN ('scan.completed', 'scan.incomplete') AND delivery != ''
        )
        GROUP BY source, payer_account_id, report_account, billing_period, delivery
    )
)
COMMENT 'One row for each delivery of a bill: whole, partial or arriving, its lines, and whether the bill counts from it';

-- cost_state_live: what decides what costs are, in one row: the generations of cost_rollups that count, the days that
-- none has seen all of, the scopes whose lines count, and those of them that are of a partial bill. It says of
-- lines what cost_hourly says of each, and reads none of the days that are rolled up. What holds for a
-- while is kept: cost_state and cost_daily ask this only if they must.
--
-- Lines of a delivery count if their bill counts from it. Other lines count unless a later scan of their day
-- did not hold them, or a later bill of the month counts. They are not added up on the billing days that their payer's bill
-- has lines of, because that bills the same money: Cost Explorer beside the bill.
--
-- It is one chain and not a query over bill_deliveries and cost_scan_days, because ClickHouse takes longer to
-- plan it than to run it. Its tuples are
--   tops, bills   rank (3 whole, 2 partial, 1 arriving), time, scope, first day, end, report, spans of touched days
--   found         scope, day, time observed, lines, span: of lines without a delivery
--   seen, later   first day, end, time, lines expected: of scans

CREATE OR REPLACE VIEW polo.cost_state_live
(
    generations Array(UInt64) COMMENT 'Generations of cost_rollups that count',
    touched Array(Date32) COMMENT 'Days that none of them has seen all of',
    counting Array(UInt64) COMMENT 'Scopes whose lines count',
    adding Array(UInt64) COMMENT 'Those of them that no bill of the payer doubles',
    partial Array(UInt64) COMMENT 'Scopes of those that are of a bill that is not whole',
    made UInt64 COMMENT '0: it is not kept'
)
AS WITH (SELECT
        generations, touched,
        arrayMap((s, n, at) -> (s.1, s.2, s.3, s.4, s.5, s.6, at, n), arraySort(names), counts.2, times.2),
        if(arrayExists(s -> s.6 = '', names), spans, [])
    FROM
    (
        SELECT
            groupArrayIf(generation, rolled) AS generations,
            groupArrayIf(day, NOT rolled) AS touched,
            groupUniqArrayArrayIf(arrayMap(s -> (s.1, s.2, s.3, s.4, s.5, s.6), scopes), rolled) AS names,
            sumMapIf(arrayMap(s -> s.1, scopes), arrayMap(s -> s.8, scopes), rolled) AS counts,
            maxMapIf(arrayMap(s -> s.1, scopes), arrayMap(s -> s.7, scopes), rolled) AS times,
            groupUniqArrayArrayIf(arrayMap(s -> (s.1, sipHash64(s.3, toInt32(day))), arrayFilter(s -> s.4 = '' AND s.6 != '', scopes)), rolled) AS spans
        FROM (SELECT *, generation > 0 AS rolled FROM polo.cost_days)
    )) AS days
SELECT
    days.1 AS generations, days.2 AS touched, counting,
    arrayConcat(delivered, arrayMap(l -> l.1, arrayFilter(l -> NOT has(billed, l.5), undelivered))) AS adding,
    partial, 0::UInt64 AS made
FROM
(
    SELECT
        groupArrayArray(arrayMap(b -> b.3, bills)) AS delivered,
        groupArrayArray(arrayFilter(l -> NOT arrayExists(s -> s.1 <= l.2 AND s.2 > l.2 AND s.3 > l.3, later), found)) AS undelivered,
        arrayConcat(delivered, arrayMap(l -> l.1, undelivered)) AS counting,
        groupArrayArray(arrayFilter(b -> b.6 = '', bills)) AS own,
        arrayDistinct(arrayConcat(arrayFlatten(arrayMap(b -> b.7, own)), arrayMap(s -> s.2, arrayFilter(s -> has(own.3, s.1), days.4)))) AS billed,
        groupArrayArray(arrayMap(b -> b.3, arrayFilter(b -> b.1 < 3, bills))) AS partial
    FROM
    (
        SELECT
            bills, found,
            -- A scan counts once as many lines as it reports, observed by it or later, have arrived for its days.
            -- A whole bill is a scan of its days, and any bill that counts one of its month.
            arrayConcat(
                arrayFilter(s -> ifNull(arraySum(l -> if(l.2 >= s.1 AND l.2 < s.2 AND l.3 >= s.3, l.4, 0), found) >= s.4, true), seen),
                arrayMap(b -> (toInt32(b.4), least(toInt32(b.5), toInt32(b.4) + 4000), b.2, NULL), arrayFilter(b -> b.1 = 3 AND b.6 = '', bills)),
                arrayMap(b -> (toInt32(toStartOfMonth(b.4)), toInt32(addMonths(toStartOfMonth(b.4), 1)), b.2, NULL), bills)) AS later
        FROM
        (
            -- A member's report counts only where there is no payer's.
            SELECT
                source, payer_account_id, groupArrayArray(arrayFilter(b -> b.6 = '' OR NOT has(tops.6, ''), tops)) AS bills,
                groupArrayArray(undelivered) AS found, groupArrayArray(scanned) AS seen
            FROM
            (
                SELECT
                    source, payer_account_id, groupArrayIf((top.1, top.2, top.4, billing_day, top.5, report_account, top.6), top.1 > 0) AS tops,
                    groupArrayArray(found) AS undelivered, groupArrayArray(seen) AS scanned
                FROM
                (
                    SELECT
                        source, payer_account_id, report_account, billing_day,
                        maxIf((
                            multiIf(ended AND whole AND n >= told, 3, n = 0, 0, ended AND n >= told, 2, 1),
                            if(ended, end_at, line_at), delivery, id, ifNull(until, addMonths(billing_day, 1)), spans), delivery != '') AS top,
                        groupArrayIf((id, toInt32(billing_day), line_at, n, sipHash64(payer_account_id, toInt32(billing_day))), delivery = '' AND NOT ended) AS found,
                        groupArrayIf((toInt32(billing_day) + late, least(toInt32(until), toInt32(billing_day) + late + 4000), end_at, expected), delivery = '' AND ended) AS seen
                    FROM
                    (
                        SELECT
                            source, payer_account_id, report_account, billing_day, delivery,
                            max(scope) AS id, sum(lines) AS n, max(ends) AS ended, max(completes) AS whole, max(events) AS expected, ifNull(expected, 0) AS told,
                            max(line_seen) AS line_at, max(end_seen) AS end_at, max(end_day) AS until, max(after_midnight) AS late, groupUniqArrayIf(span, span != 0) AS spans
                        FROM
                        (
                            SELECT
                                s.2 AS source, s.3 AS payer_account_id, s.4 AS report_account, s.5 AS billing_day, s.6 AS delivery, s.1 AS scope, s.8 AS lines,
                                false AS ends, false AS completes, NULL::Nullable(UInt64) AS events, s.7 AS line_seen, toDateTime64(0, 3, 'UTC') AS end_seen,
                                NULL::Nullable(Date32) AS end_day, 0 AS after_midnight, if(s.6 = '', s.1, 0) AS item, 0::UInt64 AS span
                            FROM (SELECT arrayJoin(days.3) AS s)
                            UNION ALL
                            SELECT
                                source, payer_account_id, report_account, billing_day, delivery, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS number, 1,
                                false, false, NULL, observed_at, toDateTime64(0, 3, 'UTC'), NULL, 0, if(delivery = '', number, 0), if(report_account = '' AND delivery != '', sipHash64(payer_account_id, toInt32(toDate32(ts))), 0)
                            FROM polo.cost_lines FINAL
                            WHERE toDate32(ts) IN days.2 AND event_type = 'cost.accrued'
                            UNION ALL
                            SELECT
                                source, account_id, report_account, toDate32(ts), delivery, 0, 0,
                                true, event_type = 'scan.completed', events, toDateTime64(0, 3, 'UTC'), observed_at,
                                toDate32(period_end), ts > toDateTime64(toDate32(ts), 3, 'UTC'), if(delivery = '', sipHash64(ts, event_id), 0), 0
                            FROM polo.scans FINAL
                            WHERE event_type IN ('scan.completed', 'scan.incomplete')
                                AND (delivery != '' OR event_type = 'scan.completed' AND resource_type = '' AND period_end IS NOT NULL)
                        )
                        GROUP BY source, payer_account_id, report_account, billing_day, delivery, item
                    )
                    GROUP BY source, payer_account_id, report_account, billing_day
                )
                GROUP BY source, payer_account_id, billing_day
            )
            GROUP BY source, payer_account_id
        )
    )
)
COMMENT 'Internal: cost_state, from the lines and scans of now';

-- cost_stamp: a checksum of the rows of cost_lines and scans, from their projections. What costs are
-- depends on nothing else.
--
-- It is read without FINAL, as in cost_days.

CREATE OR REPLACE VIEW polo.cost_stamp
(
    stamp UInt64 COMMENT 'Checksum of the rows',
    until DateTime('UTC') COMMENT 'What is kept must not expire before'
)
AS SELECT sum(part) AS stamp, toDateTime(now(), 'UTC') + 600 AS until
FROM
(
    SELECT sum(sipHash64(event_id, version)) AS part FROM polo.cost_lines SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT sum(sipHash64(event_id, version)) FROM polo.scans SETTINGS final = 0, max_threads = 1
)
COMMENT 'Internal: a checksum of the rows that decide what costs are';

-- cost_state: what decides what costs are, in one row (polo.cost_state_live). What reads it asks it once, so
-- that no day is both rolled up and not.
--
-- If no row of cost_lines or scans came or went since the state was last kept (polo.cost_states), that is the state. merge()
-- opens only the one of the two that it is told, so that the other is not planned.

CREATE OR REPLACE VIEW polo.cost_state
(
    generations Array(UInt64) COMMENT 'Generations of cost_rollups that count',
    touched Array(Date32) COMMENT 'Days that none of them has seen all of',
    counting Array(UInt64) COMMENT 'Scopes whose lines count',
    adding Array(UInt64) COMMENT 'Those of them that no bill of the payer doubles',
    partial Array(UInt64) COMMENT 'Scopes of those that are of a bill that is not whole'
)
AS SELECT generations, touched, counting, adding, partial
FROM merge('polo', (SELECT if((SELECT argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2 FROM polo.cost_states SETTINGS final = 0), '^cost_states$', '^cost_state_live$')))
ORDER BY made DESC
LIMIT 1
SETTINGS final = 0
COMMENT 'Internal: which rows of cost_rollups and cost_lines make up the costs of now';

-- cost_scan_days: when each billing day was last read to its end. A day counts if the scan covers all of it.
-- Only the first 4000 days of a scan count. A completed scan of costs without deliveries counts once as many
-- lines as it reports, observed by it or later, have arrived for its days.

CREATE OR REPLACE VIEW polo.cost_scan_days
(
    source String COMMENT 'Source of the costs',
    payer_account_id String COMMENT 'Account that pays the bill',
    billing_day Date32 COMMENT 'Day that the cost is billed for, UTC',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the costs of the day were last read to their end, UTC'
)
AS SELECT source, payer_account_id, toDate32(day) AS billing_day, max(observed) AS scanned_at
FROM
(
    SELECT source, payer_account_id, observed, arrayJoin(range(first, greatest(first, least(past, first + 4000)))) AS day
    FROM
    (
        SELECT c.source AS source, c.payer_account_id AS payer_account_id, c.observed AS observed, c.first AS first, c.past AS past
        FROM
        (
            SELECT
                source, account_id AS payer_account_id, event_id, observed_at AS observed, events AS expected,
                toInt32(toDate32(ts)) + (ts > toDateTime64(toDate32(ts), 3, 'UTC')) AS first,
                toInt32(toDate32(assumeNotNull(period_end))) AS past
            FROM polo.scans FINAL
            WHERE event_type = 'scan.completed' AND resource_type = '' AND period_end IS NOT NULL AND delivery = ''
        ) AS c
        LEFT JOIN
        (
            SELECT source, payer_account_id, toInt32(billing_day) AS day, observed_at, lines AS n
            FROM polo.cost_scopes
            WHERE delivery = ''
        ) AS l ON c.source = l.source AND c.payer_account_id = l.payer_account_id
        GROUP BY source, payer_account_id, c.event_id, observed, first, past, c.expected
        HAVING ifNull(sumIf(l.n, l.day >= first AND l.day < past AND l.observed_at >= observed) >= c.expected, true)
        UNION ALL
        SELECT source, payer_account_id, observed_at AS observed, toInt32(billing_period) AS first, toInt32(period_end) AS past
        FROM polo.bill_deliveries
        WHERE counts AND state = 'whole' AND report_account = ''
    )
)
GROUP BY source, payer_account_id, billing_day
COMMENT 'One row for each source, paying account and billing day: when it was last read to its end, of the scans that have arrived';

-- cost_anomalies_found: the days on which a series of costs was not what its past says: polo.cost_anomalies
-- without contributors. A series is what one account, one service of an account, or one customer cost each day, of
-- one source, payer and currency: nothing else is ever added up. Only the last 62 days that a payer has lines of are
-- judged, because later ones are restated; the 93 days before are their past. It is a function of the costs alone, so an
-- anomaly that a restatement explains is gone.
--
-- A day counts once its scope was read to its end after the day was over, and a payer's last day once a day
-- has passed since. A day that does not count is not judged, and to later ones it is as the same weekday before. A source's day
-- whose money the payer's bill tells, too, is judged by the bill alone.
--
-- What is usual for a day is the median of the four same weekdays before. What is expected is the usual, with what
-- was added to it in the week before, as far as that is growth; or what an earlier month charged near the same
-- day of the month, if that was a peak; or what each of three fortnights before did. The first three days of a month are
-- judged once an earlier month has begun, for that is when fees are due. The spread is that of
-- differences from week to week: half of them, or three quarters, in units of a standard deviation, and at least 4%
-- of the day. It is measured in money and in logarithms, because costs that double and halve are no
-- news to themselves. A unit of the currency and a quarter of the day must be out of place, and 5 units in all days together. Then a day is of kind
--   1 new       something after 56 days of nothing, in the scope of a payer known for 14 days; up to 7 days
--   2 vanished  one of three days in a row with at most 2% of a usual cost, in a series without such days before
--   3 level     most of the 7 days from it on, or up to it, cost a quarter more or less than usual and than the week before
--   4 credit    credits of a size that the month before has none of, and so less cost than expected
--   5 spike     3.5 spreads more than expected, and more than ordinary days cost
--   6 weekday   4.5 spreads more than the same weekday ever cost in four weeks, but no more than other days
-- Days that are at most three apart are one anomaly, of the first of these kinds.
--
-- The judgement is in Float64, the amounts are not. least and greatest stand for AND and OR where rows are many, since
-- those evaluate their arguments lazily, which costs more here than it saves. A lambda names no array from outside, because
-- ClickHouse would copy it for each element. Each step has a query of its own, because an expression that others name is written
-- out in each of them.

CREATE OR REPLACE VIEW polo.cost_anomalies_found
(
    grain String COMMENT 'What the series is of: account, service (of an account) or customer',
    source LowCardinality(String) COMMENT 'Source of the costs: aws.cur',
    payer_account_id String COMMENT 'Account that pays the bill',
    currency LowCardinality(String) COMMENT 'Currency of the amounts, ISO 4217: USD',
    account_id LowCardinality(String) COMMENT 'Account; empty for a customer',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2; empty for an account or a customer',
    marqo_customer LowCardinality(String) COMMENT 'Customer; empty for an account or a service',
    kind String COMMENT 'new, vanished, level, credit, spike or weekday',
    first_day Date32 COMMENT 'Its first day, UTC',
    last_day Date32 COMMENT 'Its last day, UTC',
    cost Decimal(76, 38) COMMENT 'What those days cost, in currency, exact',
    expected Decimal(76, 38) COMMENT 'What they should have cost',
    excess Decimal(76, 38) COMMENT 'cost - expected; negative for what vanished, fell or was credited',
    provisional Bool COMMENT 'Whether a line of those days may still be restated'
)
AS WITH
    (SELECT (generations, touched, counting, adding) FROM polo.cost_state) AS state,
    155 AS days, -- of a series: 93 of the past, and 62 that are judged
    scopes AS
    (
        SELECT day, scope, source, payer_account_id, scope NOT IN state.4 AS doubled
        FROM polo.cost_rollups
        WHERE kind = 0 AND scope IN state.3 AND generation IN state.1
        SETTINGS final = 0
        UNION ALL
        SELECT DISTINCT toDate32(ts), number, source, payer_account_id, number NOT IN state.4
        FROM (SELECT *, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS number FROM polo.cost_lines FINAL)
        WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
    ),
    payers AS
    (
        SELECT source, payer_account_id, min(toInt32(day)) AS beginning, max(toInt32(day)) AS final, groupUniqArrayIf(toInt32(day), doubled) AS doubles
        FROM scopes
        GROUP BY source, payer_account_id
    ),
    lines AS
    (
        -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
        SELECT
            toDate32(0) AS day, 0::UInt64 AS scope, toLowCardinality('') AS source, toLowCardinality('') AS account_id, toLowCardinality('') AS service, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS currency,
            toDecimal256(0, 38) AS amount, 0::Float64 AS magnitude, 0::UInt64 AS estimates
        WHERE length(state.1) > 1000000000
        UNION ALL
        SELECT day, scope, source, account_id, service, marqo_customer, currency, cost, magnitude, estimated_lines
        FROM polo.cost_rollups
        WHERE kind = 1 AND key = '' AND scope IN state.3 AND generation IN state.1
        SETTINGS final = 0
        UNION ALL
        SELECT toDate32(ts), number, source, account_id, service, marqo_customer, currency, stated, abs(toFloat64(stated)), estimated
        FROM (SELECT *, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS number, ifNull(cost_amount, toDecimal256(0, 38)) AS stated FROM polo.cost_lines FINAL)
        WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
    ),
    -- Each day of each series. place is 155 for the payer's last day.
    daily AS
    (
        SELECT
            ['account', 'service', 'customer'][multiIf(GROUPING(service) = 0, 2, GROUPING(account_id) = 0, 1, 3)] AS grain,
            source, payer_account_id, currency, account_id, service, marqo_customer, toInt32(day) - final + days AS place,
            sum(amount) AS cost, (toFloat64(cost) - sum(magnitude)) / 2 AS credits, max(estimates) > 0 AS estimated
        FROM lines
        INNER JOIN
        (
            SELECT s.scope AS number, any(s.payer_account_id) AS payer_account_id, any(p.final) AS final
            FROM scopes AS s
            INNER JOIN payers AS p ON s.source = p.source AND s.payer_account_id = p.payer_account_id
            GROUP BY number
        ) AS known ON lines.scope = known.number
        WHERE place > 0
        GROUP BY GROUPING SETS
        (
            (source, payer_account_id, currency, account_id, place),
            (source, payer_account_id, currency, account_id, service, place),
            (source, payer_account_id, currency, marqo_customer, place)
        )
        HAVING grain != 'customer' OR marqo_customer != ''
    ),
    told AS
    (
        SELECT grain, source, payer_account_id, currency, account_id, service, marqo_customer, groupArray((toUInt32(place), cost, credits, estimated)) AS of_days
        FROM daily
        GROUP BY grain, source, payer_account_id, currency, account_id, service, marqo_customer
    ),
    -- With the days of which nothing is told, in order.
    whole AS
    (
        SELECT
            * EXCEPT (of_days),
            bitmapToArray(bitmapAndnot(bitmapBuild(range(1::UInt32, days + 1)), bitmapBuild(of_days.1))) AS absent,
            arraySort((d, k) -> k, arrayConcat(of_days, arrayWithConstant(length(absent), (0::UInt32, toDecimal256(0, 38), 0., false))), arrayConcat(of_days.1, absent)) AS every
        FROM told
    ),
    -- Which days of a payer count.
    reach AS
    (
        SELECT
            source, payer_account_id, any(final) AS last,
            arrayMap(k -> has(groupArrayIf(toInt32(day) - final + days, counts), k), range(1, days + 1)) AS read,
            toInt32(greatest(1, any(beginning) - last + days)) AS begun,
            toInt32(arrayLastIndex(r -> r, read)) AS ended,
            arrayMap((r, k) -> r AND NOT has(any(doubles), k - days + last), read, range(1, days + 1)) AS judge
        FROM
        (
            SELECT
                d.source AS source, d.payer_account_id AS payer_account_id, d.billing_day AS day, p.final AS final, p.beginning AS beginning, p.doubles AS doubles,
                d.scanned_at >= addDays(d.billing_day, if(toInt32(d.billing_day) = p.final, 2, 1)) AS counts
            FROM polo.cost_scan_days AS d
            INNER JOIN payers AS p ON d.source = p.source AND d.payer_account_id = p.payer_account_id
        )
        GROUP BY source, payer_account_id
    ),
    series AS
    (
        SELECT
            w.grain AS grain, w.source AS source, w.payer_account_id AS payer_account_id, w.currency AS currency, w.account_id AS account_id, w.service AS service, w.marqo_customer AS marqo_customer,
            every.2 AS costs, every.3 AS credits, every.4 AS estimates, arrayMap(a -> toFloat64(a), costs) AS stated,
            r.last AS last, r.read AS read, r.judge AS judge, r.begun AS begun, r.ended AS ended,
            arrayMap((o, a, o1, a1, o2, a2, o3, a3) -> multiIf(o, a, o1, a1, o2, a2, o3, a3, 0.), read, stated,
                arrayShiftRight(read, 7), arrayShiftRight(stated, 7), arrayShiftRight(read, 14), arrayShiftRight(stated, 14), arrayShiftRight(read, 21), arrayShiftRight(stated, 21)) AS v,
            arrayMap((a, b, c, d) -> (a + b + c + d - greatest(a, b, c, d) - least(a, b, c, d)) / 2, arrayShiftRight(v, 7), arrayShiftRight(v, 14), arrayShiftRight(v, 21), arrayShiftRight(v, 28)) AS usual
        FROM whole AS w
        INNER JOIN reach AS r ON w.source = r.source AND w.payer_account_id = r.payer_account_id
    ),
    -- The days that may be out of place, by a quick look.
    looked AS
    (
        SELECT
            * EXCEPT (costs, estimates, stated, read, judge),
            -- In its first four weeks a series has no usual: there a peak is half more than their median.
            arrayMap((a, b, first) -> if(a - greatest(b, first) >= greatest(1, 0.25 * greatest(b, first)), a, 0.), v, usual,
                arrayConcat(arrayWithConstant(least(days, begun + 27), 1.2 * arraySort(arraySlice(v, begun, 28))[14]), arrayWithConstant(days - least(days, begun + 27), 0.))) AS peaks,
            1.5 * arraySort(arrayMap((a, b) -> abs(a - b), arraySlice(v, 36, 119), arraySlice(v, 29, 119)))[60] / 0.954 AS noise,
            arrayJoin(arrayFilter(d -> d.5, arrayZip(range(1, days + 1), costs, arrayCumSum(costs), estimates,
                arrayMap((r, a, b, credit, k, past, z) -> r AND k > 93 AND k > past + 14 AND (abs(a - b) >= greatest(1, 0.15 * abs(b), z) OR credit <= -1),
                    judge, v, usual, credits, range(1, days + 1), arrayWithConstant(days, begun), arrayWithConstant(days, noise))))) AS seen
        FROM series
    ),
    judged AS
    (
        SELECT
            * EXCEPT (seen, noise), toInt32(seen.1) AS i, seen.2 AS amount, seen.3 AS total, seen.4 AS estimate,
            last - days + i AS at, v[i] AS x, usual[i] AS u, least(7, ended - i + 1) AS ahead,
            arraySlice(v, i - 28, 28) AS month, arraySlice(v, i - 56, 56) AS months,
            toInt32(arrayFirstIndex((a, b) -> abs(a) > b, months, arrayWithConstant(56, 0.01 + 0.001 * x))) AS born
        FROM looked
    ),
    -- age: for how many of 56 days there has been something. places: the same day of the three months before.
    aged AS
    (
        SELECT
            *, (born > 0) * (57 - born) AS age, least(28, greatest(age - 7, 1)) AS n, least(28, greatest(age - 14, 1)) AS n_before,
            intDiv(ahead + 2, 3) AS few, ahead + 1 - few AS many, intDiv(ahead + 1, 2) AS half_ahead,
            toDayOfMonth(toDate32(at)) AS dom, if(dom <= 3, dom - 1, 1) AS back,
            arrayMap((k, day, place) -> toInt32(greatest(1, place - (day - toInt32(addMonths(toDate32(day), -k))))), [1, 2, 3], arrayWithConstant(3, at), arrayWithConstant(3, i)) AS places,
            0.02 * arrayMax(month) + 0.01 AS tiny, arrayMax(months) AS most,
            greatest(arrayReverseSort(month)[3], 1.1 * arrayReverseSort(months)[4]) AS ordinary,
            arrayCount(a -> a > 0.01, month) AS active
        FROM judged
    ),
    weighed AS
    (
        SELECT
            *,
            arraySort(arraySlice([v[i - 7], v[i - 14], v[i - 21], v[i - 28]], 1, least(4, intDiv(age, 7)))) AS same,
            arrayFilter((a, b, c) -> greatest(a, b) > c, arraySlice(v, i - n, n), arraySlice(v, i - n - 7, n), arrayWithConstant(n, tiny)) AS later,
            arrayFilter((b, a, c) -> greatest(a, b) > c, arraySlice(v, i - n - 7, n), arraySlice(v, i - n, n), arrayWithConstant(n, tiny)) AS earlier,
            (age >= 35) * arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i - 7, 7), arraySlice(usual, i - 7, 7)))[4] AS growth,
            greatest(peaks[places[1]], peaks[places[2]], peaks[places[3]], least(peaks[i - 14], peaks[i - 28], peaks[i - 42])) AS punctual,
            greatest(arrayMax(arraySlice(peaks, places[1] - least(back, places[1] - 1), 3)), arrayMax(arraySlice(peaks, places[2] - least(back, places[2] - 1), 3)), arrayMax(arraySlice(peaks, places[3] - least(back, places[3] - 1), 3))) AS about,
            least(arrayMin(arraySlice(credits, places[1] - least(back, places[1] - 1), 3)), arrayMin(arraySlice(credits, places[2] - least(back, places[2] - 1), 3)), arrayMin(arraySlice(credits, places[3] - least(back, places[3] - 1), 3))) AS credited,
            arraySort(arrayMap((a, b) -> abs(a - b), arraySlice(v, i - 6 - n_before, n_before), arraySlice(v, i - 13 - n_before, n_before))) AS moves_before,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i, ahead), arraySlice(v, i - 7, ahead))) AS next_by_week,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i, ahead), arraySlice(usual, i, ahead))) AS next_by_usual,
            arraySort(arrayMap((a, b) -> a - b, arraySlice(v, i, ahead), arraySlice(usual, i, ahead))) AS next_off,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i - 6, 7), arraySlice(v, i - 13, 7))) AS last_by_week,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i - 6, 7), arraySlice(usual, i - 6, 7))) AS last_by_usual,
            arraySort(arrayMap((a, b) -> a - b, arraySlice(v, i - 6, 7), arraySlice(usual, i - 6, 7))) AS last_off,
            arrayMap((a, b) -> least(b >= 1, a <= 0.02 * b), arraySlice(v, i - 2, 5), arraySlice(usual, i - 2, 5)) AS quiet,
            arrayCount((a, b) -> least(b >= 1, a <= 0.02 * b), arraySlice(v, i - 56, 35), arraySlice(usual, i - 56, 35)) AS quiet_before,
            arrayMax(arrayMap(a -> abs(a), arraySlice(v, i - age - 28, 28))) <= 0.01 AS fresh
        FROM aged
    ),
    spread AS
    (
        SELECT
            *,
            (same[intDiv(length(same) + 1, 2)] + same[intDiv(length(same) + 2, 2)]) / 2 AS weekday,
            greatest(punctual, (greatest(peaks[i - 1], peaks[i - 2]) < 0.7 * about) * about) AS monthly,
            arraySort(arrayMap((a, b) -> abs(a - b), later, earlier)) AS moves,
            arraySort(arrayMap((a, b, c) -> abs(log(greatest(a, c) / greatest(b, c))), later, earlier, arrayWithConstant(length(later), tiny))) AS factors,
            intDiv(length(later) + 1, 2) AS half, intDiv(length(later) * 3 + 3, 4) AS most_of_them
        FROM weighed
    ),
    expected AS
    (
        SELECT
            *, greatest(weekday * greatest(1, growth), monthly) AS e,
            greatest(moves[half] / 0.954, moves[most_of_them] / 1.63) AS money,
            greatest(factors[half] / 0.954, factors[most_of_them] / 1.63, 0.04) AS parts,
            greatest(moves_before[intDiv(n_before + 1, 2)] / 0.954, moves_before[intDiv(n_before * 3 + 3, 4)] / 1.63, 0.04 * abs(u)) AS money_before
        FROM spread
    ),
    measured AS
    (
        SELECT *, x - e AS over, greatest(money, 0.04 * abs(e)) AS sd, log(greatest(x, tiny) / greatest(e, tiny)) AS times, x - u AS off
        FROM expected
    ),
    flagged AS
    (
        SELECT
            *,
            least(over >= greatest(1, 0.25 * abs(e)), over >= 3.5 * sd, greatest(dom > 3, places[1] > begun), greatest(over >= 7 * sd, times >= 3.5 * parts)) AS odd,
            least(x >= 1, greatest(born = 0, least(age < 7, fresh))) AS is_new,
            least(age >= 21, quiet_before <= 2, quiet[3], greatest(least(quiet[1], quiet[2]), least(quiet[2], quiet[4]), least(quiet[4], quiet[5]))) AS is_vanished,
            least(age >= 35, greatest(x - greatest(u, monthly), u - x) >= greatest(1, 0.15 * u), greatest(
                least(ahead >= 4, abs(next_off[half_ahead]) > 3 * sd, greatest(least(off > 0, next_by_week[half_ahead] >= 1.25, next_by_usual[few] >= 1.25), least(off < 0, next_by_week[ahead + 1 - half_ahead] <= 0.75, next_by_usual[many] <= 0.75))),
                least(abs(last_off[4]) > 3 * money_before, greatest(least(off > 0, last_by_week[4] >= 1.25, last_by_usual[3] >= 1.25), least(off < 0, last_by_week[4] <= 0.75, last_by_usual[5] <= 0.75))))) AS is_level,
            least(credits[i] <= -1, x <= weekday - greatest(1, 0.25 * abs(weekday)), credits[i] <= 1.25 * arrayMin(arraySlice(credits, i - 28, 28)), credited >= 0.8 * credits[i]) AS is_credit
        FROM measured
    ),
    kinds AS
    (
        SELECT
            *,
            indexOf([
                is_new, is_vanished, is_level, is_credit,
                least(odd, age >= 14, x > ordinary, x > (active < 14) * 3 * most),
                least(odd, age >= 28, active >= 14, x <= ordinary, x >= 1.3 * arrayMax(same), over >= 4.5 * sd, times >= 4.5 * parts)
            ], 1) AS number
        FROM flagged
    ),
    found AS
    (
        SELECT
            grain, source, payer_account_id, currency, account_id, service, marqo_customer, i, at, amount, total, estimate, number,
            toDecimal256(toInt128(round([0., u, u, u, e, e][number] * 1e6)), 38) / 1000000 AS should,
            i - lagInFrame(i, 1, toInt32(-100)) OVER (PARTITION BY grain, source, payer_account_id, currency, account_id, service, marqo_customer ORDER BY i) > 3 AS begins
        FROM kinds
        WHERE number > 0
    ),
    runs AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY grain, source, payer_account_id, currency, account_id, service, marqo_customer ORDER BY i) AS run
        FROM found
    )
SELECT
    grain, source, payer_account_id, currency, account_id, service, marqo_customer,
    ['new', 'vanished', 'level', 'credit', 'spike', 'weekday'][min(number)] AS kind,
    toDate32(min(at)) AS first_day, toDate32(max(at)) AS last_day,
    -- Days between that are as expected are a part of both.
    argMax(total, at) - argMin(total - amount, at) AS cost, cost - excess AS expected, sum(amount - should) AS excess,
    max(estimate)::Bool AS provisional
FROM runs
GROUP BY grain, source, payer_account_id, currency, account_id, service, marqo_customer, run
HAVING abs(excess) >= 5
COMMENT 'Internal: the anomalies of cost_anomalies, without contributors';

-- cost_daily_by_arn_live: cost_daily_by_arn while lines or scans come or go, in the form of cost_rollups. The days that
-- are rolled up are answered from cost_rollups, the others from their lines.

CREATE OR REPLACE VIEW polo.cost_daily_by_arn_live
(
    kind UInt8 COMMENT '2',
    key String COMMENT 'As in cost_rollups',
    day Date32 COMMENT 'As in cost_rollups',
    generation UInt64 COMMENT '0',
    scope UInt64 COMMENT '1 if it is of a bill that is not whole, else 0',
    source LowCardinality(String) COMMENT 'As in cost_rollups',
    platform LowCardinality(String) COMMENT 'As in cost_rollups',
    account_id LowCardinality(String) COMMENT 'As in cost_rollups',
    region LowCardinality(String) COMMENT 'As in cost_rollups',
    service LowCardinality(String) COMMENT 'As in cost_rollups',
    resource_type LowCardinality(String) COMMENT 'As in cost_rollups',
    resource_name String COMMENT 'As in cost_rollups',
    marqo_customer LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_cluster LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_index LowCardinality(String) COMMENT 'As in cost_rollups',
    usage_type LowCardinality(String) COMMENT 'As in cost_rollups',
    charge_type LowCardinality(String) COMMENT 'As in cost_rollups',
    currency LowCardinality(String) COMMENT 'As in cost_rollups',
    usage_unit LowCardinality(String) COMMENT 'As in cost_rollups',
    cost Decimal(76, 38) COMMENT 'As in cost_rollups',
    usage_quantity Decimal(76, 38) COMMENT 'As in cost_rollups',
    magnitude Float64 COMMENT 'As in cost_rollups',
    lines UInt64 COMMENT 'As in cost_rollups',
    estimated_lines UInt64 COMMENT 'As in cost_rollups'
)
AS WITH (SELECT (generations, touched, adding, partial) FROM polo.cost_state_live) AS state
SELECT *
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        2::UInt8 AS kind, '' AS key, toDate32(0) AS day, 0::UInt64 AS generation, 0::UInt64 AS scope, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS region, toLowCardinality('') AS service, toLowCardinality('') AS resource_type, '' AS resource_name, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS marqo_cluster, toLowCardinality('') AS marqo_index, toLowCardinality('') AS usage_type, toLowCardinality('') AS charge_type, toLowCardinality('') AS currency, toLowCardinality('') AS usage_unit,
        toDecimal256(0, 38) AS cost, toDecimal256(0, 38) AS usage_quantity, 0::Float64 AS magnitude, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        kind, key, day, 0, in_partial, source, platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index, usage_type, charge_type, currency, usage_unit,
        cost, usage_quantity, magnitude, lines, estimated_lines
    FROM (SELECT * EXCEPT (generation), generation AS made, scope IN state.4 AS in_partial FROM polo.cost_rollups SETTINGS final = 0)
    WHERE kind = 2 AND scope IN state.3 AND made IN state.1
    UNION ALL
    SELECT
        2, arn, toDate32(ts), 0, number IN state.4, source, platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index, usage_type, toLowCardinality(multiIf(properties['charge_type'] != '', properties['charge_type'], properties['line_item_type'] != '', properties['line_item_type'], properties['charge_category'])), currency, usage_unit,
        amount, ifNull(stated_quantity, toDecimal256(0, 38)), abs(toFloat64(amount)), 1, estimated
    FROM
    (
        SELECT
            * EXCEPT (usage_quantity), usage_quantity AS stated_quantity, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS number,
            ifNull(cost_amount, toDecimal256(0, 38)) AS amount
        FROM polo.cost_lines FINAL
    )
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
)
COMMENT 'Internal: cost_daily_by_arn from the state of now, for cost_daily_by_arn';

-- cost_daily_by_arn: cost_daily for each ARN and kind of usage. A filter on arn reads that ARN's rows alone.

CREATE OR REPLACE VIEW polo.cost_daily_by_arn
(
    arn String COMMENT 'ARN, or an ARN-like key; empty for what has none',
    day Date32 COMMENT 'Day, UTC',
    source LowCardinality(String) COMMENT 'Source of the lines: aws.cur',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_name String COMMENT 'Name for people',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    usage_type LowCardinality(String) COMMENT 'Kind of usage, in the words of the source: BoxUsage:m5.large',
    charge_type LowCardinality(String) COMMENT 'Kind of charge, in the words of the source: Usage, Tax, Credit',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    usage_quantity Decimal(76, 38) COMMENT 'Sum of what was used, in usage_unit, exact',
    usage_unit LowCardinality(String) COMMENT 'Unit of usage_quantity, in the words of the source: Hrs',
    lines UInt64 COMMENT 'How many lines it is the sum of',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many of the lines are from deliveries that are not whole'
)
AS WITH (SELECT if(argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2, (true, argMax(generations, made), argMax(adding, made), argMax(partial, made)), (false, [0::UInt64], [0::UInt64, 1], [1::UInt64]))
    FROM polo.cost_states SETTINGS final = 0) AS kept
SELECT
    key AS arn, day, source, platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index,
    usage_type, charge_type, currency,
    if(throwIf(magnitude >= 1e36, 'cost_daily_by_arn: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
    usage_quantity, usage_unit, lines, estimated_lines, if(scope IN kept.4, lines, 0) AS partial_lines
FROM merge('polo', if((SELECT if(argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2, (true, argMax(generations, made), argMax(adding, made), argMax(partial, made)), (false, [0::UInt64], [0::UInt64, 1], [1::UInt64]))
    FROM polo.cost_states SETTINGS final = 0).1, '^cost_rollups$', '^cost_daily_by_arn_live$'))
WHERE kind = 2 AND scope IN kept.3 AND generation IN kept.2
SETTINGS final = 0
COMMENT 'What each day (UTC) cost, by ARN, kind of usage and kind of charge: what counts of it, of one source for each payer and day, as in cost_daily. A group may have several rows: sum them. arn is empty for what has none';

-- cost_anomalies_due: what cost_anomalies_mv is to keep: polo.cost_anomalies_found, with contributors, and a row that tells that it was asked. A contributor is an
-- ARN and kind of usage; its excess is what it cost in the days of the anomaly less as many times its average of the
-- 28 days before. An account with two payers has the contributors of both.
--
-- The stamp is read before the costs: with what comes between the two, the rows have a stamp that is no more, and are made again.

CREATE OR REPLACE VIEW polo.cost_anomalies_due
AS WITH
    (SELECT stamp FROM polo.cost_stamp) AS before,
    (
        SELECT groupArray((
            toString(grain), toString(source), toString(payer_account_id), toString(currency), toString(account_id), toString(service), toString(marqo_customer),
            kind, first_day, last_day, cost, expected, excess, provisional))
        FROM polo.cost_anomalies_found
    ) AS found,
    listed AS
    (
        SELECT
            number, of.1 AS grain, of.2 AS source, of.3 AS payer_account_id, of.4 AS currency, of.5 AS account_id, of.6 AS service, of.7 AS marqo_customer,
            of.8 AS kind, of.9 AS first_day, of.10 AS last_day, of.11 AS cost, of.12 AS expected, of.13 AS excess, of.14 AS provisional,
            [grain, account_id, service, marqo_customer] AS series
        FROM (SELECT found AS all)
        ARRAY JOIN all AS of, arrayEnumerate(all) AS number
    ),
    moved AS
    (
        SELECT
            a.number AS number, c.arn AS arn, c.usage_type AS usage_type, c.account_id AS account_id, c.service AS service,
            sumIf(c.cost, c.day >= a.first_day) - sumIf(c.cost, c.day < a.first_day) * (dateDiff('day', any(a.first_day), any(a.last_day)) + 1) / 28 AS change
        FROM
        (
            SELECT
                day, arn, usage_type, source, currency, toString(account_id) AS account_id, toString(service) AS service, cost,
                arrayJoin([['account', account_id, '', ''], ['service', account_id, service, ''], ['customer', '', '', toString(marqo_customer)]]) AS series
            FROM polo.cost_daily_by_arn
            WHERE day >= addDays(arrayMin(found.9), -28) AND day <= arrayMax(found.10) AND (account_id IN found.5 OR marqo_customer IN arrayFilter(m -> m != '', found.7))
        ) AS c
        INNER JOIN (SELECT * FROM listed) AS a ON c.source = a.source AND c.currency = a.currency AND c.series = a.series
        WHERE c.day >= addDays(a.first_day, -28) AND c.day <= a.last_day
        GROUP BY number, arn, usage_type, account_id, service, sign(a.excess)
        HAVING change * sign(a.excess) > 0
        ORDER BY abs(change) DESC, arn, usage_type, account_id, service
        LIMIT 5 BY number
    )
SELECT *
FROM
(
SELECT
    0::UInt64 AS made, before AS stamp,
    l.grain AS grain, l.source AS source, l.payer_account_id AS payer_account_id, l.currency AS currency, l.account_id AS account_id, l.service AS service, l.marqo_customer AS marqo_customer,
    l.kind AS kind, l.first_day AS first_day, l.last_day AS last_day, l.cost AS cost, l.expected AS expected, l.excess AS excess, l.provisional AS provisional,
    m.contributors AS contributors
FROM listed AS l
LEFT ANY JOIN
(
    SELECT
        number,
        CAST(arraySort(c -> (-abs(c.5), c), groupArray((arn, toString(usage_type), account_id, service, change))), 'Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38)))') AS contributors
    FROM moved
    GROUP BY number
) AS m ON l.number = m.number
UNION ALL
SELECT
    0, before, '', '', '', '', '', '', '', '', toDate32(0), toDate32(0), toDecimal256(0, 38), toDecimal256(0, 38), toDecimal256(0, 38), false,
    CAST([], 'Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38)))')
)
COMMENT 'Internal: what cost_anomalies_mv puts into cost_anomalies_kept';

-- cost_anomalies: the days on which a series of costs was not what its past says, and what made the difference, as
-- cost_anomalies_mv last found them. polo.cost_anomalies_found says which series are judged, and how.
--
-- Where that is not of these costs and more than three minutes old, because the server has not run, they are judged here
-- (polo.cost_anomalies_due): merge() opens only the table that it is told to.

CREATE OR REPLACE VIEW polo.cost_anomalies
(
    grain LowCardinality(String) COMMENT 'What the series is of: account, service (of an account) or customer',
    source LowCardinality(String) COMMENT 'Source of the costs: aws.cur',
    payer_account_id LowCardinality(String) COMMENT 'Account that pays the bill',
    currency LowCardinality(String) COMMENT 'Currency of the amounts, ISO 4217: USD',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros; empty for a customer',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2; empty for an account or a customer',
    marqo_customer LowCardinality(String) COMMENT 'Customer; empty for an account or a service',
    kind LowCardinality(String) COMMENT 'new, vanished, level, credit, spike or weekday',
    first_day Date32 COMMENT 'Its first day, UTC',
    last_day Date32 COMMENT 'Its last day, UTC',
    cost Decimal(76, 38) COMMENT 'What those days cost, in currency, exact',
    expected Decimal(76, 38) COMMENT 'What they should have cost, in currency',
    excess Decimal(76, 38) COMMENT 'cost - expected; negative for what vanished, fell or was credited',
    provisional Bool COMMENT 'Whether a line of those days may still be restated',
    contributors Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38))) COMMENT 'What made the excess, most first: up to five, each against its average of the 28 days before',
    computed_at DateTime('UTC') COMMENT 'When the costs were judged, UTC'
)
AS SELECT
    grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors,
    if(at = 0, now('UTC'), toDateTime(intDiv(at, 1000), 'UTC')) AS computed_at
FROM
(
    SELECT
        made AS at, grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors
    FROM merge('polo', (
        SELECT if(argMax(stamp, made) = (SELECT stamp FROM polo.cost_stamp) OR max(made) / 1000 > toUnixTimestamp(now()) - 180,
            '^cost_anomalies_kept$', '^cost_anomalies_due$')
        FROM polo.cost_anomalies_kept
        SETTINGS final = 0
    ))
    SETTINGS final = 0
)
WHERE grain != '' AND (at = 0 OR at = (SELECT max(made) FROM polo.cost_anomalies_kept SETTINGS final = 0))
COMMENT 'One row for each run of days on which what an account, a service of it or a customer cost was not what its past says: kind, cost, expected, excess, and what made it. Of the last 62 days; made anew within about a minute of a change of costs';

-- cost_anomalies_mv finds the anomalies of costs anew when a row of cost_lines or scans has come or gone since it last did, and every hour,
-- so that a change of their definition takes effect. Else it adds nothing: merge() opens only the table that it is told to, and
-- the rows that are there have another time. Where there are no costs it does not look for any. A row that it does not replace expires after a day.
--
-- A server that has just started waits for the next time, because it may be there for one question.
--
-- All rows of a run are one block, and so one part.

DROP VIEW IF EXISTS polo.cost_anomalies_mv;

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_anomalies_mv REFRESH AFTER 1 MINUTE APPEND TO polo.cost_anomalies_kept
(
    made UInt64, stamp UInt64, expires DateTime, grain LowCardinality(String), source LowCardinality(String), payer_account_id LowCardinality(String), currency LowCardinality(String),
    account_id LowCardinality(String), service LowCardinality(String), marqo_customer LowCardinality(String), kind LowCardinality(String), first_day Date32, last_day Date32,
    cost Decimal(76, 38), expected Decimal(76, 38), excess Decimal(76, 38), provisional Bool,
    contributors Array(Tuple(arn String, usage_type String, account_id String, service String, excess Decimal(76, 38)))
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    toUInt64(toUnixTimestamp64Milli(now64(3))) AS made, stamp, now() + 86400 AS expires,
    grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors
FROM
(
    SELECT
        made AS at, stamp, grain, source, payer_account_id, currency, account_id, service, marqo_customer, kind, first_day, last_day, cost, expected, excess, provisional, contributors
    FROM merge('polo', (
        SELECT if(uptime() < 60 OR if(count() = 0, (SELECT stamp FROM polo.cost_stamp) = 0, argMax(stamp, made) = (SELECT stamp FROM polo.cost_stamp) AND max(made) / 1000 > toUnixTimestamp(now()) - 3600),
            '^cost_anomalies_kept$', '^cost_anomalies_due$')
        FROM polo.cost_anomalies_kept
    ))
    WHERE at = 0
)
SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0
COMMENT 'Internal: finds the anomalies of costs and keeps them in cost_anomalies_kept';

-- cost_daily_live: cost_daily while lines or scans come or go, in the form of cost_rollups. The days that
-- are rolled up are answered from cost_rollups, the others from their lines.

CREATE OR REPLACE VIEW polo.cost_daily_live
(
    kind UInt8 COMMENT '1',
    key String COMMENT 'As in cost_rollups',
    day Date32 COMMENT 'As in cost_rollups',
    generation UInt64 COMMENT '0',
    scope UInt64 COMMENT '1 if it is of a bill that is not whole, else 0',
    source LowCardinality(String) COMMENT 'As in cost_rollups',
    platform LowCardinality(String) COMMENT 'As in cost_rollups',
    account_id LowCardinality(String) COMMENT 'As in cost_rollups',
    region LowCardinality(String) COMMENT 'As in cost_rollups',
    service LowCardinality(String) COMMENT 'As in cost_rollups',
    resource_type LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_customer LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_cluster LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_index LowCardinality(String) COMMENT 'As in cost_rollups',
    currency LowCardinality(String) COMMENT 'As in cost_rollups',
    cost Decimal(76, 38) COMMENT 'As in cost_rollups',
    magnitude Float64 COMMENT 'As in cost_rollups',
    lines UInt64 COMMENT 'As in cost_rollups',
    estimated_lines UInt64 COMMENT 'As in cost_rollups'
)
AS WITH (SELECT (generations, touched, adding, partial) FROM polo.cost_state_live) AS state
SELECT *
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        1::UInt8 AS kind, '' AS key, toDate32(0) AS day, 0::UInt64 AS generation, 0::UInt64 AS scope, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS region, toLowCardinality('') AS service, toLowCardinality('') AS resource_type, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS marqo_cluster, toLowCardinality('') AS marqo_index, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS cost, 0::Float64 AS magnitude, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        kind, key, day, 0, in_partial, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        cost, magnitude, lines, estimated_lines
    FROM (SELECT * EXCEPT (generation), generation AS made, scope IN state.4 AS in_partial FROM polo.cost_rollups SETTINGS final = 0)
    WHERE kind = 1 AND key = '' AND scope IN state.3 AND made IN state.1
    UNION ALL
    SELECT
        1, '', toDate32(ts), 0, number IN state.4, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        amount, abs(toFloat64(amount)), 1, estimated
    FROM
    (
        SELECT *, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS number, ifNull(cost_amount, toDecimal256(0, 38)) AS amount FROM polo.cost_lines FINAL
    )
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
)
COMMENT 'Internal: cost_daily from the state of now, for cost_daily';

-- cost_daily: what each day cost, by owner, place and service: what of it counts, exact to the last line
-- inserted. It is answered from cost_rollups if no line or scan came or went since the kept state, else of
-- the days that changed from their lines (cost_daily_live); so a group may have more than one row, and a question
-- sums them. merge() opens only the one that it is told, and after it was told, so that it has all that the state
-- names.

CREATE OR REPLACE VIEW polo.cost_daily
(
    day Date32 COMMENT 'Day, UTC',
    source LowCardinality(String) COMMENT 'Source of the lines: aws.cur',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    lines UInt64 COMMENT 'How many lines it is the sum of',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many of the lines are from deliveries that are not whole'
)
AS WITH (SELECT if(argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2, (true, argMax(generations, made), argMax(adding, made), argMax(partial, made)), (false, [0::UInt64], [0::UInt64, 1], [1::UInt64]))
    FROM polo.cost_states SETTINGS final = 0) AS kept
SELECT
    day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
    if(throwIf(magnitude >= 1e36, 'cost_daily: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
    lines, estimated_lines, if(scope IN kept.4, lines, 0) AS partial_lines
FROM merge('polo', if((SELECT if(argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2, (true, argMax(generations, made), argMax(adding, made), argMax(partial, made)), (false, [0::UInt64], [0::UInt64, 1], [1::UInt64]))
    FROM polo.cost_states SETTINGS final = 0).1, '^cost_rollups$', '^cost_daily_live$'))
WHERE kind = 1 AND key = '' AND scope IN kept.3 AND generation IN kept.2
SETTINGS final = 0
COMMENT 'What each day (UTC) cost, by source, account, region, service, resource type, owner and currency: what counts of it, of one source for each payer and day: the bill where there is one. A group may have several rows: sum them. estimated_lines are lines that are estimates, partial_lines lines of a bill that is not whole';

-- cost_daily_by_tag_live: cost_daily_by_tag while lines or scans come or go, in the form of cost_rollups. The days that
-- are rolled up are answered from cost_rollups, the others from their lines.

CREATE OR REPLACE VIEW polo.cost_daily_by_tag_live
(
    kind UInt8 COMMENT '3',
    key String COMMENT 'As in cost_rollups',
    day Date32 COMMENT 'As in cost_rollups',
    generation UInt64 COMMENT '0',
    scope UInt64 COMMENT '1 if it is of a bill that is not whole, else 0',
    value String COMMENT 'As in cost_rollups',
    source LowCardinality(String) COMMENT 'As in cost_rollups',
    platform LowCardinality(String) COMMENT 'As in cost_rollups',
    account_id LowCardinality(String) COMMENT 'As in cost_rollups',
    service LowCardinality(String) COMMENT 'As in cost_rollups',
    marqo_customer LowCardinality(String) COMMENT 'As in cost_rollups',
    currency LowCardinality(String) COMMENT 'As in cost_rollups',
    cost Decimal(76, 38) COMMENT 'As in cost_rollups',
    magnitude Float64 COMMENT 'As in cost_rollups',
    lines UInt64 COMMENT 'As in cost_rollups',
    estimated_lines UInt64 COMMENT 'As in cost_rollups'
)
AS WITH (SELECT (generations, touched, adding, partial) FROM polo.cost_state_live) AS state
SELECT *
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        3::UInt8 AS kind, '' AS key, toDate32(0) AS day, 0::UInt64 AS generation, 0::UInt64 AS scope, '' AS value, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS service, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS cost, 0::Float64 AS magnitude, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        kind, key, day, 0, in_partial, value, source, platform, account_id, service, marqo_customer, currency,
        cost, magnitude, lines, estimated_lines
    FROM (SELECT * EXCEPT (generation), generation AS made, scope IN state.4 AS in_partial FROM polo.cost_rollups SETTINGS final = 0)
    WHERE kind = 3 AND scope IN state.3 AND made IN state.1
    UNION ALL
    SELECT
        3, tag_key, toDate32(ts), 0, number IN state.4, tag_value, source, platform, account_id, service, marqo_customer, currency,
        amount, abs(toFloat64(amount)), 1, estimated
    FROM
    (
        SELECT *, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS number, ifNull(cost_amount, toDecimal256(0, 38)) AS amount FROM polo.cost_lines FINAL
    )
    ARRAY JOIN mapKeys(tags)::Array(String) AS tag_key, mapValues(tags) AS tag_value
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
)
COMMENT 'Internal: cost_daily_by_tag from the state of now, for cost_daily_by_tag';

-- cost_daily_by_tag: cost_daily for each tag. A line is in as many rows as it has tags: filter on tag_key. What
-- the sum lacks to that of cost_daily has no such tag.

CREATE OR REPLACE VIEW polo.cost_daily_by_tag
(
    tag_key String COMMENT 'Key of the tag',
    tag_value String COMMENT 'Value of the tag',
    day Date32 COMMENT 'Day, UTC',
    source LowCardinality(String) COMMENT 'Source of the lines: aws.cur',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    lines UInt64 COMMENT 'How many lines it is the sum of',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many of the lines are from deliveries that are not whole'
)
AS WITH (SELECT if(argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2, (true, argMax(generations, made), argMax(adding, made), argMax(partial, made)), (false, [0::UInt64], [0::UInt64, 1], [1::UInt64]))
    FROM polo.cost_states SETTINGS final = 0) AS kept
SELECT
    key AS tag_key, value AS tag_value, day, source, platform, account_id, service, marqo_customer, currency,
    if(throwIf(magnitude >= 1e36, 'cost_daily_by_tag: a sum exceeds what a Decimal256 holds') = 0, cost, toDecimal256(0, 38)) AS cost,
    lines, estimated_lines, if(scope IN kept.4, lines, 0) AS partial_lines
FROM merge('polo', if((SELECT if(argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2, (true, argMax(generations, made), argMax(adding, made), argMax(partial, made)), (false, [0::UInt64], [0::UInt64, 1], [1::UInt64]))
    FROM polo.cost_states SETTINGS final = 0).1, '^cost_rollups$', '^cost_daily_by_tag_live$'))
WHERE kind = 3 AND scope IN kept.3 AND generation IN kept.2
SETTINGS final = 0
COMMENT 'What each day (UTC) cost, by tag: what counts of it, of one source for each payer and day, as in cost_daily. A line is in one row for each of its tags, so filter on tag_key; a group may have several rows: sum them';

-- cost_hourly: each line with its present cost. A line is gone and costs zero if its bill counts from another
-- delivery or, for a source without deliveries, if a later completed scan of its billing day did not contain
-- it. partial means that the counted delivery is not the whole bill.

CREATE OR REPLACE VIEW polo.cost_hourly
(
    event_id UUID COMMENT 'Identity of the cost line',
    ts DateTime64(3, 'UTC') COMMENT 'Start of the time that the line covers, UTC',
    period_end Nullable(DateTime64(3, 'UTC')) COMMENT 'Exclusive end of that time, UTC',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the line was last stated, UTC',
    source LowCardinality(String) COMMENT 'Source of the line: aws.cur',
    billing_day Date32 COMMENT 'Day that the cost is billed for, UTC',
    payer_account_id LowCardinality(String) COMMENT 'Account that pays the bill',
    arn String COMMENT 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    account_role LowCardinality(String) COMMENT 'What the account is for: production, staging',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'The id of the resource within its type: i-0abc',
    resource_name String COMMENT 'Name for people',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    usage_type LowCardinality(String) COMMENT 'What was used, in the words of the bill',
    operation LowCardinality(String) COMMENT 'Operation that was billed, in the words of the bill',
    estimated Bool COMMENT 'Whether the source may still restate it',
    gone Bool COMMENT 'Whether a later complete scan lacks it; then it costs 0',
    cost_amount Nullable(Decimal(76, 38)) COMMENT 'Cost in currency, exact; 0 where it is gone',
    currency LowCardinality(String) COMMENT 'Currency of cost_amount, ISO 4217: USD',
    usage_quantity Nullable(Decimal(76, 38)) COMMENT 'Amount used in usage_unit, exact; NULL where the line has none',
    usage_unit LowCardinality(String) COMMENT 'Unit of usage_quantity, in the words of the source: Hrs',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    delivery LowCardinality(String) COMMENT 'Id of the delivery of the bill; empty for lines of no bill',
    partial Bool COMMENT 'Whether it is from a delivery of the bill that is not whole'
)
AS SELECT
    l.event_id AS event_id, l.ts AS ts, l.period_end AS period_end, l.observed_at AS observed_at, l.source AS source,
    l.billing_day AS billing_day, l.payer_account_id AS payer_account_id, l.arn AS arn, l.platform AS platform,
    l.account_id AS account_id, l.account_role AS account_role, l.region AS region, l.service AS service,
    l.resource_type AS resource_type, l.resource_id AS resource_id, l.resource_name AS resource_name,
    l.marqo_customer AS marqo_customer, l.marqo_cluster AS marqo_cluster, l.marqo_index AS marqo_index,
    l.usage_type AS usage_type, l.operation AS operation, l.estimated AS estimated,
    -- If its source has deliveries, a line without one is from a time before they were recorded.
    if(l.delivery = '', ifNull(s.scanned_at > l.observed_at, false) OR ifNull(m.superseded_at > l.observed_at, false), NOT b.counts)::Bool AS gone,
    if(gone, toDecimal256(0, 38), l.stated_amount) AS cost_amount,
    l.currency AS currency,
    if(gone, toDecimal256(0, 38), l.stated_quantity) AS usage_quantity,
    l.usage_unit AS usage_unit, l.tags AS tags, l.properties AS properties,
    l.delivery AS delivery, (NOT gone AND l.delivery != '' AND b.state != 'whole')::Bool AS partial
FROM
(
    SELECT * EXCEPT (cost_amount, usage_quantity), cost_amount AS stated_amount, usage_quantity AS stated_quantity
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued'
) AS l
LEFT ANY JOIN
(
    SELECT source, payer_account_id, billing_day, scanned_at FROM polo.cost_scan_days
) AS s ON s.source = l.source AND s.payer_account_id = l.payer_account_id AND s.billing_day = l.billing_day
LEFT ANY JOIN
(
    SELECT source, payer_account_id, report_account, billing_period, delivery, state, counts FROM polo.bill_deliveries
) AS b ON b.source = l.source AND b.payer_account_id = l.payer_account_id AND b.report_account = l.report_account
    AND b.billing_period = l.billing_day AND b.delivery = l.delivery
LEFT ANY JOIN
(
    SELECT source, payer_account_id, toStartOfMonth(billing_period) AS billing_month, max(observed_at) AS superseded_at
    FROM polo.bill_deliveries
    WHERE counts
    GROUP BY source, payer_account_id, billing_month
) AS m ON m.source = l.source AND m.payer_account_id = l.payer_account_id AND m.billing_month = toStartOfMonth(l.billing_day)
COMMENT 'One row for each line of a bill as last stated. A line is gone and costs zero where its bill counts from another delivery or a later completed scan of its day no longer held it; partial, where what it counts from is not the whole bill';

-- cost_hourly_mv fills cost_lines with the events of the family "cost".


CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_hourly_mv TO polo.cost_lines
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, source, period_end, observed_at,
    coalesce(toDate32OrNull(properties['billing_period']), toDate32(ts)) AS billing_day,
    if(properties['payer_account_id'] = '', account_id, properties['payer_account_id']) AS payer_account_id,
    arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
    marqo_customer, marqo_cluster, marqo_index,
    properties['usage_type'] AS usage_type,
    properties['operation'] AS operation,
    properties['estimated'] = 'true' AS estimated,
    cost_amount, currency, usage_quantity, usage_unit, tags, properties,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account
FROM polo.resource_events
WHERE startsWith(event_type, 'cost.');

ALTER TABLE polo.cost_hourly_mv MODIFY QUERY
SELECT
    ts, event_id, version, event_type, source, period_end, observed_at,
    coalesce(toDate32OrNull(properties['billing_period']), toDate32(ts)) AS billing_day,
    if(properties['payer_account_id'] = '', account_id, properties['payer_account_id']) AS payer_account_id,
    arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
    marqo_customer, marqo_cluster, marqo_index,
    properties['usage_type'] AS usage_type,
    properties['operation'] AS operation,
    properties['estimated'] = 'true' AS estimated,
    cost_amount, currency, usage_quantity, usage_unit, tags, properties,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account
FROM polo.resource_events
WHERE startsWith(event_type, 'cost.');

ALTER TABLE polo.cost_hourly_mv MODIFY COMMENT 'Internal: fills cost_lines';

-- cost_periods: the lines that count and are for more than a day, so that a question can spread them over their days.
-- They are few, and most begin with a month: the index by_length of cost_lines finds them.

CREATE OR REPLACE VIEW polo.cost_periods
(
    day Date32 COMMENT 'First day that it is for, UTC',
    last_day Date32 COMMENT 'Last day that it is for, UTC',
    source LowCardinality(String) COMMENT 'Source of the line: datadog.billing',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Cost in currency, exact, all of it',
    estimated Bool COMMENT 'Whether it may still be restated',
    partial Bool COMMENT 'Whether it is from a delivery of a bill that is not whole'
)
AS WITH (SELECT (adding, partial) FROM polo.cost_state) AS state
SELECT
    toDate32(ts) AS day, toDate32(assumeNotNull(period_end) - INTERVAL 1 MILLISECOND) AS last_day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency, ifNull(cost_amount, toDecimal256(0, 38)) AS cost,
    estimated, (sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) IN state.2)::Bool AS partial
FROM polo.cost_lines FINAL
WHERE dateDiff('day', ts, ifNull(period_end, ts)) >= 2 AND event_type = 'cost.accrued' AND sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) IN state.1
COMMENT 'One row for each line that counts and is for more than a day: a monthly fee, a bill by month';

-- cost_rollup_daily: cost by day. source is in the key because two sources may bill the same spend, and
-- currency because different currencies do not add up. A sum beyond 5.7e38 is an error, because it would wrap
-- to another number. Each group has one row, those included of which no line counts; a question that needs
-- neither is faster with cost_daily.

CREATE OR REPLACE VIEW polo.cost_rollup_daily
(
    day Date32 COMMENT 'Day, UTC',
    source LowCardinality(String) COMMENT 'Source of the lines: aws.cur',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    currency LowCardinality(String) COMMENT 'Currency of cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'Sum of the costs in currency, exact',
    lines UInt64 COMMENT 'How many lines count',
    gone_lines UInt64 COMMENT 'How many lines a later complete scan lacks; they cost 0',
    estimated_lines UInt64 COMMENT 'How many of the lines may still be restated',
    partial_lines UInt64 COMMENT 'How many lines are from deliveries that are not whole'
)
AS WITH (SELECT (generations, touched, counting, partial) FROM polo.cost_state) AS state
SELECT
    day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
    sum(if(counts, amount, toDecimal256(0, 38)))
        + throwIf(sum(if(counts, magnitude, 0)) >= 5e38, 'cost_rollup_daily: a sum exceeds what a Decimal256 holds') AS cost,
    sumIf(n, counts) AS lines,
    sumIf(n, NOT counts) AS gone_lines,
    sumIf(estimates, counts) AS estimated_lines,
    sumIf(n, counts AND in_partial) AS partial_lines
FROM
(
    -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
    SELECT
        toDate32(0) AS day, toLowCardinality('') AS source, toLowCardinality('') AS platform, toLowCardinality('') AS account_id, toLowCardinality('') AS region, toLowCardinality('') AS service, toLowCardinality('') AS resource_type, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS marqo_cluster, toLowCardinality('') AS marqo_index, toLowCardinality('') AS currency,
        toDecimal256(0, 38) AS amount, 0::Float64 AS magnitude, 0::UInt64 AS n, 0::UInt64 AS estimates, false AS counts, false AS in_partial
    WHERE length(state.1) > 1000000000
    UNION ALL
    SELECT
        day, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        cost AS amount, magnitude, lines AS n, estimated_lines AS estimates, scope IN state.3 AS counts, scope IN state.4 AS in_partial
    FROM polo.cost_rollups
    WHERE kind = 1 AND key = '' AND generation IN state.1
    SETTINGS final = 0
    UNION ALL
    SELECT
        toDate32(ts), source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency,
        ifNull(cost_amount, toDecimal256(0, 38)) AS stated, abs(toFloat64(stated)), 1, estimated, (sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS scope) IN state.3, scope IN state.4
    FROM polo.cost_lines FINAL
    WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued'
)
GROUP BY
    day, source, platform, account_id, region, service, resource_type,
    marqo_customer, marqo_cluster, marqo_index, currency
COMMENT 'Cost for each day (UTC) by source, account, region, service, resource type, owner and currency: lines that count, lines that are gone, lines that are estimates, lines of bills that are partial';

-- cost_rollups_due: the rows of new generations for days that have none which counts: cost_rollups_mv inserts
-- them. The fingerprints are read before the lines: a line that comes between the two is rolled up, and its
-- day rolled up again.
--
-- A day is left alone for half a minute after it was last rolled up, and a run takes about a million
-- lines, so that rolling up never takes much from loading; days that were never rolled up come first. A
-- generation of a day that changes often lives for an hour, any other for five to six weeks.
--
-- On a cluster each server rolls up the lines of its shard. It waits until it has what other replicas have
-- inserted, so that it does not take a day for seen of which it lacks lines.

CREATE OR REPLACE VIEW polo.cost_rollups_due
AS WITH
    (
        SELECT (groupArray(day), groupArray(print), groupArray(made), groupArray(until))
        FROM
        (
            SELECT
                day, print,
                bitOr(bitShiftLeft(toUInt64(toUnixTimestamp64Milli(now64(3))), 22), bitAnd(rand64(day), 4194303)) AS made,
                toDateTime(toUnixTimestamp(now()) + if(last_made > toUnixTimestamp(now()) - 3000, 3600, 3024000 + rand(day) % 604800), 'UTC') AS until,
                sum(stored_rows) OVER (ORDER BY last_made, day DESC ROWS UNBOUNDED PRECEDING) - stored_rows AS before
            FROM (SELECT *, toUInt32(intDiv(bitShiftRight(latest, 22), 1000)) AS last_made FROM polo.cost_days)
            WHERE generation = 0 AND last_made < toUnixTimestamp(now()) - 30
        )
        WHERE before < 1000000
    ) AS due
SELECT
    kind, key, day,
    transform(day, due.1, due.3, 0::UInt64) AS generation, transform(day, due.1, due.2, 0::UInt64) AS print, transform(day, due.1, due.4, toDateTime(0, 'UTC')) AS expires,
    scope, source, payer_account_id, report_account, billing_day, delivery, observed_at,
    platform, account_id, region, service, resource_type, resource_name, marqo_customer, marqo_cluster, marqo_index,
    usage_type, charge_type, usage_unit, value, currency, cost, usage_quantity, magnitude, lines, estimated_lines
FROM
(
    -- A row for each day, so that one without a line that accrued is rolled up, too. It comes first, so that the fingerprints
    -- are read before the tables below are opened.
    SELECT
        0::UInt8 AS kind, '' AS key, arrayJoin(due.1) AS day, 0::UInt64 AS scope, '' AS source,
        '' AS payer_account_id, '' AS report_account, toDate32(0) AS billing_day, '' AS delivery, toDateTime64(0, 3, 'UTC') AS observed_at,
        '' AS platform, '' AS account_id, '' AS region, '' AS service, '' AS resource_type, '' AS resource_name, '' AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
        '' AS usage_type, '' AS charge_type, '' AS usage_unit, '' AS value, '' AS currency,
        toDecimal256(0, 38) AS cost, toDecimal256(0, 38) AS usage_quantity, 0::Float64 AS magnitude, 0::UInt64 AS lines, 0::UInt64 AS estimated_lines
    UNION ALL
    SELECT
        multiIf(GROUPING(payer_account_id) = 0, 0, GROUPING(arn) = 1, 1, 2)::UInt8 AS kind, if(kind = 2, arn, '') AS key, day, scope, source,
        payer_account_id, report_account, billing_day, delivery, max(seen) AS observed_at,
        platform, account_id, region, service, resource_type, if(kind = 2, max(name), '') AS resource_name, marqo_customer, marqo_cluster, marqo_index,
        usage_type, charge_type, usage_unit, '' AS value, currency,
        sum(amount) AS cost, sum(quantity) AS usage_quantity, sum(abs(toFloat64(amount))) AS magnitude, count() AS lines, countIf(estimated) AS estimated_lines
    FROM
    (
        SELECT
            * EXCEPT (observed_at, resource_name), observed_at AS seen, resource_name AS name, toDate32(ts) AS day, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS scope,
            multiIf(properties['charge_type'] != '', properties['charge_type'], properties['line_item_type'] != '', properties['line_item_type'], properties['charge_category']) AS charge_type, ifNull(cost_amount, toDecimal256(0, 38)) AS amount, ifNull(l.usage_quantity, toDecimal256(0, 38)) AS quantity
        FROM polo.cost_lines AS l FINAL
        WHERE event_type = 'cost.accrued' AND toDate32(ts) IN due.1
    )
    GROUP BY GROUPING SETS
    (
        (day, scope, source, payer_account_id, report_account, billing_day, delivery),
        (day, scope, source, platform, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, currency),
        (day, scope, source, platform, arn, account_id, region, service, resource_type, marqo_customer, marqo_cluster, marqo_index, usage_type, charge_type, usage_unit, currency)
    )
    UNION ALL
    SELECT
        3, tag, day, scope, source, '', '', toDate32(0), '', toDateTime64(0, 3, 'UTC'),
        platform, account_id, '', service, '', '', marqo_customer, '', '', '', '', '', value, currency,
        sum(amount), toDecimal256(0, 38), sum(abs(toFloat64(amount))), count(), countIf(estimated)
    FROM
    (
        SELECT *, toDate32(ts) AS day, sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))) AS scope, ifNull(cost_amount, toDecimal256(0, 38)) AS amount
        FROM polo.cost_lines FINAL
        WHERE event_type = 'cost.accrued' AND toDate32(ts) IN due.1
    )
    ARRAY JOIN mapKeys(tags)::Array(String) AS tag, mapValues(tags) AS value
    GROUP BY day, scope, source, platform, account_id, service, marqo_customer, currency, tag, value
)
COMMENT 'Internal: what cost_rollups_mv inserts into cost_rollups';

-- cost_rollups_mv rolls up the days that have changed. ClickHouse runs it by itself, so that costs need no job of
-- Polo's. Each server of a cluster runs its own, and forgets its schedule when it restarts: to run it twice,
-- late or half changes no answer.
--
-- All rows of a run are one block, and so those of a day are one part.

DROP VIEW IF EXISTS polo.cost_rollups_mv;

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_rollups_mv REFRESH AFTER 10 SECOND APPEND TO polo.cost_rollups
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT * FROM polo.cost_rollups_due SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0
COMMENT 'Internal: rolls costs up into cost_rollups';

-- cost_states_due: the state for cost_states_mv to keep; no row while a day is not rolled up. The stamp is read
-- before the state: with what comes between the two, the state has a stamp that the tables have no more.

CREATE OR REPLACE VIEW polo.cost_states_due
AS WITH (SELECT stamp FROM polo.cost_stamp) AS before
SELECT
    0::UInt64 AS made, before AS stamp,
    (SELECT min(expires) FROM polo.cost_rollups WHERE kind = 0 AND expires > now() + 600 SETTINGS final = 0) AS expires,
    generations, touched, counting, adding, partial
FROM polo.cost_state_live
WHERE empty(touched)
COMMENT 'Internal: what cost_states_mv inserts into cost_states';

-- cost_states_mv keeps the state of costs, if the last one that was kept does not hold. On a cluster it keeps none: its servers
-- need not have the same rows at a time.
--
-- It reads polo.cost_states_due only if it must, as polo.cost_state does. The rows that are there have another
-- time.

DROP VIEW IF EXISTS polo.cost_states_mv;

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.cost_states_mv REFRESH AFTER 10 SECOND APPEND TO polo.cost_states
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT toUInt64(toUnixTimestamp64Milli(now64(3))) AS made, stamp, expires, generations, touched, counting, adding, partial
FROM
(
    SELECT made AS at, stamp, expires, generations, touched, counting, adding, partial
    FROM merge('polo', (SELECT if((SELECT stamp FROM polo.cost_stamp) = 0 OR (SELECT argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2 FROM polo.cost_states SETTINGS final = 0), '^cost_states$', '^cost_states_due$')))
    WHERE at = 0
    SETTINGS final = 0
)
COMMENT 'Internal: keeps the state of costs in cost_states';

-- resource_completions: every completed scan of resources, and whether it counts. A scan counts once as many
-- snapshots of its time have arrived as it reports. Snapshots are counted only for each scope's 30 latest
-- scans: those missing from an older one will not arrive any more.

CREATE OR REPLACE VIEW polo.resource_completions
(
    source LowCardinality(String) COMMENT 'Where it comes from: aws.cloudtrail',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    ts DateTime64(3, 'UTC') COMMENT 'Time of the scan, and of every snapshot in it, UTC',
    observed_at DateTime64(3, 'UTC') COMMENT 'When it was read, UTC',
    expected Nullable(UInt64) COMMENT 'How many snapshots the scan has; NULL if it does not say',
    arrived UInt64 COMMENT 'How many of them have arrived',
    whole Bool COMMENT 'Whether the scan counts: all of it has arrived'
)
AS SELECT
    c.source AS source, c.account_id AS account_id, c.region AS region, c.resource_type AS resource_type,
    c.ts AS ts, c.observed_at AS observed_at, c.expected AS expected,
    sumIf(s.n, c.region = '*' OR s.region = c.region) AS arrived,
    (ifNull(arrived >= expected, true) OR c.nth > 30)::Bool AS whole
FROM
(
    SELECT
        source, account_id, region, resource_type, ts, event_id, observed_at, events AS expected,
        dense_rank() OVER (PARTITION BY account_id, region, resource_type ORDER BY ts DESC) AS nth
    FROM polo.scans FINAL
    WHERE event_type = 'scan.completed' AND resource_type != ''
) AS c
LEFT JOIN
(
    SELECT account_id, region, resource_type, ts, count() AS n
    FROM polo.resource_states FINAL
    WHERE event_type = 'resource.snapshot' AND ts GLOBAL IN
    (
        SELECT arrayJoin(arraySlice(arrayReverseSort(groupUniqArray(ts)), 1, 30))
        FROM polo.scans FINAL
        WHERE event_type = 'scan.completed' AND resource_type != ''
        GROUP BY account_id, region, resource_type
    )
    GROUP BY account_id, region, resource_type, ts
) AS s ON c.account_id = s.account_id AND c.resource_type = s.resource_type AND c.ts = s.ts
GROUP BY source, account_id, region, resource_type, ts, c.event_id, observed_at, expected, c.nth
COMMENT 'One row for each completed scan of resources: how many events it speaks of, how many of them have arrived, and whether it counts';

-- coverage_gaps: what the latest attempt could not read, and what was read but has not all arrived (reason
-- arriving). A scope, or a resource type in it, is a gap from a scan.incomplete until a later scan of it
-- completes. what is empty if the whole scope was not read; any later completion in the scope ends that gap.
-- Any later completion of costs ends a gap in a part of the costs. A bill is a gap until its latest delivery
-- is whole.

CREATE OR REPLACE VIEW polo.coverage_gaps
(
    source String COMMENT 'Where it comes from: aws.cloudtrail',
    account_id String COMMENT 'Account, with its leading zeros',
    region String COMMENT 'Region; empty for all or none',
    what String COMMENT 'Resource type or bill; empty for the whole scope',
    reason String COMMENT 'denied, throttled, unreachable, disabled, deadline, budget, invalid, partial, failed, or arriving',
    error_code String COMMENT 'The source\'s own error code',
    first_gap DateTime64(3, 'UTC') COMMENT 'When it could first not be read, UTC',
    last_gap DateTime64(3, 'UTC') COMMENT 'When it was last tried, UTC',
    last_completed Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was last read to its end, UTC; NULL if never'
)
AS SELECT
    g.source AS source, g.account_id AS account_id, g.region AS region, g.what AS what,
    g.reason AS reason, g.error_code AS error_code, g.first_gap AS first_gap, g.last_gap AS last_gap,
    multiIf(g.what = '', w.completed, g.completed IS NOT NULL, g.completed, g.account_id = '', a.costs_completed, w.costs_completed) AS last_completed
FROM
(
    SELECT
        source, account_id, if(region = '*', '', region) AS region, resource_type AS what,
        argMaxIf(state, observed_at, event_type = 'scan.incomplete') AS reason,
        argMaxIf(error_code, observed_at, event_type = 'scan.incomplete') AS error_code,
        minIf(observed_at, event_type = 'scan.incomplete') AS first_gap,
        maxIf(observed_at, event_type = 'scan.incomplete') AS last_gap,
        maxOrNullIf(observed_at, event_type = 'scan.completed') AS completed
    FROM polo.scans FINAL
    WHERE delivery = ''
    GROUP BY source, account_id, region, what
    HAVING countIf(event_type = 'scan.incomplete') > 0
) AS g
LEFT ANY JOIN
(
    SELECT
        source, account_id, if(region = '*', '', region) AS region,
        maxOrNullIf(observed_at, event_type = 'scan.completed') AS completed,
        maxOrNullIf(observed_at, event_type = 'scan.completed' AND resource_type = '') AS costs_completed
    FROM polo.scans FINAL
    GROUP BY source, account_id, region
) AS w ON g.source = w.source AND g.account_id = w.account_id AND g.region = w.region
LEFT ANY JOIN
(
    SELECT source, maxOrNullIf(observed_at, event_type = 'scan.completed' AND resource_type = '') AS costs_completed
    FROM polo.scans FINAL
    GROUP BY source
) AS a ON g.source = a.source
WHERE ifNull(last_completed <= g.last_gap, true)
UNION ALL
SELECT
    source, account_id, if(region = '*', '', region) AS region, resource_type AS what, 'arriving' AS reason, '' AS error_code,
    minIf(observed_at, NOT whole AND ts > last_whole) AS first_gap,
    maxIf(observed_at, NOT whole AND ts > last_whole) AS last_gap,
    maxOrNullIf(observed_at, whole) AS last_completed
FROM
(
    SELECT *, maxIf(ts, whole) OVER (PARTITION BY source, account_id, region, resource_type) AS last_whole
    FROM polo.resource_completions
)
GROUP BY source, account_id, region, what
HAVING countIf(NOT whole AND ts > last_whole) > 0
UNION ALL
SELECT
    source, payer_account_id AS account_id, '' AS region,
    concat('bill ', toString(billing_period), if(report_account = '', '', concat(' in the report of ', report_account))) AS what,
    argMax(if(state = 'arriving', state, reason), (observed_at, delivery)) AS reason, '' AS error_code,
    minIf(observed_at, observed_at > last_whole) AS first_gap,
    max(observed_at) AS last_gap,
    maxOrNullIf(observed_at, state = 'whole') AS last_completed
FROM
(
    SELECT *, maxIf(observed_at, state = 'whole') OVER (PARTITION BY source, payer_account_id, report_account, billing_period) AS last_whole
    FROM polo.bill_deliveries
)
GROUP BY source, account_id, billing_period, report_account
HAVING argMax(state, (observed_at, delivery)) != 'whole'
COMMENT 'One row for each part of a source that could not be read when it was last tried, or has not all arrived: account, region, what (resource type or bill; empty: all of it), why, since when';

-- customers_dict: the present state of a customer. Its state at the time of an event is on the event.

CREATE OR REPLACE DICTIONARY polo.customers_dict
(
    customer String,
    name String,
    tier String,
    contact String
)
PRIMARY KEY customer
SOURCE(CLICKHOUSE(QUERY 'SELECT customer, name, tier, contact FROM polo.customer_metadata FINAL'))
LAYOUT(COMPLEX_KEY_HASHED_ARRAY())
LIFETIME(MIN 60 MAX 120)
COMMENT 'The customers as a dictionary: dictGet(polo.customers_dict, name, customer); up to two minutes behind';

-- resource_ancestry: the hierarchy above each resource, from the events of all time, with the times each
-- ancestor was first and last seen.
--
-- It reads resource_events itself. A restatement that drops an ancestor does not name it, so it cannot update
-- a table keyed by edge: only the event's own key finds the row to replace. A table keyed by event would need
-- every event, even those without edges, and every column that is read here. It would be a copy.

CREATE OR REPLACE VIEW polo.resource_ancestry
(
    arn String COMMENT 'Key of the resource',
    ancestor_arn String COMMENT 'Key of what it is in',
    depth UInt32 COMMENT '1 for what it is directly in, 2 for what that is in, and so on',
    first_seen DateTime64(3, 'UTC') COMMENT 'When an event first said so, UTC',
    last_seen DateTime64(3, 'UTC') COMMENT 'When an event last said so, UTC'
)
AS SELECT
    arn,
    ancestor_arn,
    argMax(level, (seen, event_id, -toInt64(level))) AS depth,
    min(seen) AS first_seen,
    max(seen) AS last_seen
FROM
(
    SELECT arn, ancestor_arn, level, ts AS seen, event_id
    FROM polo.resource_events FINAL
    ARRAY JOIN ancestors AS ancestor_arn, arrayEnumerate(ancestors) AS level
    WHERE arn != ''
)
GROUP BY arn, ancestor_arn
COMMENT 'One row for each resource and ancestor: how far up (depth, 1 the nearest), when first and last seen';

-- resources_live: the state of each resource that was not deleted, from all its events, as in resource_rollups.
--
-- The query finds the last whole event of each resource by its key first, then reads and combines the events
-- after it. Unselected columns cost nothing.

CREATE OR REPLACE VIEW polo.resources_live
(
    kind UInt8 COMMENT '2',
    key String COMMENT 'ARN of the resource',
    event_id UUID COMMENT 'As in resource_rollups',
    event_type String COMMENT 'As in resource_rollups',
    source String COMMENT 'As in resource_rollups',
    observed_at DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    platform String COMMENT 'As in resource_rollups',
    account_id String COMMENT 'As in resource_rollups',
    account_role String COMMENT 'As in resource_rollups',
    region String COMMENT 'As in resource_rollups',
    service String COMMENT 'As in resource_rollups',
    resource_type String COMMENT 'As in resource_rollups',
    resource_id String COMMENT 'As in resource_rollups',
    resource_name String COMMENT 'As in resource_rollups',
    marqo_customer String COMMENT 'As in resource_rollups',
    marqo_cluster String COMMENT 'As in resource_rollups',
    marqo_index String COMMENT 'As in resource_rollups',
    actor String COMMENT 'As in resource_rollups',
    state String COMMENT 'As in resource_rollups',
    ancestors Array(String) COMMENT 'As in resource_rollups',
    relations Array(Tuple(String, String)) COMMENT 'As in resource_rollups',
    tags Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    properties Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    first_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    last_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups'
)
AS SELECT * EXCEPT (tag_keys, tag_values, property_keys, property_values)
FROM
(
    SELECT
        2::UInt8 AS kind,
        s.arn AS key,
        argMax(s.event_id, s.place) AS event_id,
        argMax(s.event_type, s.place) AS event_type,
        argMax(s.source, s.place) AS source,
        argMax(s.observed_at, s.place) AS observed_at,
        argMaxIf(s.platform, s.place, s.whole OR s.platform != '') AS platform,
        argMaxIf(s.account_id, s.place, s.whole OR s.account_id != '') AS account_id,
        argMaxIf(s.account_role, s.place, s.whole OR s.account_role != '') AS account_role,
        argMaxIf(s.region, s.place, s.whole OR s.region != '') AS region,
        argMaxIf(s.service, s.place, s.whole OR s.service != '') AS service,
        argMaxIf(s.resource_type, s.place, s.whole OR s.resource_type != '') AS resource_type,
        argMaxIf(s.resource_id, s.place, s.whole OR s.resource_id != '') AS resource_id,
        argMaxIf(s.resource_name, s.place, s.whole OR s.resource_name != '') AS resource_name,
        argMaxIf(s.marqo_customer, s.place, s.whole OR s.marqo_customer != '') AS marqo_customer,
        argMaxIf(s.marqo_cluster, s.place, s.whole OR s.marqo_cluster != '') AS marqo_cluster,
        argMaxIf(s.marqo_index, s.place, s.whole OR s.marqo_index != '') AS marqo_index,
        argMax(s.actor, s.place) AS actor,
        argMaxIf(s.state, s.place, s.whole OR s.state != '' OR s.event_type = 'resource.deleted') AS state,
        argMaxIf(s.ancestors, s.place, s.whole OR notEmpty(s.ancestors)) AS ancestors,
        argMaxIf(arrayZip(s.relations.type, s.relations.target_arn), s.place, s.whole OR notEmpty(s.relations.type)) AS relations,
        -- All pairs, the latest first; the first pair of each key counts.
        arrayFlatten(arrayReverseSort((k, place) -> place, groupArray(mapKeys(s.tags)), groupArray(s.place))) AS tag_keys,
        arrayFlatten(arrayReverseSort((v, place) -> place, groupArray(mapValues(s.tags)), groupArray(s.place))) AS tag_values,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(tag_keys, tag_values), arrayEnumerateUniq(tag_keys)), 'Map(LowCardinality(String), String)')) AS tags,
        arrayFlatten(arrayReverseSort((k, place) -> place, groupArray(mapKeys(s.properties)), groupArray(s.place))) AS property_keys,
        arrayFlatten(arrayReverseSort((v, place) -> place, groupArray(mapValues(s.properties)), groupArray(s.place))) AS property_values,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(property_keys, property_values), arrayEnumerateUniq(property_keys)), 'Map(LowCardinality(String), String)')) AS properties,
        any(life.first_ts) AS first_ts,
        max(s.ts) AS last_ts
    FROM
    (
        SELECT
            *, event_type IN ('resource.snapshot', 'resource.created') AS whole,
            bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS place
        FROM polo.resource_states FINAL
        WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
            AND error_code = '' AND arn != ''
    ) AS s
    INNER JOIN
    (
        SELECT arn, min(ts) AS first_ts, maxIf(place, event_type IN ('resource.snapshot', 'resource.created')) AS last_whole
        FROM
        (
            SELECT
                arn, ts, event_type,
                bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS place
            FROM polo.resource_states FINAL
            WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
                AND error_code = '' AND arn != ''
        )
        GROUP BY arn
        HAVING argMax(event_type, place) != 'resource.deleted'
    ) AS life ON s.arn = life.arn
    WHERE s.place >= life.last_whole
    GROUP BY s.arn
)
COMMENT 'Internal: the states behind resources_current, from all events';

-- resources_touched: the state of each resource, deleted ones included, as in resource_rollups; of those of which something
-- came or went since they were folded, it is folded now.
--
-- The first branch has no rows: it asks what has changed before the tables below are opened, so that they have all that it names.

CREATE OR REPLACE VIEW polo.resources_touched
(
    kind UInt8 COMMENT '2',
    key String COMMENT 'ARN of the resource',
    event_id UUID COMMENT 'As in resource_rollups',
    event_type String COMMENT 'As in resource_rollups',
    source String COMMENT 'As in resource_rollups',
    observed_at DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    platform String COMMENT 'As in resource_rollups',
    account_id String COMMENT 'As in resource_rollups',
    account_role String COMMENT 'As in resource_rollups',
    region String COMMENT 'As in resource_rollups',
    service String COMMENT 'As in resource_rollups',
    resource_type String COMMENT 'As in resource_rollups',
    resource_id String COMMENT 'As in resource_rollups',
    resource_name String COMMENT 'As in resource_rollups',
    marqo_customer String COMMENT 'As in resource_rollups',
    marqo_cluster String COMMENT 'As in resource_rollups',
    marqo_index String COMMENT 'As in resource_rollups',
    actor String COMMENT 'As in resource_rollups',
    state String COMMENT 'As in resource_rollups',
    ancestors Array(String) COMMENT 'As in resource_rollups',
    relations Array(Tuple(String, String)) COMMENT 'As in resource_rollups',
    tags Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    properties Map(LowCardinality(String), String) COMMENT 'As in resource_rollups',
    first_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups',
    last_ts DateTime64(3, 'UTC') COMMENT 'As in resource_rollups'
)
AS WITH
    (
        SELECT (
            groupArray(arn), groupArray(if(anew, toUInt256(0), known)), groupArray(until),
            min(if(anew, toDateTime64(0, 3, 'UTC'), first_at)), max(until), groupArrayArray(gone))
        FROM
        (
            SELECT c.arn AS arn, c.first_at AS first_at, c.last_at AS last_at, c.gone AS gone, s.place AS known, notEmpty(c.gone) OR c.first_place <= s.place AS anew, if(anew, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), c.last_at) AS until
            FROM (SELECT key, place FROM polo.resource_rollups WHERE kind = 2 SETTINGS final = 1) AS s
            RIGHT JOIN
            (
                SELECT arn, groupArrayIf((of_day, of_minute, arn, mark), NOT there) AS gone, minIf(place, there) AS first_place, minIf(ts, there) AS first_at, maxIf(ts, there) AS last_at
                FROM
                (
                    SELECT arn, mark, max(present) AS there, max(place) AS place, max(ts) AS ts, any(day) AS of_day, any(minute) AS of_minute
                    FROM
                    (
                        SELECT arn, toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, sipHash64(event_id, version) AS mark, true AS present, bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS place, ts
                        FROM polo.resource_states FINAL
                        WHERE arn != ''
                        UNION ALL
                        SELECT key, day, minute, mark, false, toUInt256(0), toDateTime64(0, 3, 'UTC')
                        FROM polo.resource_rollups
                        WHERE kind = 3 AND print = 0
                        SETTINGS final = 1
                    )
                    WHERE minute IN (SELECT minute FROM polo.resource_minutes)
                    GROUP BY arn, mark
                    HAVING min(present) = max(present)
                )
                GROUP BY arn
            ) AS c ON s.key = c.arn
        )
    ) AS plan
SELECT *
FROM
(
    SELECT
        2::UInt8 AS kind, '' AS key,
        toUUID('00000000-0000-0000-0000-000000000000') AS event_id, '' AS event_type, '' AS source, toDateTime64(0, 3, 'UTC') AS observed_at, '' AS platform,
        '' AS account_id, '' AS account_role, '' AS region, '' AS service, '' AS resource_type,
        '' AS resource_id, '' AS resource_name, '' AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
        '' AS actor, '' AS state, []::Array(String) AS ancestors, []::Array(Tuple(String, String)) AS relations, CAST(map(), 'Map(LowCardinality(String), String)') AS tags,
        CAST(map(), 'Map(LowCardinality(String), String)') AS properties, toDateTime64(0, 3, 'UTC') AS first_ts, toDateTime64(0, 3, 'UTC') AS last_ts
    WHERE length(plan.1) > 1000000000
    UNION ALL
    SELECT
        kind, key,
        event_id, event_type, source, observed_at, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
        marqo_customer, marqo_cluster, marqo_index, actor, state, ancestors, relations, tags, properties, first_ts, last_ts
    FROM polo.resource_rollups
    WHERE kind = 2 AND key NOT IN (SELECT arrayJoin(plan.1))
    SETTINGS final = 1
    UNION ALL
    SELECT
        2, key,
        event_id, event_type, source, observed_at, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
        marqo_customer, marqo_cluster, marqo_index, actor, state, ancestors, relations, tags, properties, first_ts, last_ts
    FROM
    (
        SELECT
        l.arn AS key,
        maxIf(l.at, l.counts) AS place,
        argMaxIf((l.event_id, l.event_type, l.source, l.observed_at, l.actor), l.at, l.counts) AS last,
        last.1 AS event_id, last.2 AS event_type, last.3 AS source, last.4 AS observed_at, last.5 AS actor,
        argMaxForEach(l.said.1, l.said.2) AS texts,
        texts[1] AS platform, texts[2] AS account_id, texts[3] AS account_role, texts[4] AS region, texts[5] AS service, texts[6] AS resource_type, texts[7] AS resource_id, texts[8] AS resource_name, texts[9] AS marqo_customer, texts[10] AS marqo_cluster, texts[11] AS marqo_index,
        argMaxIf(l.state, l.at, l.whole OR l.counts AND (l.state != '' OR l.event_type = 'resource.deleted')) AS state,
        argMaxIf(l.ancestors, l.at, l.whole OR l.counts AND notEmpty(l.ancestors)) AS ancestors,
        argMaxIf(l.relations, l.at, l.whole OR l.counts AND notEmpty(l.relations)) AS relations,
        -- All pairs, the latest first, and those of the last whole event last; the first pair of each key counts.
        argMaxIf((l.at, mapKeys(l.tags), mapValues(l.tags), mapKeys(l.properties), mapValues(l.properties)), l.at, l.whole) AS basis,
        arrayPushBack(arrayReverseSort(u -> u.1, arrayFilter(u -> u.1 > basis.1, groupArrayIf((l.at, mapKeys(l.tags), mapValues(l.tags), mapKeys(l.properties), mapValues(l.properties)), l.counts AND NOT l.whole))), basis) AS told,
        arrayFlatten(told.2) AS tag_keys,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(tag_keys, arrayFlatten(told.3)), arrayEnumerateUniq(tag_keys)), 'Map(LowCardinality(String), String)')) AS tags,
        arrayFlatten(told.4) AS property_keys,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(property_keys, arrayFlatten(told.5)), arrayEnumerateUniq(property_keys)), 'Map(LowCardinality(String), String)')) AS properties,
        minIf(l.first_at, l.counts) AS first_ts,
        maxIf(l.last_at, l.counts) AS last_ts,
        groupArrayIf((l.day, l.minute, l.mark), NOT l.kept) AS folded
    FROM
    (
        SELECT
            p.arn AS arn, r.* EXCEPT (arn, counts, whole, texts), r.counts AND (NOT r.kept OR p.known > 0) AS counts, r.whole AND counts AS whole,
            arrayMap(t -> if(whole OR counts AND t != '', (t, at), ('', toUInt256(0))), r.texts) AS said
        FROM (SELECT arn, known, until FROM (SELECT 1) ARRAY JOIN plan.1 AS arn, plan.2 AS known, plan.3 AS until) AS p
        INNER JOIN
        (
            SELECT
                arn, false AS kept, toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, sipHash64(event_id, version) AS mark, bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS at,
                event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted') AND error_code = '' AS counts,
                event_type IN ('resource.snapshot', 'resource.created') AS whole,
                event_id, event_type, source, observed_at, actor, state,
                [platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index] AS texts, ancestors, arrayZip(relations.type, relations.target_arn) AS relations, tags, properties, ts AS first_at, ts AS last_at
            FROM polo.resource_states FINAL
            WHERE ts >= plan.4 AND ts <= plan.5 AND notEmpty(plan.1) AND arn != ''
            UNION ALL
            SELECT
                key, true, toDate32(0), 0, 0, place, place > 0, true,
                event_id, event_type, source, observed_at, actor, state,
                [platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index] AS texts, ancestors, relations, tags, properties, first_ts, last_ts
            FROM polo.resource_rollups
            WHERE kind = 2 AND key IN (SELECT arrayJoin(plan.1))
            SETTINGS final = 1
        ) AS r ON p.arn = r.arn
        WHERE r.kept OR r.at > p.known AND r.first_at <= p.until
        SETTINGS query_plan_join_swap_table = 'true'
    ) AS l
    GROUP BY l.arn
    )
)
COMMENT 'Internal: the state of each resource, from what is stored and what changed since';

-- resource_stamp: checksums of the rows of resource_states and scans, from their projections, which is all that decides which
-- resources there are and in what state; and, compared with those that the last run of resource_rollups_mv found, what of
-- resource_rollups holds. A question or a run asks it once (resources_now), so that all that it is told is of one
-- moment.
--
-- Rows are read without FINAL, as in cost_days.

CREATE OR REPLACE VIEW polo.resource_stamp
(
    reads String COMMENT 'What resources_current reads: all events, while not all are folded; what is stored, while it is that of now; or what is stored and what changed since',
    touched Array(Date32) COMMENT 'Days of which rows of resource_states came or went since',
    scans_hold Bool COMMENT 'Whether no scan and no snapshot came or went since',
    stamp UInt64 COMMENT 'Checksum of all rows',
    scan_stamp UInt64 COMMENT 'Checksum of the scans and snapshots',
    prints Array(Tuple(Date32, UInt64)) COMMENT 'Checksum of the rows of each day of resource_states'
)
AS SELECT
    multiIf(sum(kept) = 0, '^resources_live$', sum(part) = sum(kept), '^resource_rollups$', '^resources_touched$') AS reads,
    groupArrayIf(day, print != was) AS touched,
    (sum(of_scans) = sum(kept_scans))::Bool AS scans_hold,
    sum(part) AS stamp, sum(of_scans) AS scan_stamp, groupArrayIf((day, print), print != 0) AS prints
FROM
(
    SELECT day, sum(part) AS part, sum(of_scans) AS of_scans, sum(print) AS print, sum(was) AS was, sum(kept) AS kept, sum(kept_scans) AS kept_scans
    FROM
    (
        SELECT toDate32(0) AS day, sum(sipHash64(event_id, version)) AS part, part AS of_scans, 0::UInt64 AS print, 0::UInt64 AS was, 0::UInt64 AS kept, 0::UInt64 AS kept_scans
        FROM polo.scans
        SETTINGS final = 0, max_threads = 1
        UNION ALL
        SELECT toDate32(ts) AS day, sum(sipHash64(event_id, version)) AS part, if(event_type = 'resource.snapshot', part, 0), part, 0, 0, 0
        FROM polo.resource_states
        GROUP BY day, event_type
        SETTINGS final = 0, max_threads = 1
        UNION ALL
        SELECT k.1, 0, 0, 0, k.2, k.3, k.4
        FROM (SELECT arrayJoin(arrayPushBack(arrayMap(p -> (p.1, p.2, 0::UInt64, 0::UInt64), prints), (toDate32(0), 0::UInt64, stamp, scan_stamp))) AS k FROM polo.resource_rollups WHERE kind = 0 SETTINGS final = 1)
    )
    GROUP BY day
)
COMMENT 'Internal: checksums of the rows that decide which resources there are, and what of resource_rollups holds';

-- resource_minutes: the minutes of which resource_states has other rows than were folded into resource_rollups: the days
-- that have another fingerprint first, and then their minutes. A minute without a row has the fingerprint 0.

CREATE OR REPLACE VIEW polo.resource_minutes
(
    day Date32 COMMENT 'Day, UTC',
    minute Int64 COMMENT 'Minute since 1970, UTC',
    print UInt64 COMMENT 'Fingerprint of its rows in resource_states',
    stored_rows UInt64 COMMENT 'How many rows resource_states has of it, superseded ones included'
)
AS WITH (SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp) AS now
SELECT day, minute, sum(part) AS print, sum(n) AS stored_rows
FROM
(
    SELECT toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, sum(sipHash64(event_id, version)) AS part, count() AS n, 0::UInt64 AS was
    FROM polo.resource_states
    WHERE toDate32(ts) IN now.2
    GROUP BY day, minute
    SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT day, minute, 0, 0, print FROM polo.resource_rollups WHERE kind = 1 AND day IN now.2 SETTINGS final = 1, max_threads = 1
)
GROUP BY day, minute
HAVING print != sum(was)

COMMENT 'Internal: the minutes of resource_states that are not folded into resource_rollups as they are';

-- resource_relationships: the edges between resources, from the events of all time, with the times each was
-- first and last seen. It reads resource_events itself, for the same reasons as resource_ancestry.

CREATE OR REPLACE VIEW polo.resource_relationships
(
    arn String COMMENT 'Key of the resource',
    type LowCardinality(String) COMMENT 'How it relates to the target: attached_to, uses_role',
    target_arn String COMMENT 'Key of the resource that it relates to',
    first_seen DateTime64(3, 'UTC') COMMENT 'When an event first said so, UTC',
    last_seen DateTime64(3, 'UTC') COMMENT 'When an event last said so, UTC'
)
AS SELECT
    arn,
    type,
    target_arn,
    min(seen) AS first_seen,
    max(seen) AS last_seen
FROM
(
    SELECT arn, type, target_arn, ts AS seen
    FROM polo.resource_events FINAL
    ARRAY JOIN relations.type AS type, relations.target_arn AS target_arn
    WHERE arn != ''
)
GROUP BY arn, type, target_arn
COMMENT 'One row for each edge from a resource to another: its type, when first and last seen';

-- resource_scans_live: the latest completed scan of each scope of resources, among those that have fully arrived.
-- A scan of the region * covers every region, for resources that one call lists for all of them, such as S3's
-- buckets.

CREATE OR REPLACE VIEW polo.resource_scans_live
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)
AS SELECT account_id, region, resource_type, max(ts) AS scanned_at
FROM polo.resource_completions
WHERE whole
GROUP BY account_id, region, resource_type
COMMENT 'Internal: resource_scans, from the scans and snapshots of now';

-- resource_rollups_due: the rows that resource_rollups_mv inserts into resource_rollups: none if nothing came or went since its last
-- run. A run takes the oldest of the minutes that are not folded, with 200,000 rows or a little more, and of resources that are folded anew all rows.
--
-- The first branch reads no table: it asks for fingerprints before the tables below are opened, so that what
-- comes later makes its minute another again. The row of a resource carries the marks of the rows that are folded
-- into it, so that state and marks are of one reading.

CREATE OR REPLACE VIEW polo.resource_rollups_due
AS WITH
    (SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp) AS now,
    now.4 AS before,
    (SELECT (any(stamp), any(prints), any(generation), any(scan_stamp)) FROM polo.resource_rollups WHERE kind = 0 SETTINGS final = 1) AS last,
    (
        SELECT (groupArrayIf(minute, taken), groupArrayIf((1::UInt8, day, minute, '', 0::UInt64, print), taken), countIf(NOT taken))
        FROM
        (
            SELECT day, minute, print, sum(stored_rows) OVER (ORDER BY day, minute ROWS UNBOUNDED PRECEDING) - stored_rows < 200000 AS taken
            FROM (SELECT day, minute, sum(part) AS print, sum(n) AS stored_rows
FROM
(
    SELECT toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, sum(sipHash64(event_id, version)) AS part, count() AS n, 0::UInt64 AS was
    FROM polo.resource_states
    WHERE toDate32(ts) IN now.2
    GROUP BY day, minute
    SETTINGS final = 0, max_threads = 1
    UNION ALL
    SELECT day, minute, 0, 0, print FROM polo.resource_rollups WHERE kind = 1 AND day IN now.2 SETTINGS final = 1, max_threads = 1
)
GROUP BY day, minute
HAVING print != sum(was)
)
        )
    ) AS due,
    (
        SELECT (
            groupArray(arn), groupArray(if(anew, toUInt256(0), known)), groupArray(until),
            min(if(anew, toDateTime64(0, 3, 'UTC'), first_at)), max(until), groupArrayArray(gone))
        FROM
        (
            SELECT c.arn AS arn, c.first_at AS first_at, c.last_at AS last_at, c.gone AS gone, s.place AS known, notEmpty(c.gone) OR c.first_place <= s.place AS anew, if(anew, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), c.last_at) AS until
            FROM (SELECT key, place FROM polo.resource_rollups WHERE kind = 2 SETTINGS final = 1) AS s
            RIGHT JOIN
            (
                SELECT arn, groupArrayIf((of_day, of_minute, arn, mark), NOT there) AS gone, minIf(place, there) AS first_place, minIf(ts, there) AS first_at, maxIf(ts, there) AS last_at
                FROM
                (
                    SELECT arn, mark, max(present) AS there, max(place) AS place, max(ts) AS ts, any(day) AS of_day, any(minute) AS of_minute
                    FROM
                    (
                        SELECT arn, toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, sipHash64(event_id, version) AS mark, true AS present, bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS place, ts
                        FROM polo.resource_states FINAL
                        WHERE arn != ''
                        UNION ALL
                        SELECT key, day, minute, mark, false, toUInt256(0), toDateTime64(0, 3, 'UTC')
                        FROM polo.resource_rollups
                        WHERE kind = 3 AND print = 0
                        SETTINGS final = 1
                    )
                    WHERE minute IN due.1
                    GROUP BY arn, mark
                    HAVING min(present) = max(present)
                )
                GROUP BY arn
            ) AS c ON s.key = c.arn
        )
    ) AS plan
SELECT
    item.1 AS kind, item.2 AS day, item.3 AS minute, item.4 AS key, item.5 AS mark,
    greatest(toUInt64(toUnixTimestamp64Milli(now64(3))), last.3 + 1) AS generation, item.6 AS print, place,
    event_id, event_type, source, observed_at, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
        marqo_customer, marqo_cluster, marqo_index, actor, state, ancestors, relations, tags, properties, first_ts, last_ts,
    if(item.1 = 0 AND due.3 = 0, before.1, 0) AS stamp,
    multiIf(item.1 != 0, [], due.3 = 0, before.3, arrayFilter(p -> has(last.2, p), before.3)) AS prints,
    if(item.1 = 0, (SELECT groupArray((toString(account_id), toString(region), toString(resource_type), scanned_at)) FROM polo.resource_scans_live), []) AS scans,
    if(item.1 = 0, before.2, 0) AS scan_stamp
FROM
(
    SELECT
        arrayConcat([(0::UInt8, toDate32(0), 0::Int64, '', 0::UInt64, 0::UInt64)], due.2, arrayMap(g -> (3::UInt8, g.1, g.2, g.3, g.4, 1::UInt64), plan.6)) AS items, toUInt256(0) AS place,
        toUUID('00000000-0000-0000-0000-000000000000') AS event_id, '' AS event_type, '' AS source, toDateTime64(0, 3, 'UTC') AS observed_at, '' AS platform,
        '' AS account_id, '' AS account_role, '' AS region, '' AS service, '' AS resource_type,
        '' AS resource_id, '' AS resource_name, '' AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
        '' AS actor, '' AS state, []::Array(String) AS ancestors, []::Array(Tuple(String, String)) AS relations, CAST(map(), 'Map(LowCardinality(String), String)') AS tags,
        CAST(map(), 'Map(LowCardinality(String), String)') AS properties, toDateTime64(0, 3, 'UTC') AS first_ts, toDateTime64(0, 3, 'UTC') AS last_ts
    WHERE before.1 != last.1 OR before.2 != last.4 OR notEmpty(due.2) OR length(before.3) + length(plan.1) > 1000000000
    UNION ALL
    SELECT
        arrayConcat([(2::UInt8, toDate32(0), 0::Int64, key, 0::UInt64, 0::UInt64)], arrayMap(f -> (3::UInt8, f.1, f.2, key, f.3, 0::UInt64), folded)), place,
        event_id, event_type, source, observed_at, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
        marqo_customer, marqo_cluster, marqo_index, actor, state, ancestors, relations, tags, properties, first_ts, last_ts
    FROM
    (
        SELECT
        l.arn AS key,
        maxIf(l.at, l.counts) AS place,
        argMaxIf((l.event_id, l.event_type, l.source, l.observed_at, l.actor), l.at, l.counts) AS last,
        last.1 AS event_id, last.2 AS event_type, last.3 AS source, last.4 AS observed_at, last.5 AS actor,
        argMaxForEach(l.said.1, l.said.2) AS texts,
        texts[1] AS platform, texts[2] AS account_id, texts[3] AS account_role, texts[4] AS region, texts[5] AS service, texts[6] AS resource_type, texts[7] AS resource_id, texts[8] AS resource_name, texts[9] AS marqo_customer, texts[10] AS marqo_cluster, texts[11] AS marqo_index,
        argMaxIf(l.state, l.at, l.whole OR l.counts AND (l.state != '' OR l.event_type = 'resource.deleted')) AS state,
        argMaxIf(l.ancestors, l.at, l.whole OR l.counts AND notEmpty(l.ancestors)) AS ancestors,
        argMaxIf(l.relations, l.at, l.whole OR l.counts AND notEmpty(l.relations)) AS relations,
        -- All pairs, the latest first, and those of the last whole event last; the first pair of each key counts.
        argMaxIf((l.at, mapKeys(l.tags), mapValues(l.tags), mapKeys(l.properties), mapValues(l.properties)), l.at, l.whole) AS basis,
        arrayPushBack(arrayReverseSort(u -> u.1, arrayFilter(u -> u.1 > basis.1, groupArrayIf((l.at, mapKeys(l.tags), mapValues(l.tags), mapKeys(l.properties), mapValues(l.properties)), l.counts AND NOT l.whole))), basis) AS told,
        arrayFlatten(told.2) AS tag_keys,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(tag_keys, arrayFlatten(told.3)), arrayEnumerateUniq(tag_keys)), 'Map(LowCardinality(String), String)')) AS tags,
        arrayFlatten(told.4) AS property_keys,
        mapSort(CAST(arrayFilter((pair, nth) -> nth = 1, arrayZip(property_keys, arrayFlatten(told.5)), arrayEnumerateUniq(property_keys)), 'Map(LowCardinality(String), String)')) AS properties,
        minIf(l.first_at, l.counts) AS first_ts,
        maxIf(l.last_at, l.counts) AS last_ts,
        groupArrayIf((l.day, l.minute, l.mark), NOT l.kept) AS folded
    FROM
    (
        SELECT
            p.arn AS arn, r.* EXCEPT (arn, counts, whole, texts), r.counts AND (NOT r.kept OR p.known > 0) AS counts, r.whole AND counts AS whole,
            arrayMap(t -> if(whole OR counts AND t != '', (t, at), ('', toUInt256(0))), r.texts) AS said
        FROM (SELECT arn, known, until FROM (SELECT 1) ARRAY JOIN plan.1 AS arn, plan.2 AS known, plan.3 AS until) AS p
        INNER JOIN
        (
            SELECT
                arn, false AS kept, toDate32(ts) AS day, intDiv(toUnixTimestamp64Milli(ts), 60000) AS minute, sipHash64(event_id, version) AS mark, bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ts) * 4 + multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1)), 128) + reinterpretAsUInt128(event_id) AS at,
                event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted') AND error_code = '' AS counts,
                event_type IN ('resource.snapshot', 'resource.created') AS whole,
                event_id, event_type, source, observed_at, actor, state,
                [platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index] AS texts, ancestors, arrayZip(relations.type, relations.target_arn) AS relations, tags, properties, ts AS first_at, ts AS last_at
            FROM polo.resource_states FINAL
            WHERE ts >= plan.4 AND ts <= plan.5 AND notEmpty(plan.1) AND arn != ''
            UNION ALL
            SELECT
                key, true, toDate32(0), 0, 0, place, place > 0, true,
                event_id, event_type, source, observed_at, actor, state,
                [platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index] AS texts, ancestors, relations, tags, properties, first_ts, last_ts
            FROM polo.resource_rollups
            WHERE kind = 2 AND key IN (SELECT arrayJoin(plan.1))
            SETTINGS final = 1
        ) AS r ON p.arn = r.arn
        WHERE r.kept OR r.at > p.known AND r.first_at <= p.until
        SETTINGS query_plan_join_swap_table = 'true'
    ) AS l
    GROUP BY l.arn
    )
) AS r
-- The state is in the first of the rows alone.
ARRAY JOIN
    items AS item, arrayResize([r.place], length(items)) AS place,
    arrayResize([r.event_id], length(items)) AS event_id, arrayResize([r.event_type], length(items)) AS event_type, arrayResize([r.source], length(items)) AS source, arrayResize([r.observed_at], length(items)) AS observed_at,
    arrayResize([r.platform], length(items)) AS platform, arrayResize([r.account_id], length(items)) AS account_id, arrayResize([r.account_role], length(items)) AS account_role, arrayResize([r.region], length(items)) AS region,
    arrayResize([r.service], length(items)) AS service, arrayResize([r.resource_type], length(items)) AS resource_type, arrayResize([r.resource_id], length(items)) AS resource_id, arrayResize([r.resource_name], length(items)) AS resource_name,
    arrayResize([r.marqo_customer], length(items)) AS marqo_customer, arrayResize([r.marqo_cluster], length(items)) AS marqo_cluster, arrayResize([r.marqo_index], length(items)) AS marqo_index, arrayResize([r.actor], length(items)) AS actor,
    arrayResize([r.state], length(items)) AS state, arrayResize([r.ancestors], length(items)) AS ancestors, arrayResize([r.relations], length(items)) AS relations, arrayResize([r.tags], length(items)) AS tags,
    arrayResize([r.properties], length(items)) AS properties, arrayResize([r.first_ts], length(items)) AS first_ts, arrayResize([r.last_ts], length(items)) AS last_ts
COMMENT 'Internal: what resource_rollups_mv inserts into resource_rollups';

-- resource_scans_kept: resource_scans as the last run of resource_rollups_mv found them.

CREATE OR REPLACE VIEW polo.resource_scans_kept
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)

AS SELECT toLowCardinality(s.1) AS account_id, toLowCardinality(s.2) AS region, toLowCardinality(s.3) AS resource_type, s.4 AS scanned_at
FROM (SELECT arrayJoin(scans) AS s FROM polo.resource_rollups WHERE kind = 0 SETTINGS final = 1)
COMMENT 'Internal: resource_scans, as last kept';

-- resource_scans_touched: resource_scans while rows of resource_states come in and no snapshot does: the kept ones, unless a snapshot of a scan may
-- have been restated as another type of event, for then the scan lacks it.

CREATE OR REPLACE VIEW polo.resource_scans_touched
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)
AS SELECT account_id, region, resource_type, scanned_at
FROM merge('polo', (
    SELECT if(count() = 0, '^resource_scans_kept$', '^resource_scans_live$')
    FROM polo.resource_states
    WHERE toDate32(ts) IN (SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).2 AND event_type != 'resource.snapshot' AND ts IN (SELECT ts FROM polo.scans WHERE event_type = 'scan.completed' AND resource_type != '' SETTINGS final = 0)
    SETTINGS final = 0
))
COMMENT 'Internal: resource_scans while rows of resource_states come in';

-- resource_scans: the latest completed scan of each scope of resources, among those that have fully arrived.
-- A scan of the region * covers every region, for resources that one call lists for all of them, such as S3's
-- buckets.

CREATE OR REPLACE VIEW polo.resource_scans
(
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    region LowCardinality(String) COMMENT 'Region; * for all',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    scanned_at DateTime64(3, 'UTC') COMMENT 'When the resources were last read to their end, UTC'
)
AS SELECT account_id, region, resource_type, scanned_at
FROM merge('polo', multiIf(NOT (SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).3, '^resource_scans_live$', empty((SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).2), '^resource_scans_kept$', '^resource_scans_touched$'))
COMMENT 'One row for each account, region and resource type: when it was last scanned to its end, of the scans that have arrived';

-- resources_current: the latest state of each existing resource, field by field. The last value of a field
-- counts, since the last whole event. A snapshot and a creation are whole: a field that they omit has no
-- value. An update or a deletion that omits a field keeps its value; for tags and properties, it sets only
-- the keys it names. A deletion always sets the state, even to nothing. event_id, event_type, source,
-- observed_at, actor and last_ts are those of the last event.
--
-- A resource is gone if it was deleted, or if its last event is older than the latest completed scan of its
-- account, region and type, or of its account and type in every region (*). A failed call says nothing.
--
-- States are read from resource_rollups if no row of resource_states or scans came or went since they were folded. Else what changed is
-- folded at the question (resources_touched), or everything, while there is more than a run of resource_rollups_mv can
-- take and on a cluster (resources_live). merge() opens only the one that it is told, so that the others are not planned.

CREATE OR REPLACE VIEW polo.resources_current
(
    arn String COMMENT 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog',
    event_id UUID COMMENT 'Id of the last event',
    event_type String COMMENT 'Type of the last event',
    source String COMMENT 'Source of the last event',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the collector saw it, UTC; of the statements of one event the latest counts',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    account_id String COMMENT 'Account, with its leading zeros',
    account_role String COMMENT 'What the account is for: production, staging',
    region String COMMENT 'Region, in the words of the source: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'The id of the resource within its type: i-0abc',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster String COMMENT 'Cluster it belongs to, from its tags',
    marqo_index String COMMENT 'Index it belongs to, from its tags',
    actor String COMMENT 'Who did the last event',
    state String COMMENT 'State of the resource, in the words of the source: running',
    ancestors Array(String) COMMENT 'ARNs of what it is in, nearest first: subnet, VPC, account',
    relations Array(Tuple(String, String)) COMMENT 'Resources that it relates to: (type, target_arn)',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of the last event, UTC'
)

AS SELECT
    r.key AS arn,
    r.event_id AS event_id, toString(r.event_type) AS event_type, toString(r.source) AS source, r.observed_at AS observed_at,
    toString(r.platform) AS platform, toString(r.account_id) AS account_id, toString(r.account_role) AS account_role, toString(r.region) AS region,
    toString(r.service) AS service, toString(r.resource_type) AS resource_type, r.resource_id AS resource_id,
    r.resource_name AS resource_name, toString(r.marqo_customer) AS marqo_customer, toString(r.marqo_cluster) AS marqo_cluster,
    toString(r.marqo_index) AS marqo_index, r.actor AS actor, toString(r.state) AS state, r.ancestors AS ancestors,
    r.relations AS relations, r.tags AS tags, r.properties AS properties,
    r.first_ts AS first_ts, r.last_ts AS last_ts
FROM
(
    SELECT *
    FROM merge('polo', (SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).1)
    WHERE kind = 2 AND event_type NOT IN ('', 'resource.deleted')
    SETTINGS final = 1
) AS r
LEFT ANY JOIN
(
    SELECT account_id, resource_type, groupArray((toString(region), scanned_at)) AS scans FROM polo.resource_scans GROUP BY account_id, resource_type
) AS scan ON r.account_id = scan.account_id AND r.resource_type = scan.resource_type
WHERE NOT arrayExists(s -> (s.1 = r.region OR s.1 = '*') AND s.2 > r.last_ts, scan.scans)
COMMENT 'One row for each resource that is there now: neither deleted nor missed by a later completed scan. Each field is as last said since the last snapshot or creation, which are whole; of tags and properties an update sets the keys it names and leaves the others. event_id, event_type, source, observed_at, actor and last_ts are those of the last event';

-- resource_rollups_mv folds what changed into the states of resources. ClickHouse runs it by itself, so that resources need no
-- job of Polo's. On a cluster it folds nothing: its servers need not have the same rows at a time.
--
-- It reads polo.resource_rollups_due only if it must, as polo.resources_current does with its sources. The rows that are there
-- have no later generation than the last.
--
-- All rows of a run are one block, and so one part.

DROP VIEW IF EXISTS polo.resource_rollups_mv;

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.resource_rollups_mv REFRESH AFTER 10 SECOND APPEND TO polo.resource_rollups
(
    kind UInt8, day Date32, minute Int64, key String, mark UInt64, generation UInt64,
    print UInt64, place UInt256, event_id UUID, event_type LowCardinality(String), source LowCardinality(String), observed_at DateTime64(3, 'UTC'),
    platform LowCardinality(String), account_id LowCardinality(String), account_role LowCardinality(String), region LowCardinality(String), service LowCardinality(String), resource_type LowCardinality(String),
    resource_id String, resource_name String, marqo_customer LowCardinality(String), marqo_cluster LowCardinality(String), marqo_index LowCardinality(String), actor String,
    state LowCardinality(String), ancestors Array(String), relations Array(Tuple(String, String)), tags Map(LowCardinality(String), String), properties Map(LowCardinality(String), String), first_ts DateTime64(3, 'UTC'),
    last_ts DateTime64(3, 'UTC'), stamp UInt64, prints Array(Tuple(Date32, UInt64)), scans Array(Tuple(String, String, String, DateTime64(3, 'UTC'))), scan_stamp UInt64
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    kind, day, minute, key, mark, generation, print, place, event_id, event_type, source, observed_at,
    platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor,
    state, ancestors, relations, tags, properties, first_ts, last_ts, stamp, prints, scans, scan_stamp
FROM merge('polo', if(((SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).1 = '^resource_rollups$' AND (SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).3), '^resource_rollups$', '^resource_rollups_due$'))
WHERE NOT ((SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).1 = '^resource_rollups$' AND (SELECT (reads, touched, scans_hold, (stamp, scan_stamp, prints)) FROM polo.resource_stamp).3) AND generation > (SELECT max(generation) FROM polo.resource_rollups WHERE kind = 0)
SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0
COMMENT 'Internal: folds the states of resources into resource_rollups';

-- resource_snapshots: the state of each resource at the end of each day on which an event described it.
-- deleted is true if the last event was a deletion. A failed call says nothing about the state. Sources have
-- times in whole seconds: of events at the same time, a creation comes first and a deletion last. relations
-- are (type, target_arn).
--
-- The query finds the latest event by its key first, and then reads it: carrying all columns through the
-- aggregation takes 7 times as long. Filters on arn and day apply to both reads.

CREATE OR REPLACE VIEW polo.resource_snapshots
(
    arn String COMMENT 'Key of the resource: its ARN, or an ARN-like key of github, cloudflare or datadog; empty where the source gives none',
    day Date32 COMMENT 'Day, UTC',
    deleted Bool COMMENT 'Whether the last event of the day was a deletion',
    event_id UUID COMMENT 'Id of the last event of the day',
    event_type LowCardinality(String) COMMENT 'Type of the last event of the day',
    source LowCardinality(String) COMMENT 'Source of the last event of the day',
    observed_at DateTime64(3, 'UTC') COMMENT 'When the collector saw it, UTC; of the statements of one event the latest counts',
    platform LowCardinality(String) COMMENT 'aws, github, cloudflare or datadog',
    account_id LowCardinality(String) COMMENT 'Account, with its leading zeros',
    account_role LowCardinality(String) COMMENT 'What the account is for: production, staging',
    region LowCardinality(String) COMMENT 'Region, in the words of the source: eu-west-1',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2',
    resource_type LowCardinality(String) COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'The id of the resource within its type: i-0abc',
    resource_name String COMMENT 'Name for people',
    marqo_customer LowCardinality(String) COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster LowCardinality(String) COMMENT 'Cluster it belongs to, from its tags',
    marqo_index LowCardinality(String) COMMENT 'Index it belongs to, from its tags',
    actor String COMMENT 'Who did it: the ARN of a principal where there is one',
    state LowCardinality(String) COMMENT 'State of the resource after the event, in the words of the source: running',
    ancestors Array(String) COMMENT 'ARNs of what it is in, nearest first: subnet, VPC, account',
    relations Array(Tuple(String, String)) COMMENT 'Resources that it relates to: (type, target_arn)',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of the last event, UTC'
)
AS SELECT
    s.arn AS arn, s.day AS day, (s.event_type = 'resource.deleted')::Bool AS deleted,
    s.event_id AS event_id, s.event_type AS event_type, s.source AS source, s.observed_at AS observed_at,
    s.platform AS platform, s.account_id AS account_id, s.account_role AS account_role, s.region AS region,
    s.service AS service, s.resource_type AS resource_type, s.resource_id AS resource_id,
    s.resource_name AS resource_name, s.marqo_customer AS marqo_customer, s.marqo_cluster AS marqo_cluster,
    s.marqo_index AS marqo_index, s.actor AS actor, s.state AS state, s.ancestors AS ancestors,
    arrayZip(s.relations.type, s.relations.target_arn) AS relations, s.tags AS tags, s.properties AS properties,
    latest.first_ts AS first_ts, s.ts AS last_ts
FROM
(
    SELECT *, toDate32(ts) AS day FROM polo.resource_states FINAL
) AS s
INNER JOIN
(
    SELECT arn, toDate32(ts) AS day, min(ts) AS first_ts, max((ts, multiIf(event_type = 'resource.created', 0, event_type = 'resource.deleted', 2, 1), event_id)) AS last
    FROM polo.resource_states FINAL
    WHERE event_type IN ('resource.snapshot', 'resource.created', 'resource.updated', 'resource.deleted')
        AND error_code = '' AND arn != ''
    GROUP BY arn, day
) AS latest ON s.arn = latest.arn AND s.day = latest.day AND s.ts = latest.last.1 AND s.event_id = latest.last.3
COMMENT 'One row for each resource and day (UTC) on which something was said of it: what the last event of the day said, deleted if that was a deletion. What that event left out is empty';

-- resource_states_mv fills resource_states with the events of the family "resource".


CREATE MATERIALIZED VIEW IF NOT EXISTS polo.resource_states_mv TO polo.resource_states
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, source, observed_at, arn, platform, account_id, account_role, region, service,
    resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor, state, error_code,
    ancestors, relations.type, relations.target_arn, tags, properties
FROM polo.resource_events
WHERE startsWith(event_type, 'resource.');

ALTER TABLE polo.resource_states_mv MODIFY QUERY
SELECT
    ts, event_id, version, event_type, source, observed_at, arn, platform, account_id, account_role, region, service,
    resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, actor, state, error_code,
    ancestors, relations.type, relations.target_arn, tags, properties
FROM polo.resource_events
WHERE startsWith(event_type, 'resource.');

ALTER TABLE polo.resource_states_mv MODIFY COMMENT 'Internal: fills resource_states';

-- rule_resources: each resource that is there, with what rules judge it by beside its own fields: what names it,
-- which types were read to their end where it is, and which statements of its policies let everybody in.
--
-- A statement is open that allows every principal, unless a condition narrows it: one that names an account, an
-- organisation, a network or a source, does not hold where its key is missing, and has a value that is not itself
-- everything. A refusal of everybody outside such a condition closes what the policy opens.

CREATE OR REPLACE VIEW polo.rule_resources
(
    arn String COMMENT 'Key of the resource',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    account_id String COMMENT 'Account, with its leading zeros',
    account_role String COMMENT 'What the account is for at present: production, staging',
    region String COMMENT 'Region: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'Id in its service',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster String COMMENT 'Cluster it belongs to, from its tags',
    marqo_index String COMMENT 'Index it belongs to, from its tags',
    state String COMMENT 'State of the resource, in the words of the source: running',
    relations Array(Tuple(String, String)) COMMENT 'Resources that it relates to: (type, target_arn)',
    used_by Array(Tuple(String, String, String, Bool)) COMMENT 'What relates to it: (type, resource_type, marqo_customer, and of target groups whether they have targets)',
    scans Array(Tuple(String, DateTime64(3, 'UTC'))) COMMENT 'Types of its account and region that were read to their end, and not refused since: (resource_type, when)',
    open_statements Array(String) COMMENT 'Statements of its policies that let everybody in, as JSON',
    tags Map(LowCardinality(String), String) COMMENT 'Tags of the resource',
    properties Map(LowCardinality(String), String) COMMENT 'Whatever else its type has; nested values are JSON text',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of the last event, UTC'
)
AS SELECT
    r.arn AS arn, toString(r.platform) AS platform, toString(r.account_id) AS account_id,
    if(a.role != '', toString(a.role), toString(r.account_role)) AS account_role,
    toString(r.region) AS region, toString(r.service) AS service, toString(r.resource_type) AS resource_type, r.resource_id AS resource_id, r.resource_name AS resource_name,
    r.marqo_customer AS marqo_customer, r.marqo_cluster AS marqo_cluster, r.marqo_index AS marqo_index, r.state AS state, r.relations AS relations,
    u.used_by AS used_by, s.scans AS scans,
    if(arrayExists(t -> t.2 AND t.3 AND t.5 != '', r.statements), [], arrayMap(t -> t.1, arrayFilter(t -> NOT t.2 AND t.3 AND t.4, r.statements))) AS open_statements,
    r.tags AS tags, r.properties AS properties, r.first_ts AS first_ts, r.last_ts AS last_ts
FROM
(
    SELECT
        *,
        -- Of each statement: its text, whether it refuses, whether it is about everybody, whether no condition narrows it, and
        -- which condition a refusal of all actions excepts.
        arrayMap(
            t -> (
                t,
                JSONExtractString(t, 'Effect') = 'Deny',
                JSONExtractString(t, 'Principal') = '*' OR JSONExtractString(t, 'Principal', 'AWS') = '*' OR has(JSONExtract(t, 'Principal', 'AWS', 'Array(String)'), '*')
                    OR JSONExtractString(t, 'Effect') = 'Allow' AND JSONHas(t, 'NotPrincipal'),
                NOT arrayExists(
                    c -> NOT match(c.1, '(?i)(^ForAllValues:|IfExists$|Not|^Null$)')
                        AND arrayExists(
                            k -> match(k.1, '(?i)^(aws:(source(account|arn|owner|orgid|orgpaths|vpc|vpce|ip)|vpcsourceip|principal(account|arn|orgid|orgpaths|isawsservice|servicename)|userid|username|federatedprovider)|[a-z0-9-]+:calleraccount|s3:dataaccesspointaccount|lambda:sourcefunctionarn|elasticfilesystem:accesspointarn|sns:endpoint|[a-z0-9.-]+:(sub|aud|amr|app_id|oaud))$')
                                AND NOT match(k.2, '"(\\*|arn:[^":]*:[^":]*:[^":]*:\\*?:\\*|arn:\\*|0\\.0\\.0\\.0/[01]|128\\.0\\.0\\.0/1|::/[01]|8000::/1)"'),
                            JSONExtractKeysAndValuesRaw(c.2)),
                    JSONExtractKeysAndValuesRaw(t, 'Condition')),
                if(match(JSONExtractRaw(t, 'Action'), '^\\[?"(\\*|[a-zA-Z0-9-]+:\\*)"\\]?$'),
                    arrayStringConcat(arrayFilter(k -> match(k, '(?i)aws:(source(account|arn|owner|orgid|vpc|vpce|ip)|principal(account|arn|orgid|orgpaths))'),
                        arrayFlatten(arrayMap(c -> if(match(c.1, '(?i)Not') AND NOT match(c.1, '(?i)^ForAnyValue:'), arrayMap(k -> k.1, JSONExtractKeysAndValuesRaw(c.2)), []), JSONExtractKeysAndValuesRaw(t, 'Condition')))), ','),
                    '')),
            if(policies = '', [], arrayFlatten(arrayMap(p -> if(JSONType(p, 'Statement') = 'Object', [JSONExtractRaw(p, 'Statement')], JSONExtractArrayRaw(p, 'Statement')), [policies])))) AS statements
    FROM
    (
        SELECT *, multiIf(properties['policy'] != '', properties['policy'], properties['resource_policy'] != '', properties['resource_policy'], properties['assume_role_policy_document']) AS policies
        FROM polo.resources_current
    )
) AS r
LEFT ANY JOIN
(
    SELECT edge.2 AS target, arraySort(groupUniqArray((edge.1, toString(resource_type), marqo_customer, (properties['targets'] NOT IN ('', 'none'))::Bool))) AS used_by
    FROM polo.resources_current
    ARRAY JOIN relations AS edge
    GROUP BY target
) AS u ON r.arn = u.target
LEFT ANY JOIN
(
    -- A scan that was refused since leaves what it did not see unknown.
    SELECT account_id, region, arraySort(groupArray((toString(resource_type), scanned_at))) AS scans
    FROM
    (
        SELECT c.account_id AS account_id, c.region AS region, c.resource_type AS resource_type, c.scanned_at AS scanned_at
        FROM (SELECT account_id, region, resource_type, scanned_at FROM polo.resource_scans) AS c
        LEFT ANY JOIN
        (
            SELECT account_id, region, resource_type, max(ts) AS refused FROM polo.scans FINAL
            WHERE event_type = 'scan.incomplete' AND resource_type != '' GROUP BY account_id, region, resource_type
        ) AS g ON c.account_id = g.account_id AND c.region = g.region AND c.resource_type = g.resource_type
        LEFT ANY JOIN
        (
            SELECT account_id, region, splitByChar(':', toString(source))[1] AS platform, max(ts) AS refused FROM polo.scans FINAL
            WHERE event_type = 'scan.incomplete' AND resource_type = '' AND delivery = '' GROUP BY account_id, region, platform
        ) AS w ON c.account_id = w.account_id AND c.region = w.region AND concat('aws.', splitByChar(':', toString(c.resource_type))[1]) = w.platform
        WHERE c.scanned_at >= g.refused AND c.scanned_at >= w.refused
    )
    GROUP BY account_id, region
) AS s ON r.account_id = s.account_id AND r.region = s.region
LEFT ANY JOIN
(
    SELECT platform, account_id, role FROM polo.accounts
) AS a ON r.platform = a.platform AND r.account_id = a.account_id
COMMENT 'One row for each resource that is there now, with what rules judge it by: what relates to it, which types were read to their end, which statements of its policies are open to everybody';

-- rule_customers: each customer with a budget, and what it has cost this month, by currency of the budget.

CREATE OR REPLACE VIEW polo.rule_customers
(
    arn String COMMENT 'customer: and its name',
    platform String COMMENT 'Empty: it is of none',
    account_id String COMMENT 'Empty: it is of none',
    account_role String COMMENT 'Empty: it is of none',
    region String COMMENT 'Empty: it is of none',
    service String COMMENT 'Empty: it is of none',
    resource_type String COMMENT 'polo:customer',
    resource_id String COMMENT 'Customer, as tags name it',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer, as tags name it',
    marqo_cluster String COMMENT 'Empty: it is of none',
    marqo_index String COMMENT 'Empty: it is of none',
    budget Decimal(38, 9) COMMENT 'What it may cost in a month, in currency',
    currency String COMMENT 'Currency of budget and cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'What it has cost this month in currency, exact',
    first_ts DateTime64(3, 'UTC') COMMENT 'When the budget was set, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'When the budget was set, UTC'
)
AS SELECT
    concat('customer:', m.customer) AS arn, '' AS platform, '' AS account_id, '' AS account_role,
    '' AS region, '' AS service, 'polo:customer' AS resource_type,
    m.customer AS resource_id, if(m.name = '', m.customer, m.name) AS resource_name, m.customer AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
    m.budget AS budget, m.currency AS currency, c.cost AS cost, m.observed_at AS first_ts, m.observed_at AS last_ts
FROM
(
    SELECT
        customer, name, observed_at, toDecimal128OrZero(tags['budget'], 9) AS budget,
        if(tags['budget_currency'] = '', 'USD', tags['budget_currency']) AS currency
    FROM polo.customer_metadata FINAL
    WHERE budget > 0
) AS m
LEFT ANY JOIN
(
    SELECT toString(marqo_customer) AS customer, toString(currency) AS currency, sum(cost) AS cost
    FROM polo.cost_daily
    WHERE day >= toStartOfMonth(toDate32(now('UTC')))
    GROUP BY customer, currency
) AS c ON m.customer = c.customer AND m.currency = c.currency
COMMENT 'One row for each customer with a budget: what it has cost this month';

-- rule_findings: what each rule answers about each resource that it judges, at this moment.
--
-- Made of schema/rules by go test ./schema/rules -run TestView -update.

CREATE OR REPLACE VIEW polo.rule_findings
(
    rule String COMMENT 'Rule: polo rules --explain says what it judges',
    version UInt32 COMMENT 'Version of the rule',
    answer String COMMENT 'violated, clean, or unknown where what the rule needs was not read',
    severity String COMMENT 'critical, high, medium or low',
    title String COMMENT 'What is wrong if it is violated, in a line',
    arn String COMMENT 'Key of the resource, or customer: and a name',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    account_id String COMMENT 'Account, with its leading zeros',
    account_role String COMMENT 'What the account is for at present: production, staging',
    region String COMMENT 'Region: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'Id in its service',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster String COMMENT 'Cluster it belongs to, from its tags',
    marqo_index String COMMENT 'Index it belongs to, from its tags',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event of the resource, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of its last event, UTC',
    evidence Map(String, String) COMMENT 'What the rule found, by name',
    missing Array(String) COMMENT 'What the rule needs and nobody read: properties of the resource, and types that were not read to their end'
)
AS WITH (SELECT CAST(groupArray((concat(rule, '.', parameter), value)), 'Map(String, String)') FROM polo.rule_settings FINAL WHERE value != '') AS settings
SELECT
    finding.1 AS rule,
    toUInt32(transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0)) AS version,
    multiIf(notEmpty(finding.4) OR finding.2 IS NULL, 'unknown', finding.2 = 1, 'violated', 'clean') AS answer,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['high', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'medium', 'low', 'low', 'high', 'medium', 'critical', 'medium', 'high', 'low', 'low', 'medium', 'high', 'medium', 'medium', 'critical', 'low', 'low', 'medium', 'medium', 'high', 'critical', 'high', 'high', 'high', 'critical', 'high', 'medium', 'critical', 'critical', 'high', 'high', 'medium', 'high', 'medium', 'medium', 'high', 'low', 'medium', 'medium', 'low'], '') AS severity,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['Customer over budget', 'Volume of an old generation', 'Old snapshot that no image uses', 'Volume attached to nothing', 'Instance stopped for long', 'Address associated with nothing', 'Network interface attached to nothing', 'Load balancer without targets', 'Logs kept for ever', 'NAT gateway that no route leads to', 'Old manual snapshot of a database', 'Secret that nobody reads', 'Image that everybody may launch', 'Distribution that answers without TLS', 'Table open to everybody', 'Volume not encrypted', 'Instance answers IMDSv1', 'Instance without an instance profile', 'Repository whose images are not scanned', 'File system not encrypted', 'Cluster whose API answers the world', 'Cluster that does not encrypt its secrets with a key of yours', 'Cache not encrypted', 'Role open to everybody', 'Role that nobody uses', 'Key that is not rotated', 'Function on a runtime that has ended', 'Launch template allows IMDSv1', 'Database with a public address', 'Snapshot of a database that everybody may restore', 'Database not encrypted', 'Warehouse with a public address', 'Warehouse not encrypted', 'Bucket open to everybody', 'Bucket without the whole public access block', 'Bucket without default encryption', 'Secret open to everybody', 'Security group opens administration to the world', 'Topic open to everybody', 'Queue open to everybody', 'VPC without a flow log', 'Certificate about to expire', 'Production table without deletion protection', 'Database with short backups', 'Production database without deletion protection', 'Target group of a load balancer without targets', 'Resource of one owner attached to one of another', 'Resource without an owner', 'Security group that nothing uses'], '') AS title,
    judged.arn AS arn,
    judged.platform AS platform,
    judged.account_id AS account_id,
    judged.account_role AS account_role,
    judged.region AS region,
    judged.service AS service,
    judged.resource_type AS resource_type,
    judged.resource_id AS resource_id,
    judged.resource_name AS resource_name,
    judged.marqo_customer AS marqo_customer,
    judged.marqo_cluster AS marqo_cluster,
    judged.marqo_index AS marqo_index,
    judged.first_ts AS first_ts,
    judged.last_ts AS last_ts,
    finding.3 AS evidence, finding.4 AS missing
FROM
(
    SELECT
        arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, first_ts, last_ts,
        arrayJoin(arrayConcat(
            multiIf(
                resource_type = 'acm:certificate',
                [
                    ('acm_expiring', CAST(if(state NOT IN ('ISSUED', 'EXPIRED'), false, parseDateTime64BestEffortOrNull(properties['not_after'], 3, 'UTC') < now64(3, 'UTC') + toIntervalDay(toUInt16(if(settings['acm_expiring.days'] = '', '30', settings['acm_expiring.days'])))), 'Nullable(UInt8)'), map('not_after', toString(properties['not_after']), 'domain_name', toString(properties['domain_name']), 'in_use_by', toString(properties['in_use_by'])), arrayFilter(n -> NOT mapContains(properties, n), ['not_after']))
                ],
                resource_type = 'cloudfront:distribution',
                [
                    ('cloudfront_http', CAST(properties['viewer_protocol_policy'] = 'allow-all', 'Nullable(UInt8)'), map('domain_name', toString(properties['domain_name']), 'viewer_protocol_policy', toString(properties['viewer_protocol_policy'])), arrayFilter(n -> NOT mapContains(properties, n), ['viewer_protocol_policy']))
                ],
                resource_type = 'dynamodb:table',
                [
                    ('dynamodb_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['policy'])),
                    ('dynamodb_unprotected', CAST(has(arrayFilter(v -> v != '', splitByChar(',', if(settings['dynamodb_unprotected.roles'] = '', 'production', settings['dynamodb_unprotected.roles']))), toString(account_role)) AND properties['deletion_protection_enabled'] != 'true', 'Nullable(UInt8)'), map('item_count', toString(properties['item_count']), 'role', toString(toString(account_role))), arrayFilter(n -> NOT mapContains(properties, n), ['table_id']))
                ],
                resource_type = 'ec2:elastic-ip',
                [
                    ('eip_idle', CAST(properties['association_id'] = '' AND empty(relations), 'Nullable(UInt8)'), map('public_ip', toString(properties['public_ip'])), arrayFilter(n -> NOT mapContains(properties, n), ['public_ip']))
                ],
                resource_type = 'ec2:image',
                [
                    ('ami_public', CAST(properties['public'] = 'true', 'Nullable(UInt8)'), map('creation_date', toString(properties['creation_date'])), arrayFilter(n -> NOT mapContains(properties, n), ['public']))
                ],
                resource_type = 'ec2:instance',
                [
                    ('ec2_stopped_long', CAST(if(state != 'stopped', false, parseDateTime64BestEffortOrNull(extract(properties['state_transition_reason'], '\\((\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)'), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['ec2_stopped_long.days'] = '', '30', settings['ec2_stopped_long.days'])))), 'Nullable(UInt8)'), map('state_transition_reason', toString(properties['state_transition_reason'])), arrayFilter(n -> NOT mapContains(properties, n), ['instance_type'])),
                    ('ec2_imdsv1', CAST(state NOT IN ('terminated', 'shutting-down') AND JSONExtractString(properties['metadata_options'], 'HttpTokens') != 'required' AND JSONExtractString(properties['metadata_options'], 'HttpEndpoint') != 'disabled', 'Nullable(UInt8)'), map('http_tokens', toString(JSONExtractString(properties['metadata_options'], 'HttpTokens'))), arrayFilter(n -> NOT mapContains(properties, n), ['metadata_options'])),
                    ('ec2_no_instance_profile', CAST(state NOT IN ('terminated', 'shutting-down') AND properties['iam_instance_profile'] = '' AND NOT arrayExists(x -> x.1 = 'uses_role', relations), 'Nullable(UInt8)'), map('instance_type', toString(properties['instance_type'])), arrayFilter(n -> NOT mapContains(properties, n), ['instance_type']))
                ],
                resource_type = 'ec2:launch-template',
                [
                    ('launch_template_imdsv1', CAST(JSONExtractString(properties['metadata_options'], 'HttpTokens') != 'required' AND JSONExtractString(properties['metadata_options'], 'HttpEndpoint') != 'disabled', 'Nullable(UInt8)'), map('http_tokens', toString(JSONExtractString(properties['metadata_options'], 'HttpTokens')), 'version_number', toString(properties['version_number'])), arrayFilter(n -> NOT mapContains(properties, n), ['version_number']))
                ],
                resource_type = 'ec2:natgateway',
                [
                    ('nat_unrouted', CAST(state = 'available' AND NOT has(arrayMap(u -> u.1, used_by), 'routes_to'), 'Nullable(UInt8)'), map('create_time', toString(properties['create_time'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['vpc_id']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:route-table'])))
                ],
                resource_type = 'ec2:network-interface',
                [
                    ('eni_unattached', CAST(state = 'available', 'Nullable(UInt8)'), map('description', toString(properties['description'])), arrayFilter(n -> NOT mapContains(properties, n), ['private_ip_address']))
                ],
                resource_type = 'ec2:security-group',
                [
                    ('sg_open_admin', CAST(notEmpty(arrayFilter(
        p -> hasAny(arrayConcat(
                arrayMap(x -> JSONExtractString(x, 'CidrIp'), JSONExtractArrayRaw(p, 'IpRanges')),
                arrayMap(x -> JSONExtractString(x, 'CidrIpv6'), JSONExtractArrayRaw(p, 'Ipv6Ranges'))),
            ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '2000::/3'])
            AND (JSONExtractString(p, 'IpProtocol') = '-1'
                OR JSONExtractString(p, 'IpProtocol') IN ('tcp', '6') AND (NOT JSONHas(p, 'FromPort')
                    OR arrayExists(n -> toInt32OrZero(n) BETWEEN JSONExtractInt(p, 'FromPort') AND JSONExtractInt(p, 'ToPort'), arrayFilter(v -> v != '', splitByChar(',', if(settings['sg_open_admin.ports'] = '', '22,3389,3306,5432,1433,1521,6379,27017,9200,11211,5985,5986,2375,2376', settings['sg_open_admin.ports'])))))),
        JSONExtractArrayRaw(properties['ip_permissions']))), 'Nullable(UInt8)'), map('open', toString(arrayStringConcat(arrayFilter(
        p -> hasAny(arrayConcat(
                arrayMap(x -> JSONExtractString(x, 'CidrIp'), JSONExtractArrayRaw(p, 'IpRanges')),
                arrayMap(x -> JSONExtractString(x, 'CidrIpv6'), JSONExtractArrayRaw(p, 'Ipv6Ranges'))),
            ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '2000::/3'])
            AND (JSONExtractString(p, 'IpProtocol') = '-1'
                OR JSONExtractString(p, 'IpProtocol') IN ('tcp', '6') AND (NOT JSONHas(p, 'FromPort')
                    OR arrayExists(n -> toInt32OrZero(n) BETWEEN JSONExtractInt(p, 'FromPort') AND JSONExtractInt(p, 'ToPort'), arrayFilter(v -> v != '', splitByChar(',', if(settings['sg_open_admin.ports'] = '', '22,3389,3306,5432,1433,1521,6379,27017,9200,11211,5985,5986,2375,2376', settings['sg_open_admin.ports'])))))),
        JSONExtractArrayRaw(properties['ip_permissions'])), ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['group_name'])),
                    ('sg_unused', CAST(properties['group_name'] != 'default' AND empty(used_by), 'Nullable(UInt8)'), map('description', toString(properties['description'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['group_name']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:network-interface'])))
                ],
                resource_type = 'ec2:snapshot',
                [
                    ('ebs_snapshot_old', CAST(if(has(arrayMap(u -> u.2, used_by), 'ec2:image'), false, parseDateTime64BestEffortOrNull(properties['start_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['ebs_snapshot_old.days'] = '', '365', settings['ebs_snapshot_old.days'])))), 'Nullable(UInt8)'), map('start_time', toString(properties['start_time']), 'volume_size', toString(properties['volume_size'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['start_time']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:image'])))
                ],
                resource_type = 'ec2:volume',
                [
                    ('ebs_old_generation', CAST(has(arrayFilter(v -> v != '', splitByChar(',', if(settings['ebs_old_generation.types'] = '', 'gp2,io1,standard', settings['ebs_old_generation.types']))), properties['volume_type']), 'Nullable(UInt8)'), map('volume_type', toString(properties['volume_type']), 'size', toString(properties['size'])), arrayFilter(n -> NOT mapContains(properties, n), ['volume_type'])),
                    ('ebs_unattached', CAST(state = 'available', 'Nullable(UInt8)'), map('size', toString(properties['size']), 'volume_type', toString(properties['volume_type'])), arrayFilter(n -> NOT mapContains(properties, n), ['volume_type'])),
                    ('ebs_unencrypted', CAST(properties['encrypted'] = 'false', 'Nullable(UInt8)'), map('size', toString(properties['size'])), arrayFilter(n -> NOT mapContains(properties, n), ['encrypted']))
                ],
                resource_type = 'ec2:vpc',
                [
                    ('vpc_no_flow_log', CAST(NOT has(arrayMap(u -> u.2, used_by), 'ec2:vpc-flow-log'), 'Nullable(UInt8)'), map('cidr_block', toString(properties['cidr_block']), 'is_default', toString(properties['is_default'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['cidr_block']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['ec2:vpc-flow-log'])))
                ],
                resource_type = 'ecr:repository',
                [
                    ('ecr_scan_off', CAST(properties['scan_on_push'] = 'false', 'Nullable(UInt8)'), map('repository_uri', toString(properties['repository_uri'])), arrayFilter(n -> NOT mapContains(properties, n), ['scan_on_push']))
                ],
                resource_type = 'eks:cluster',
                [
                    ('eks_endpoint_open', CAST(properties['endpoint_public_access'] = 'true' AND (properties['public_access_cidrs'] = '' OR hasAny(JSONExtract(properties['public_access_cidrs'], 'Array(String)'), ['0.0.0.0/0', '::/0'])), 'Nullable(UInt8)'), map('public_access_cidrs', toString(properties['public_access_cidrs'])), arrayFilter(n -> NOT mapContains(properties, n), ['endpoint_public_access'])),
                    ('eks_secrets_unencrypted', CAST(NOT has(arrayFlatten(arrayMap(x -> JSONExtract(x, 'Resources', 'Array(String)'), JSONExtractArrayRaw(properties['encryption_config']))), 'secrets'), 'Nullable(UInt8)'), map('version', toString(properties['version'])), arrayFilter(n -> NOT mapContains(properties, n), ['platform_version']))
                ],
                resource_type = 'elasticache:replicationgroup',
                [
                    ('elasticache_unencrypted', CAST(properties['at_rest_encryption_enabled'] = 'false', 'Nullable(UInt8)'), map('engine', toString(properties['engine'])), arrayFilter(n -> NOT mapContains(properties, n), ['at_rest_encryption_enabled']))
                ],
                resource_type = 'elasticfilesystem:file-system',
                [
                    ('efs_unencrypted', CAST(properties['encrypted'] = 'false', 'Nullable(UInt8)'), map('size_in_bytes', toString(properties['size_in_bytes'])), arrayFilter(n -> NOT mapContains(properties, n), ['encrypted']))
                ],
                resource_type = 'elasticloadbalancing:loadbalancer',
                [
                    ('lb_no_targets', CAST(NOT arrayExists(u -> u.2 = 'elasticloadbalancing:targetgroup' AND u.4, used_by) AND NOT arrayExists(x -> x.1 = 'attached_to' AND position(x.2, ':instance/') > 0, relations), 'Nullable(UInt8)'), map('scheme', toString(properties['scheme']), 'type', toString(properties['type'])), arrayConcat(arrayFilter(n -> NOT mapContains(properties, n), ['created_time']), arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), ['elasticloadbalancing:targetgroup'])))
                ],
                resource_type = 'elasticloadbalancing:targetgroup',
                [
                    ('target_group_empty', CAST(arrayExists(x -> x.1 = 'member_of', relations) AND properties['targets'] = 'none', 'Nullable(UInt8)'), map('protocol', toString(properties['protocol']), 'port', toString(properties['port'])), arrayFilter(n -> NOT mapContains(properties, n), ['targets']))
                ],
                resource_type = 'iam:role',
                [
                    ('iam_role_trust_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['assume_role_policy_document'])),
                    ('iam_role_unused', CAST(multiIf(startsWith(properties['path'], '/aws-service-role/') OR startsWith(properties['path'], '/aws-reserved/'), false, properties['last_used_date'] = '' AND mapContains(properties, 'max_session_duration'), NULL, parseDateTime64BestEffortOrNull(if(properties['last_used_date'] = '', properties['create_date'], properties['last_used_date']), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['iam_role_unused.days'] = '', '90', settings['iam_role_unused.days'])))), 'Nullable(UInt8)'), map('last_used_date', toString(properties['last_used_date']), 'create_date', toString(properties['create_date'])), arrayFilter(n -> NOT mapContains(properties, n), ['create_date', 'path']))
                ],
                resource_type = 'kms:key',
                [
                    ('kms_rotation_off', CAST(multiIf(properties['key_manager'] != 'CUSTOMER' OR properties['key_spec'] != 'SYMMETRIC_DEFAULT' OR properties['origin'] != 'AWS_KMS' OR state != 'Enabled', false, NOT mapContains(properties, 'key_rotation_enabled'), NULL, properties['key_rotation_enabled'] = 'false'), 'Nullable(UInt8)'), map('description', toString(properties['description'])), arrayFilter(n -> NOT mapContains(properties, n), ['key_manager', 'key_spec', 'origin']))
                ],
                resource_type = 'lambda:function',
                [
                    ('lambda_runtime_ended', CAST(properties['runtime'] != '' AND arrayExists(x -> splitByChar('=', x)[1] = properties['runtime'] AND toDateOrZero(splitByChar('=', x)[2]) <= today(), arrayFilter(v -> v != '', splitByChar(',', if(settings['lambda_runtime_ended.runtimes'] = '', 'python2.7=2021-07-15,python3.6=2022-07-18,python3.7=2023-12-04,python3.8=2024-10-14,python3.9=2025-12-15,python3.10=2026-10-31,python3.11=2027-06-30,nodejs=2016-10-31,nodejs4.3=2018-05-31,nodejs4.3-edge=2018-05-31,nodejs6.10=2019-08-12,nodejs8.10=2020-03-06,nodejs10.x=2021-07-30,nodejs12.x=2023-03-31,nodejs14.x=2023-12-04,nodejs16.x=2024-06-12,nodejs18.x=2025-09-01,nodejs20.x=2026-04-30,nodejs22.x=2027-04-30,ruby2.5=2021-07-30,ruby2.7=2023-12-07,ruby3.2=2026-03-31,java8=2024-01-08,go1.x=2024-01-08,provided=2024-01-08,provided.al2=2026-06-30,dotnetcore1.0=2019-06-27,dotnetcore2.0=2019-05-30,dotnetcore2.1=2022-01-05,dotnetcore3.1=2023-04-03,dotnet5.0=2022-05-10,dotnet6=2024-12-20,dotnet7=2024-05-14,dotnet8=2026-11-10', settings['lambda_runtime_ended.runtimes'])))), 'Nullable(UInt8)'), map('runtime', toString(properties['runtime']), 'ended', toString(splitByChar('=', arrayFirst(x -> startsWith(x, concat(properties['runtime'], '=')), arrayFilter(v -> v != '', splitByChar(',', if(settings['lambda_runtime_ended.runtimes'] = '', 'python2.7=2021-07-15,python3.6=2022-07-18,python3.7=2023-12-04,python3.8=2024-10-14,python3.9=2025-12-15,python3.10=2026-10-31,python3.11=2027-06-30,nodejs=2016-10-31,nodejs4.3=2018-05-31,nodejs4.3-edge=2018-05-31,nodejs6.10=2019-08-12,nodejs8.10=2020-03-06,nodejs10.x=2021-07-30,nodejs12.x=2023-03-31,nodejs14.x=2023-12-04,nodejs16.x=2024-06-12,nodejs18.x=2025-09-01,nodejs20.x=2026-04-30,nodejs22.x=2027-04-30,ruby2.5=2021-07-30,ruby2.7=2023-12-07,ruby3.2=2026-03-31,java8=2024-01-08,go1.x=2024-01-08,provided=2024-01-08,provided.al2=2026-06-30,dotnetcore1.0=2019-06-27,dotnetcore2.0=2019-05-30,dotnetcore2.1=2022-01-05,dotnetcore3.1=2023-04-03,dotnet5.0=2022-05-10,dotnet6=2024-12-20,dotnet7=2024-05-14,dotnet8=2026-11-10', settings['lambda_runtime_ended.runtimes'])))))[2]), 'last_modified', toString(properties['last_modified'])), arrayFilter(n -> NOT mapContains(properties, n), ['last_modified']))
                ],
                resource_type = 'logs:log-group',
                [
                    ('log_group_kept_forever', CAST(properties['retention_in_days'] = '' AND toUInt64OrZero(properties['stored_bytes']) >= toUInt64(if(settings['log_group_kept_forever.bytes'] = '', '0', settings['log_group_kept_forever.bytes'])), 'Nullable(UInt8)'), map('stored_bytes', toString(properties['stored_bytes'])), arrayFilter(n -> NOT mapContains(properties, n), ['creation_time']))
                ],
                resource_type = 'rds:cluster',
                [
                    ('rds_unencrypted', CAST(properties['storage_encrypted'] = 'false', 'Nullable(UInt8)'), map('engine', toString(properties['engine'])), arrayFilter(n -> NOT mapContains(properties, n), ['storage_encrypted'])),
                    ('rds_backup_short', CAST(if(resource_type = 'rds:db' AND (properties['db_cluster_identifier'] != '' OR arrayExists(x -> x.1 = 'created_from', relations)), false, toInt32OrNull(properties['backup_retention_period']) < toUInt16(if(settings['rds_backup_short.days'] = '', '7', settings['rds_backup_short.days']))), 'Nullable(UInt8)'), map('backup_retention_period', toString(properties['backup_retention_period'])), arrayFilter(n -> NOT mapContains(properties, n), ['backup_retention_period'])),
                    ('rds_unprotected', CAST(if(properties['db_cluster_identifier'] != '' AND resource_type = 'rds:db', false, has(arrayFilter(v -> v != '', splitByChar(',', if(settings['rds_unprotected.roles'] = '', 'production', settings['rds_unprotected.roles']))), toString(account_role)) AND properties['deletion_protection'] = 'false'), 'Nullable(UInt8)'), map('engine', toString(properties['engine']), 'role', toString(toString(account_role))), arrayFilter(n -> NOT mapContains(properties, n), ['deletion_protection']))
                ],
                resource_type = 'rds:cluster-snapshot',
                [
                    ('rds_snapshot_old', CAST(if(properties['snapshot_type'] != 'manual', false, parseDateTime64BestEffortOrNull(properties['snapshot_create_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['rds_snapshot_old.days'] = '', '180', settings['rds_snapshot_old.days'])))), 'Nullable(UInt8)'), map('snapshot_create_time', toString(properties['snapshot_create_time']), 'allocated_storage', toString(properties['allocated_storage'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type', 'snapshot_create_time'])),
                    ('rds_snapshot_public', CAST(multiIf(properties['snapshot_type'] != 'manual', false, NOT mapContains(properties, 'attributes'), NULL, arrayExists(a -> has(JSONExtract(a, 'AttributeValues', 'Array(String)'), 'all'), JSONExtractArrayRaw(properties['attributes']))), 'Nullable(UInt8)'), map('attributes', toString(properties['attributes'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type']))
                ],
                resource_type = 'rds:db',
                [
                    ('rds_public', CAST(properties['publicly_accessible'] = 'true', 'Nullable(UInt8)'), map('engine', toString(properties['engine']), 'endpoint', toString(properties['endpoint'])), arrayFilter(n -> NOT mapContains(properties, n), ['publicly_accessible'])),
                    ('rds_unencrypted', CAST(properties['storage_encrypted'] = 'false', 'Nullable(UInt8)'), map('engine', toString(properties['engine'])), arrayFilter(n -> NOT mapContains(properties, n), ['storage_encrypted'])),
                    ('rds_backup_short', CAST(if(resource_type = 'rds:db' AND (properties['db_cluster_identifier'] != '' OR arrayExists(x -> x.1 = 'created_from', relations)), false, toInt32OrNull(properties['backup_retention_period']) < toUInt16(if(settings['rds_backup_short.days'] = '', '7', settings['rds_backup_short.days']))), 'Nullable(UInt8)'), map('backup_retention_period', toString(properties['backup_retention_period'])), arrayFilter(n -> NOT mapContains(properties, n), ['backup_retention_period'])),
                    ('rds_unprotected', CAST(if(properties['db_cluster_identifier'] != '' AND resource_type = 'rds:db', false, has(arrayFilter(v -> v != '', splitByChar(',', if(settings['rds_unprotected.roles'] = '', 'production', settings['rds_unprotected.roles']))), toString(account_role)) AND properties['deletion_protection'] = 'false'), 'Nullable(UInt8)'), map('engine', toString(properties['engine']), 'role', toString(toString(account_role))), arrayFilter(n -> NOT mapContains(properties, n), ['deletion_protection']))
                ],
                resource_type = 'rds:snapshot',
                [
                    ('rds_snapshot_old', CAST(if(properties['snapshot_type'] != 'manual', false, parseDateTime64BestEffortOrNull(properties['snapshot_create_time'], 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['rds_snapshot_old.days'] = '', '180', settings['rds_snapshot_old.days'])))), 'Nullable(UInt8)'), map('snapshot_create_time', toString(properties['snapshot_create_time']), 'allocated_storage', toString(properties['allocated_storage'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type', 'snapshot_create_time'])),
                    ('rds_snapshot_public', CAST(multiIf(properties['snapshot_type'] != 'manual', false, NOT mapContains(properties, 'attributes'), NULL, arrayExists(a -> has(JSONExtract(a, 'AttributeValues', 'Array(String)'), 'all'), JSONExtractArrayRaw(properties['attributes']))), 'Nullable(UInt8)'), map('attributes', toString(properties['attributes'])), arrayFilter(n -> NOT mapContains(properties, n), ['snapshot_type']))
                ],
                resource_type = 'redshift:cluster',
                [
                    ('redshift_public', CAST(properties['publicly_accessible'] = 'true', 'Nullable(UInt8)'), map('endpoint', toString(properties['endpoint'])), arrayFilter(n -> NOT mapContains(properties, n), ['publicly_accessible'])),
                    ('redshift_unencrypted', CAST(properties['encrypted'] = 'false', 'Nullable(UInt8)'), map('node_type', toString(properties['node_type'])), arrayFilter(n -> NOT mapContains(properties, n), ['encrypted']))
                ],
                resource_type = 's3:bucket',
                [
                    ('s3_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['policy'])),
                    ('s3_public_block', CAST(properties['public_access_block'] = 'none' OR arrayExists(k -> NOT JSONExtractBool(properties['public_access_block'], k), ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']), 'Nullable(UInt8)'), map('public_access_block', toString(properties['public_access_block'])), arrayFilter(n -> NOT mapContains(properties, n), ['public_access_block'])),
                    ('s3_unencrypted', CAST(properties['encryption'] = 'none', 'Nullable(UInt8)'), map('encryption', toString(properties['encryption'])), arrayFilter(n -> NOT mapContains(properties, n), ['encryption']))
                ],
                resource_type = 'secretsmanager:secret',
                [
                    ('secret_unused', CAST(if(properties['deleted_date'] != '', false, parseDateTime64BestEffortOrNull(if(properties['last_accessed_date'] = '', properties['created_date'], properties['last_accessed_date']), 3, 'UTC') < now64(3, 'UTC') - toIntervalDay(toUInt16(if(settings['secret_unused.days'] = '', '90', settings['secret_unused.days'])))), 'Nullable(UInt8)'), map('last_accessed_date', toString(properties['last_accessed_date']), 'created_date', toString(properties['created_date'])), arrayFilter(n -> NOT mapContains(properties, n), ['created_date'])),
                    ('secret_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['resource_policy']))
                ],
                resource_type = 'sns:topic',
                [
                    ('sns_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['policy']))
                ],
                resource_type = 'sqs:queue',
                [
                    ('sqs_policy_open', CAST(notEmpty(open_statements), 'Nullable(UInt8)'), map('statements', toString(arrayStringConcat(open_statements, ', '))), arrayFilter(n -> NOT mapContains(properties, n), ['queue_url']))
                ],
                []),
            if(resource_type IN ('ec2:instance', 'ec2:volume', 'ec2:network-interface', 'rds:cluster', 'elasticloadbalancing:loadbalancer', 'eks:cluster'), [('owner_inconsistent', CAST(marqo_customer != '' AND arrayExists(u -> u.1 IN ('attached_to', 'member_of') AND u.3 != '' AND u.3 != marqo_customer, used_by), 'Nullable(UInt8)'), map('owner', toString(toString(marqo_customer)), 'others', toString(arrayStringConcat(arrayDistinct(arrayMap(u -> u.3, arrayFilter(u -> u.1 IN ('attached_to', 'member_of') AND u.3 != '' AND u.3 != marqo_customer, used_by))), ', '))), CAST([], 'Array(String)'))], []),
            if(resource_type IN ('ec2:instance', 'ec2:volume', 'ec2:snapshot', 'ec2:natgateway', 'ec2:elastic-ip', 'rds:db', 'rds:cluster', 's3:bucket', 'eks:cluster', 'ecs:service', 'elasticloadbalancing:loadbalancer', 'lambda:function', 'dynamodb:table', 'elasticache:replicationgroup', 'elasticache:cluster', 'redshift:cluster', 'elasticfilesystem:file-system', 'sqs:queue', 'sns:topic'), [('owner_missing', CAST(if(marqo_customer = '' AND NOT arrayExists(k -> k NOT IN ('event_id', 'event_name', 'event_source', 'request_id'), mapKeys(properties)), NULL, marqo_customer = '' AND (empty(arrayFilter(v -> v != '', splitByChar(',', if(settings['owner_missing.roles'] = '', '', settings['owner_missing.roles'])))) OR has(arrayFilter(v -> v != '', splitByChar(',', if(settings['owner_missing.roles'] = '', '', settings['owner_missing.roles']))), toString(account_role)))), 'Nullable(UInt8)'), map('tags', toString(arrayStringConcat(mapKeys(tags), ', '))), CAST([], 'Array(String)'))], []))) AS finding
    FROM polo.rule_resources
) AS judged
WHERE settings[concat(finding.1, '.enabled')] != 'false'
UNION ALL
WITH (SELECT CAST(groupArray((concat(rule, '.', parameter), value)), 'Map(String, String)') FROM polo.rule_settings FINAL WHERE value != '') AS settings
SELECT
    finding.1 AS rule,
    toUInt32(transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0)) AS version,
    multiIf(notEmpty(finding.4) OR finding.2 IS NULL, 'unknown', finding.2 = 1, 'violated', 'clean') AS answer,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['high', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'low', 'medium', 'low', 'low', 'high', 'medium', 'critical', 'medium', 'high', 'low', 'low', 'medium', 'high', 'medium', 'medium', 'critical', 'low', 'low', 'medium', 'medium', 'high', 'critical', 'high', 'high', 'high', 'critical', 'high', 'medium', 'critical', 'critical', 'high', 'high', 'medium', 'high', 'medium', 'medium', 'high', 'low', 'medium', 'medium', 'low'], '') AS severity,
    transform(finding.1, ['customer_over_budget', 'ebs_old_generation', 'ebs_snapshot_old', 'ebs_unattached', 'ec2_stopped_long', 'eip_idle', 'eni_unattached', 'lb_no_targets', 'log_group_kept_forever', 'nat_unrouted', 'rds_snapshot_old', 'secret_unused', 'ami_public', 'cloudfront_http', 'dynamodb_policy_open', 'ebs_unencrypted', 'ec2_imdsv1', 'ec2_no_instance_profile', 'ecr_scan_off', 'efs_unencrypted', 'eks_endpoint_open', 'eks_secrets_unencrypted', 'elasticache_unencrypted', 'iam_role_trust_open', 'iam_role_unused', 'kms_rotation_off', 'lambda_runtime_ended', 'launch_template_imdsv1', 'rds_public', 'rds_snapshot_public', 'rds_unencrypted', 'redshift_public', 'redshift_unencrypted', 's3_policy_open', 's3_public_block', 's3_unencrypted', 'secret_policy_open', 'sg_open_admin', 'sns_policy_open', 'sqs_policy_open', 'vpc_no_flow_log', 'acm_expiring', 'dynamodb_unprotected', 'rds_backup_short', 'rds_unprotected', 'target_group_empty', 'owner_inconsistent', 'owner_missing', 'sg_unused'], ['Customer over budget', 'Volume of an old generation', 'Old snapshot that no image uses', 'Volume attached to nothing', 'Instance stopped for long', 'Address associated with nothing', 'Network interface attached to nothing', 'Load balancer without targets', 'Logs kept for ever', 'NAT gateway that no route leads to', 'Old manual snapshot of a database', 'Secret that nobody reads', 'Image that everybody may launch', 'Distribution that answers without TLS', 'Table open to everybody', 'Volume not encrypted', 'Instance answers IMDSv1', 'Instance without an instance profile', 'Repository whose images are not scanned', 'File system not encrypted', 'Cluster whose API answers the world', 'Cluster that does not encrypt its secrets with a key of yours', 'Cache not encrypted', 'Role open to everybody', 'Role that nobody uses', 'Key that is not rotated', 'Function on a runtime that has ended', 'Launch template allows IMDSv1', 'Database with a public address', 'Snapshot of a database that everybody may restore', 'Database not encrypted', 'Warehouse with a public address', 'Warehouse not encrypted', 'Bucket open to everybody', 'Bucket without the whole public access block', 'Bucket without default encryption', 'Secret open to everybody', 'Security group opens administration to the world', 'Topic open to everybody', 'Queue open to everybody', 'VPC without a flow log', 'Certificate about to expire', 'Production table without deletion protection', 'Database with short backups', 'Production database without deletion protection', 'Target group of a load balancer without targets', 'Resource of one owner attached to one of another', 'Resource without an owner', 'Security group that nothing uses'], '') AS title,
    judged.arn AS arn,
    judged.platform AS platform,
    judged.account_id AS account_id,
    judged.account_role AS account_role,
    judged.region AS region,
    judged.service AS service,
    judged.resource_type AS resource_type,
    judged.resource_id AS resource_id,
    judged.resource_name AS resource_name,
    judged.marqo_customer AS marqo_customer,
    judged.marqo_cluster AS marqo_cluster,
    judged.marqo_index AS marqo_index,
    judged.first_ts AS first_ts,
    judged.last_ts AS last_ts,
    finding.3 AS evidence, finding.4 AS missing
FROM
(
    SELECT
        arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name, marqo_customer, marqo_cluster, marqo_index, first_ts, last_ts,
        arrayJoin([
                    ('customer_over_budget', CAST(cost > budget * toUInt16(if(settings['customer_over_budget.percent'] = '', '100', settings['customer_over_budget.percent'])) / 100, 'Nullable(UInt8)'), map('cost', toString(cost), 'budget', toString(budget), 'currency', toString(currency)), CAST([], 'Array(String)'))
        ]) AS finding
    FROM polo.rule_customers
) AS judged
WHERE settings[concat(finding.1, '.enabled')] != 'false'
COMMENT 'One row for each resource and rule that judges it: violated, clean, or unknown where what the rule needs was not read';

-- rule_changes: where a rule's answer is violated and was not when last noted, or no longer is. A resource that cannot
-- be judged any more stays violated.

CREATE OR REPLACE VIEW polo.rule_changes
AS SELECT
    toLowCardinality(rule) AS rule, arn, now64(3, 'UTC') AS at,
    if(live IN ('violated', 'clean') AND resource_type != 'polo:customer', last_ts, at) AS seen,
    toLowCardinality(if(live = 'violated', 'violated', 'clean')) AS answer,
    toLowCardinality(multiIf(live = 'violated', '', live = 'clean', 'fixed', arn GLOBAL IN (SELECT arn FROM polo.resources_current), 'withdrawn', 'deleted')) AS reason,
    rule_version, severity, title, account_id, region, service, resource_type, resource_name, marqo_customer, evidence
FROM
(
    SELECT
        rule, arn, max(f.live) AS live, max(f.stored) AS stored, max(f.last_ts) AS last_ts,
        argMax(f.rule_version, f.live) AS rule_version, argMax(f.severity, f.live) AS severity, argMax(f.title, f.live) AS title,
        argMax(f.account_id, f.live) AS account_id, argMax(f.region, f.live) AS region, argMax(f.service, f.live) AS service,
        argMax(f.resource_type, f.live) AS resource_type, argMax(f.resource_name, f.live) AS resource_name, argMax(f.marqo_customer, f.live) AS marqo_customer,
        argMax(f.evidence, f.live) AS evidence
    FROM
    (
        SELECT
            rule, arn, answer AS live, '' AS stored, last_ts, version AS rule_version, toLowCardinality(severity) AS severity, toLowCardinality(title) AS title, account_id, region, service,
            resource_type, resource_name, toLowCardinality(marqo_customer) AS marqo_customer, CAST(evidence, 'Map(LowCardinality(String), String)') AS evidence
        FROM polo.rule_findings
        WHERE answer != 'clean' OR (rule, arn) GLOBAL IN (SELECT toString(rule), arn FROM polo.rule_answers)
        UNION ALL
        SELECT
            toString(rule) AS rule, arn, '' AS live, toString(argMax(answer, (at, answer))) AS stored, toDateTime64(0, 3, 'UTC') AS last_ts, argMax(rule_version, at) AS rule_version, argMax(severity, at) AS severity,
            argMax(title, at) AS title, argMax(account_id, at) AS account_id, argMax(region, at) AS region, argMax(service, at) AS service,
            argMax(resource_type, at) AS resource_type, argMax(resource_name, at) AS resource_name, argMax(marqo_customer, at) AS marqo_customer, argMax(evidence, at) AS evidence
        FROM polo.rule_answers
        GROUP BY rule, arn
    ) AS f
    GROUP BY rule, arn
)
WHERE live = 'violated' AND stored != 'violated' OR stored = 'violated' AND live IN ('clean', '')
COMMENT 'Internal: the changes that rule_answers does not have';

-- rule_answers_mv notes when answers change. Each server of a cluster runs its own, and forgets its schedule when it
-- restarts: a change that is noted twice or late counts once, and what the rules answer is never read from its table.
--
-- A server that has just started waits for the next time, because it may be there for one question. It does not plan
-- polo.rule_changes then: merge() opens only the table that it is told to, and the rows that are there are no later than themselves.

DROP VIEW IF EXISTS polo.rule_answers_mv;

CREATE MATERIALIZED VIEW IF NOT EXISTS polo.rule_answers_mv REFRESH AFTER 5 MINUTE APPEND TO polo.rule_answers
(
    rule LowCardinality(String), arn String, at DateTime64(3, 'UTC'), seen DateTime64(3, 'UTC'), answer LowCardinality(String), reason LowCardinality(String), rule_version UInt32,
    severity LowCardinality(String), title LowCardinality(String), account_id LowCardinality(String), region LowCardinality(String), service LowCardinality(String),
    resource_type LowCardinality(String), resource_name String, marqo_customer LowCardinality(String), evidence Map(LowCardinality(String), String)
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT rule, arn, at, seen, answer, reason, rule_version, severity, title, account_id, region, service, resource_type, resource_name, marqo_customer, evidence
FROM merge('polo', (SELECT if(uptime() < 60, '^rule_answers$', '^rule_changes$')))
WHERE at > (SELECT max(at) FROM polo.rule_answers)
COMMENT 'Internal: notes in rule_answers when answers of rules change';

-- rule_violations: each violation of a rule: what the rules answer at this moment, with when it was first seen, when and why
-- it ended, how often it came back, and whether it is exempt. rule_answers gives the times, which are those of what was seen of the
-- resource; the answer is live, so that it is never behind.

CREATE OR REPLACE VIEW polo.rule_violations
(
    rule String COMMENT 'Rule: polo rules --explain says what it judges',
    rule_version UInt32 COMMENT 'Version of the rule',
    title String COMMENT 'What is wrong, in a line',
    severity String COMMENT 'critical, high, medium or low',
    status String COMMENT 'open, exempt, unknown (it was violated, and cannot be judged at present) or resolved',
    arn String COMMENT 'Key of the resource, or customer: and a name',
    account_id String COMMENT 'Account, with its leading zeros',
    region String COMMENT 'Region: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    evidence Map(String, String) COMMENT 'What shows it, by name',
    first_seen DateTime64(3, 'UTC') COMMENT 'When it was first violated, as far as is known, UTC',
    last_seen DateTime64(3, 'UTC') COMMENT 'When the resource was last seen so, UTC; of a resolved one, when it was found resolved',
    resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was found resolved, UTC; NULL if it is not',
    resolution String COMMENT 'fixed, deleted (the resource is gone) or withdrawn (the rule does not judge it any more)',
    reopened UInt64 COMMENT 'How often it came back after having been resolved',
    exempt_reason String COMMENT 'Why it is exempt',
    exempt_author String COMMENT 'Who exempted it',
    exempt_until Nullable(DateTime64(3, 'UTC')) COMMENT 'Until when, UTC; NULL if it is not exempt'
)
AS WITH
    (
        SELECT groupArray((rule, account_id, pattern, reason, author, expires))
        FROM polo.rule_exemptions FINAL
        WHERE NOT revoked AND expires > now64(3, 'UTC')
    ) AS exemptions
SELECT
    rule, rule_version, title, severity,
    multiIf(live = 'violated' AND exemption.4 != '', 'exempt', live = 'violated', 'open', live = 'unknown', 'unknown', 'resolved') AS status,
    arn, account_id, region, service, resource_type, resource_name, marqo_customer, evidence,
    if(notEmpty(opened), opened[1], live_ts) AS first_seen,
    multiIf(status != 'resolved', live_ts, ifNull(resolved_at, live_ts)) AS last_seen,
    if(status != 'resolved', NULL, multiIf(turns[-1].2 != 'violated', turns[-1].4, live = 'clean', live_ts, now64(3, 'UTC'))) AS resolved_at,
    multiIf(status != 'resolved', '', turns[-1].2 != 'violated', turns[-1].3, live = 'clean', 'fixed', arn GLOBAL IN (SELECT arn FROM polo.resources_current), 'withdrawn', 'deleted') AS resolution,
    toUInt64(length(opened) - if(notEmpty(opened), 1, 0) + if(notEmpty(turns) AND live = 'violated' AND turns[-1].2 != 'violated', 1, 0)) AS reopened,
    exemption.4 AS exempt_reason, exemption.5 AS exempt_author, if(exemption.4 = '', NULL, exemption.6) AS exempt_until
FROM
(
    SELECT
        *,
        arrayFirst(e -> e.1 IN ('*', rule) AND e.2 IN ('', account_id) AND (e.3 = '' OR like(arn, replaceAll(replaceAll(replaceAll(e.3, '\\', '\\\\'), '_', '\\_'), '*', '%'))), exemptions) AS exemption,
        -- Of equal answers in a row the first counts.
        arrayFilter((t, i) -> i = 1 OR t.2 != noted[i - 1].2, noted, arrayEnumerate(noted)) AS turns,
        arrayMap(t -> t.4, arrayFilter(t -> t.2 = 'violated', turns)) AS opened
    FROM
    (
        SELECT
            rule, arn, max(f.live) AS live, max(f.live_ts) AS live_ts, arraySort(arrayFlatten(groupArray(f.noted))) AS noted,
            argMax(f.rule_version, f.live) AS rule_version, argMax(f.severity, f.live) AS severity, argMax(f.title, f.live) AS title,
            argMax(f.account_id, f.live) AS account_id, argMax(f.region, f.live) AS region, argMax(f.service, f.live) AS service,
            argMax(f.resource_type, f.live) AS resource_type, argMax(f.resource_name, f.live) AS resource_name, argMax(f.marqo_customer, f.live) AS marqo_customer,
            argMax(f.evidence, f.live) AS evidence
        FROM
        (
            SELECT
                rule, arn, answer AS live, last_ts AS live_ts, CAST([], 'Array(Tuple(DateTime64(3, \'UTC\'), String, String, DateTime64(3, \'UTC\')))') AS noted, version AS rule_version, severity, title, toString(account_id) AS account_id, toString(region) AS region, toString(service) AS service,
                toString(resource_type) AS resource_type, resource_name, marqo_customer, evidence
            FROM polo.rule_findings
            WHERE answer = 'violated' OR (rule, arn) GLOBAL IN (SELECT toString(rule), arn FROM polo.rule_answers)
            UNION ALL
            SELECT
                toString(rule) AS rule, arn, '' AS live, toDateTime64(0, 3, 'UTC') AS live_ts, groupArray((at, toString(answer), toString(reason), seen)) AS noted, argMax(rule_version, at) AS rule_version, toString(argMax(severity, at)) AS severity,
                toString(argMax(title, at)) AS title, toString(argMax(account_id, at)) AS account_id, toString(argMax(region, at)) AS region, toString(argMax(service, at)) AS service,
                toString(argMax(resource_type, at)) AS resource_type, argMax(resource_name, at) AS resource_name, toString(argMax(marqo_customer, at)) AS marqo_customer, CAST(argMax(evidence, at), 'Map(String, String)') AS evidence
            FROM polo.rule_answers
            GROUP BY rule, arn
        ) AS f
        GROUP BY rule, arn
    )
)
COMMENT 'One row for each resource that violates a rule, or did: since when, whether it is open, exempt, unknown or resolved and why, what shows it';

-- scan_scopes: how far the absence of a resource or cost is known. It has one row for each scope of resources
-- or costs that was ever scanned to its end, or that an event names. last_scan is NULL if no scan of it ever
-- completed; an old one is a gap in the coverage. For costs, last_scan is the time of the scan, and
-- covered_from to covered_until (exclusive) spans the billing days ever covered, with possible holes.

CREATE OR REPLACE VIEW polo.scan_scopes
(
    kind String COMMENT 'resources or costs',
    source String COMMENT 'Source of the costs; empty for resources',
    account_id String COMMENT 'Account, with its leading zeros',
    region String COMMENT 'Region; empty for costs',
    resource_type String COMMENT 'Type of the resources; empty for costs',
    last_scan Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was last read to its end, UTC; NULL if never',
    last_event Nullable(DateTime64(3, 'UTC')) COMMENT 'Time of the last event in it, UTC; NULL if none',
    covered_from Nullable(Date32) COMMENT 'First billing day that was ever read to its end',
    covered_until Nullable(Date32) COMMENT 'Exclusive end of the billing days ever read to their end; days between may be missing'
)
AS SELECT
    kind, source, account_id, region, resource_type,
    if(countIf(scanned) = 0, NULL, maxIf(scan_at, scanned)) AS last_scan,
    if(countIf(NOT scanned) = 0, NULL, maxIf(scan_at, NOT scanned)) AS last_event,
    if(countIf(scanned) = 0, NULL, minIf(from_day, scanned)) AS covered_from,
    if(countIf(scanned) = 0, NULL, maxIf(until_day, scanned)) AS covered_until
FROM
(
    SELECT
        'resources' AS kind, '' AS source, account_id, region, resource_type,
        true AS scanned, scanned_at AS scan_at, toDate32(scanned_at) AS from_day, toDate32(scanned_at) + 1 AS until_day
    FROM polo.resource_scans
    UNION ALL
    SELECT
        'resources' AS kind, '' AS source, account_id, region, resource_type,
        false AS scanned, max(ts) AS scan_at, toDate32(scan_at) AS from_day, toDate32(scan_at) AS until_day
    FROM polo.resource_states FINAL
    GROUP BY account_id, region, resource_type
    UNION ALL
    SELECT
        'costs' AS kind, source, payer_account_id AS account_id, '' AS region, '' AS resource_type,
        true AS scanned, max(scanned_at) AS scan_at, min(billing_day) AS from_day, max(billing_day) + 1 AS until_day
    FROM polo.cost_scan_days
    GROUP BY source, payer_account_id
    UNION ALL
    SELECT
        'costs' AS kind, source, payer_account_id AS account_id, '' AS region, '' AS resource_type,
        false AS scanned, max(ts) AS scan_at, toDate32(scan_at) AS from_day, toDate32(scan_at) AS until_day
    FROM polo.cost_lines FINAL
    WHERE event_type = 'cost.accrued'
    GROUP BY source, payer_account_id
)
GROUP BY kind, source, account_id, region, resource_type
COMMENT 'One row for each scope of resources or costs: its last completed scan, NULL for none, and its last event: where absence can be believed';

-- scans_mv fills scans with the events of the family "scan".


CREATE MATERIALIZED VIEW IF NOT EXISTS polo.scans_mv TO polo.scans
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    ts, event_id, version, event_type, source, period_end, observed_at, account_id, region, resource_type, state, error_code,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account,
    toUInt64OrNull(properties['events']) AS events
FROM polo.resource_events
WHERE startsWith(event_type, 'scan.');

ALTER TABLE polo.scans_mv MODIFY QUERY
SELECT
    ts, event_id, version, event_type, source, period_end, observed_at, account_id, region, resource_type, state, error_code,
    properties['delivery'] AS delivery,
    properties['report_account'] AS report_account,
    toUInt64OrNull(properties['events']) AS events
FROM polo.resource_events
WHERE startsWith(event_type, 'scan.');

ALTER TABLE polo.scans_mv MODIFY COMMENT 'Internal: fills scans';

-- Events of the family "account" went to account_metadata before account_states was
-- there: their rows move, and the view that put them there goes. account_states_mv
-- fills account_states by now, so no event falls between the two.

DROP VIEW IF EXISTS polo.account_metadata_mv;

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

-- They are in account_states now, where a restatement replaces them.

ALTER TABLE polo.account_metadata DELETE WHERE source != 'by_hand' SETTINGS mutations_sync = 2;

