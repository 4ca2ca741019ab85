-- title: Deliveries of bills
-- group: health
-- text: Each bill and its deliveries: whole, partial or still arriving, and which of them counts.
-- param: since Date32 | default month-3m | min 2000-01-01 | max today+1d | Billing periods that begin on this day or later
-- param: only_counting Bool | default false | Only the deliveries that count
-- rows: 200 10000
-- cache: 60
-- column: billing_period Date32 | day (UTC) | The first day of the billing period
-- column: source String | Source
-- column: payer_account_id String | The account that pays
-- column: report_account String | The member whose report it is; empty for the payer's own
-- column: delivery String | The delivery
-- column: state String | whole, partial or arriving
-- column: reason String | Why it is partial
-- column: counts Bool | Whether the bill counts from it
-- column: lines UInt64 | lines | Lines that have arrived
-- column: expected Nullable(UInt64) | lines | Lines that it has, where it says so
-- column: observed_at DateTime64(3, 'UTC') | UTC | When it was read

SELECT
    b.billing_period AS billing_period, toString(b.source) AS source, toString(b.payer_account_id) AS payer_account_id, toString(b.report_account) AS report_account,
    toString(b.delivery) AS delivery, b.state AS state, toString(b.reason) AS reason, b.counts AS counts, b.lines AS lines, b.expected AS expected, b.observed_at AS observed_at
FROM polo.bill_deliveries AS b
WHERE b.billing_period >= {since:Date32} AND (NOT {only_counting:Bool} OR b.counts)
ORDER BY billing_period DESC, source, payer_account_id, report_account, observed_at DESC, delivery
LIMIT {limit:UInt32} + 1
