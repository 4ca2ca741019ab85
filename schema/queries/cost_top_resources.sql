-- title: The most expensive resources
-- group: cost
-- text: The resources that cost most in a period. The rows of a currency add up to all of its cost: (none) is what names no resource, (other)
-- text: what is beyond top.
-- use: cost_period
-- use: cost_filter
-- use: top
-- rows: 1000 5000
-- cache: 60
-- column: arn String | The resource's ARN, (none) or (other)
-- column: kind String | value, none or other
-- column: resource_name String | Its name, where one is known
-- column: resource_type String | Its type: ec2:instance
-- column: account_id String | Its account
-- column: region String | Its region
-- column: customer String | Whose it is
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: percent Nullable(Float64) | percent | Its share of all that the filters leave in the currency
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    multiIf(item = '', '(none)', place > {{top}}, '(other)', item) AS arn,
    multiIf(item = '', 'none', place > {{top}}, 'other', 'value') AS kind,
    if(kind = 'value', any(name), '') AS resource_name,
    if(kind = 'value', any(type), '') AS resource_type,
    if(kind = 'value', any(account), '') AS account_id,
    if(kind = 'value', any(place_of), '') AS region,
    if(kind = 'value', any(owner), '') AS customer,
    toString(money) AS currency,
    sum(amount) AS cost,
    if(any(total) = 0, NULL, round(toFloat64(cost) / toFloat64(any(total)) * 100, 2)) AS percent,
    sum(n) AS lines, sum(estimated) AS estimated_lines, sum(parts) AS partial_lines
FROM
(
    SELECT
        *, sum(amount) OVER (PARTITION BY money) AS total,
        row_number() OVER (PARTITION BY money, item = '' ORDER BY amount DESC, item) AS place
    FROM
    (
        SELECT
            arn AS item, max(resource_name) AS name, toString(max(resource_type)) AS type, toString(max(account_id)) AS account,
            toString(max(region)) AS place_of, toString(max(marqo_customer)) AS owner, currency AS money,
            sum(cost) AS amount, sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
        FROM polo.cost_daily_by_arn
        WHERE {{cost_period}} AND {{cost_filter}}
        GROUP BY item, money
    )
)
GROUP BY arn, kind, currency
ORDER BY currency, kind = 'value' DESC, cost DESC, arn
LIMIT {limit:UInt32} + 1
