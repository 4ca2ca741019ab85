-- title: Forecast to the end of the month
-- group: cost
-- text: What the month of a day will have cost at its end: its whole days so far, and for the days left the average of the whole days
-- text: before, but no less than what is billed already. Bills lag: the last days are taken as not whole. Charges once a month and the days of a week
-- text: are not told apart.
-- use: forecast
-- use: cost_by
-- use: cost_filter
-- rows: 100 5000
-- cache: 300
-- column: value String | The dimension's value, or (none)
-- column: label String | Name of the account or customer, where one is known
-- column: month Date32 | day (UTC) | The first day of the month
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: to_date Decimal(76, 38) | currency | Cost of the month's whole days
-- column: daily Decimal(76, 38) | currency | The average day, rounded to 6 digits
-- column: days_left Int32 | days | Days for which the average stands
-- column: forecast Decimal(76, 38) | currency | to_date and days_left times daily, or what is billed of the month if that is more
-- column: last_month Decimal(76, 38) | currency | Cost of the month before
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

WITH spent AS
(
    SELECT toString({{by}}) AS item, currency AS money, day, cost, lines, estimated_lines, partial_lines
    FROM polo.cost_daily
    WHERE {{cost_filter}}
)
SELECT
    if(item = '', '(none)', item) AS value, if(item = '', '', {{by.label}}) AS label, month, toString(money) AS currency,
    to_date, daily, days_left, forecast, previous AS last_month,
    n AS lines, estimated AS estimated_lines, parts AS partial_lines
FROM {{forecast}}
ORDER BY currency, forecast DESC, value
LIMIT {limit:UInt32} + 1
