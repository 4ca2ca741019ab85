-- title: Rates of exchange
-- group: lookup
-- text: The rates that polo fx sets. One holds from its day until the next day that has one.
-- param: currency String | max 3 | Only of this currency; empty is all
-- param: target String | max 3 | Only to this currency
-- rows: 1000 20000
-- cache: 5
-- column: currency String | Currency that is converted, ISO 4217
-- column: target String | Currency that it is converted to
-- column: day Date32 | day (UTC) | The first day that the rate is for
-- column: rate Decimal(38, 18) | What one unit of currency is worth, in target
-- column: author String | Who set it
-- column: observed_at DateTime64(3, 'UTC') | UTC | When

SELECT toString(f.currency) AS currency, toString(f.target) AS target, f.day AS day, f.rate AS rate, f.author AS author, f.observed_at AS observed_at
FROM polo.fx_rates AS f FINAL
WHERE rate > 0 [[AND f.currency = {currency:String}]] [[AND f.target = {target:String}]]
ORDER BY currency, target, day DESC
LIMIT {limit:UInt32} + 1
