-- title: Bills that a marketplace shows again
-- group: cost
-- text: Costs of GitHub, Cloudflare or Datadog in the bill of AWS, as bought on its marketplace, beside what the platform's own source reports
-- text: for the month. Where both do, the same money may be in both sums: leave one out by the filter source or platform.
-- param: from Date32 | default month-2m | min 2000-01-01 | max today+400d | The first day, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | The day after the last, UTC
-- period: from until 400
-- rows: 1000 10000
-- cache: 300
-- column: month Date32 | day (UTC) | The first day of the month
-- column: platform String | github, cloudflare or datadog
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: marketplace_cost Decimal(76, 38) | currency | What AWS bills for it
-- column: own_cost Decimal(76, 38) | currency | What the platform's own source reports
-- column: twice Bool | Both report costs of the month
-- column: products Array(String) | Names of what AWS bills, at most 5
-- column: marketplace_lines UInt64 | lines | Lines of AWS's bill
-- column: own_lines UInt64 | lines | Lines of the platform's own source
-- column: estimated_lines UInt64 | lines | Lines of either that are estimates
-- column: partial_lines UInt64 | lines | Lines of either of bills that are not whole

SELECT
    month, vendor AS platform, toString(money) AS currency, sum(bought) AS marketplace_cost, sum(told) AS own_cost,
    (sum(bought_lines) > 0 AND sum(told_lines) > 0)::Bool AS twice, arraySort(groupUniqArrayArray(5)(names)) AS products,
    sum(bought_lines) AS marketplace_lines, sum(told_lines) AS own_lines, sum(estimates) AS estimated_lines, sum(parts) AS partial_lines
FROM
(
    SELECT
        toDate32(toStartOfMonth(ts)) AS month, arrayElement(['github', 'cloudflare', 'datadog'], place) AS vendor, currency AS money,
        sum(ifNull(cost_amount, toDecimal256(0, 38))) AS bought, toDecimal256(0, 38) AS told, count() AS bought_lines, toUInt64(0) AS told_lines,
        groupUniqArray(5)(if(properties['product_name'] != '', properties['product_name'], toString(service))) AS names,
        countIf(estimated) AS estimates, countIf(partial) AS parts
    FROM
    (
        SELECT
            ts, currency, cost_amount, properties, service, estimated, partial,
            -- The names of who sells and what: a description may name a vendor whose traffic AWS bills.
            multiSearchFirstIndexCaseInsensitive(arrayStringConcat([properties['product_name'], properties['legal_entity'], properties['publisher'], properties['service_provider'], properties['invoicing_entity']], '\n'),
                ['github', 'cloudflare', 'datadog']) AS place
        FROM polo.cost_hourly
        WHERE platform = 'aws' AND NOT gone AND (ts >= toDateTime64({from:Date32}, 3, 'UTC') AND ts < toDateTime64({until:Date32}, 3, 'UTC'))
    )
    WHERE place > 0
    GROUP BY month, vendor, money
    UNION ALL
    SELECT
        toDate32(toStartOfMonth(day)) AS month, toString(platform) AS vendor, currency AS money,
        toDecimal256(0, 38), sum(cost), toUInt64(0), sum(lines), emptyArrayString(), sum(estimated_lines), sum(partial_lines)
    FROM polo.cost_daily
    WHERE platform IN ('github', 'cloudflare', 'datadog') AND (day >= {from:Date32} AND day < {until:Date32})
    GROUP BY month, vendor, money
)
GROUP BY month, vendor, money
HAVING marketplace_lines > 0
ORDER BY month DESC, platform, currency
LIMIT {limit:UInt32} + 1
