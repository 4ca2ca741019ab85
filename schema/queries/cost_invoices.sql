-- title: Invoices
-- group: cost
-- text: What each invoice comes to by the lines of the bill, to hold against the paper. A bill that is not yet invoiced has no invoice id.
-- param: from Date32 | default month-3m | min 2000-01-01 | max today+400d | The first billing period that begins on this day or later, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | Billing periods that begin before this day, UTC
-- period: from until 1200
-- use: cost_filter
-- rows: 1000 10000
-- cache: 300
-- column: billing_period Date32 | day (UTC) | The first day of the billing period
-- column: source String | Source
-- column: payer_account_id String | The account that pays
-- column: issuer String | Who invoices, in the words of the bill
-- column: invoice_id String | The invoice, empty where the bill names none
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What its lines come to
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    toDate32(toStartOfMonth(billing_day)) AS billing_period, toString(l.source) AS source, toString(l.payer_account_id) AS payer_account_id,
    properties['invoicing_entity'] AS issuer, properties['invoice_id'] AS invoice_id, toString(l.currency) AS currency,
    sum(ifNull(cost_amount, toDecimal256(0, 38))) AS cost, count() AS lines, countIf(estimated) AS estimated_lines, countIf(partial) AS partial_lines
FROM polo.cost_hourly AS l
WHERE billing_day >= {from:Date32} AND billing_day < {until:Date32} AND {{cost_filter}} AND NOT gone
GROUP BY billing_period, source, payer_account_id, issuer, invoice_id, currency
ORDER BY billing_period DESC, source, payer_account_id, issuer, invoice_id, currency
LIMIT {limit:UInt32} + 1
