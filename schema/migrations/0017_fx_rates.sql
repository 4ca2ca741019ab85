-- fx_rates: what one unit of a currency is worth in another, from a day on, by hand. No rate is derived from others. Few
-- rows, whole in every shard; the latest row of a key counts. A rate of 0 takes an earlier statement back.

CREATE TABLE IF NOT EXISTS polo.fx_rates{{on_cluster}}
(
    currency LowCardinality(String) COMMENT 'Currency that is converted, ISO 4217: EUR',
    target LowCardinality(String) COMMENT 'Currency that it is converted to: USD',
    day Date32 COMMENT 'First day that the rate is for, UTC',
    rate Decimal(38, 18) COMMENT 'What one unit of currency is worth, in target; 0 takes it back',
    author String COMMENT 'Who set it',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was written, UTC; the latest of a pair and day counts',
    version UInt64 DEFAULT bitShiftLeft(toUInt64(toUnixTimestamp64Milli(observed_at)), 22) COMMENT 'Which row counts, the greatest'
)
ENGINE = {{global_engine "fx_rates" "version"}}
ORDER BY (currency, target, day){{settings}};

ALTER TABLE polo.fx_rates{{on_cluster}} MODIFY COMMENT 'Rates of exchange, by hand; one row for each pair and day with FINAL';
