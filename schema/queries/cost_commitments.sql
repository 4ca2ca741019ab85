-- title: Coverage and use of commitments
-- group: cost
-- text: How much of the usage reservations and savings plans cover, and how much of them nothing used, at effective (amortised) cost. Only bills
-- text: tell it: CUR and FOCUS.
-- param: from Date32 | default today-30d | min 2000-01-01 | max today+400d | The first day, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | The day after the last, UTC
-- period: from until 1200
-- param: by String | default service | The dimension
-- choice: by service | service
-- choice: by account | account_id
-- choice: by region | region
-- choice: by commitment | multiIf(properties['savings_plan_arn'] != '', properties['savings_plan_arn'], properties['reservation_arn'] != '', properties['reservation_arn'], properties['commitment_discount_id'])
-- choice: by month | toString(toDate(toStartOfMonth(ts)))
-- use: cost_filter
-- rows: 1000 10000
-- cache: 300
-- column: value String | The dimension's value, or (none)
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: covered Decimal(76, 38) | currency | Usage that a commitment covers
-- column: unused Decimal(76, 38) | currency | What commitments cost that nothing used
-- column: on_demand Decimal(76, 38) | currency | Usage at the price of demand
-- column: spot Decimal(76, 38) | currency | Usage at the price of the spot market
-- column: coverage Nullable(Float64) | percent | covered of covered and on_demand
-- column: utilization Nullable(Float64) | percent | covered of covered and unused
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    if(item = '', '(none)', item) AS value, toString(money) AS currency,
    sumIf(amount, class = 'covered') AS covered, sumIf(amount, class = 'unused') AS unused,
    sumIf(amount, class = 'on_demand') AS on_demand, sumIf(amount, class = 'spot') AS spot,
    if(covered + on_demand = 0, NULL, round(toFloat64(covered) / toFloat64(covered + on_demand) * 100, 2)) AS coverage,
    if(covered + unused = 0, NULL, round(toFloat64(covered) / toFloat64(covered + unused) * 100, 2)) AS utilization,
    count() AS lines, countIf(estimated) AS estimated_lines, countIf(partial) AS partial_lines
FROM
(
    SELECT
        toString({{by}}) AS item, currency AS money, estimated, partial,
        coalesce(toDecimal256OrNull(properties['effective_cost'], 38), cost_amount, toDecimal256(0, 38)) AS amount,
        multiIf(
            properties['line_item_type'] IN ('SavingsPlanCoveredUsage', 'DiscountedUsage') OR properties['commitment_discount_status'] = 'Used', 'covered',
            properties['line_item_type'] IN ('SavingsPlanRecurringFee', 'RIFee') OR properties['commitment_discount_status'] = 'Unused', 'unused',
            properties['line_item_type'] = 'Usage' AND properties['pricing_term'] = 'Spot' OR properties['pricing_category'] = 'Dynamic', 'spot',
            properties['line_item_type'] = 'Usage' OR properties['charge_category'] = 'Usage', 'on_demand', '') AS class
    FROM polo.cost_hourly
    WHERE (ts >= toDateTime64({from:Date32}, 3, 'UTC') AND ts < toDateTime64({until:Date32}, 3, 'UTC')) AND {{cost_filter}} AND NOT gone
)
WHERE class != ''
GROUP BY value, currency
ORDER BY currency, covered + on_demand + unused DESC, value
LIMIT {limit:UInt32} + 1
