-- title: Logs kept for ever
-- version: 1
-- group: cost
-- severity: low
-- text: Logs without a retention grow, and are paid for, for ever.
-- remedy: Set a retention.
-- type: logs:log-group
-- need: creation_time
-- read: retention_in_days
-- param: bytes UInt64 | default 0 | Only groups with more bytes
-- column: stored_bytes String | bytes | What it holds

SELECT
    properties['retention_in_days'] = '' AND toUInt64OrZero(properties['stored_bytes']) >= {bytes:UInt64} AS violated,
    properties['stored_bytes'] AS stored_bytes
FROM polo.rule_resources
