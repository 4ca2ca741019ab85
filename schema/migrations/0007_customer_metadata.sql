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

ALTER TABLE polo.customer_metadata{{on_cluster}} MODIFY COMMENT 'What is known of each customer, by hand; one row for each with FINAL';
