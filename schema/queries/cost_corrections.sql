-- title: Corrections, refunds and credits
-- group: cost
-- text: Lines of bills that correct others or give money back, and lines that a later delivery withdrew, by month. correction is a change to
-- text: an invoiced period (FOCUS), withdrawn a line that counts no more: its cost is 0.
-- param: from Date32 | default month-2m | min 2000-01-01 | max today+400d | The first day, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | The day after the last, UTC
-- period: from until 1200
-- use: cost_filter
-- rows: 1000 10000
-- cache: 300
-- column: month Date32 | day (UTC) | The first day of the month in which the usage was
-- column: kind String | correction, refund, credit, discount, negative (a line below 0 of no other kind) or withdrawn
-- column: charge_type String | The type of charge, in the words of the bill
-- column: account_id String | Account
-- column: service String | Service
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What the lines come to
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    toDate32(toStartOfMonth(ts)) AS month,
    multiIf(
        gone, 'withdrawn',
        properties['charge_class'] = 'Correction', 'correction',
        properties['line_item_type'] = 'Refund' OR properties['bill_type'] = 'Refund', 'refund',
        properties['line_item_type'] = 'Credit' OR properties['charge_category'] = 'Credit', 'credit',
        endsWith(properties['line_item_type'], 'Discount'), 'discount',
        ifNull(cost_amount < 0, false), 'negative', '') AS kind,
    if(properties['line_item_type'] != '', properties['line_item_type'], properties['charge_category']) AS charge_type,
    toString(l.account_id) AS account_id, toString(l.service) AS service, toString(l.currency) AS currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38))) AS cost, count() AS lines, countIf(estimated) AS estimated_lines, countIf(partial) AS partial_lines
FROM polo.cost_hourly AS l
WHERE (ts >= toDateTime64({from:Date32}, 3, 'UTC') AND ts < toDateTime64({until:Date32}, 3, 'UTC')) AND {{cost_filter}}
    AND kind != '' AND charge_type != 'SavingsPlanNegation'
GROUP BY month, kind, charge_type, account_id, service, currency
ORDER BY currency, month DESC, abs(cost) DESC, kind, charge_type, account_id, service
LIMIT {limit:UInt32} + 1
