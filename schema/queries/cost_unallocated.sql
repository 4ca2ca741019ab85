-- title: Cost without an owner
-- group: cost
-- text: Where the cost is that belongs to no customer, cluster or index, by account and service. The rows of a currency add up to the row
-- text: (none) of cost_by_dimension.
-- param: owner String | default customer | What it belongs to none of
-- choice: owner customer | marqo_customer
-- choice: owner cluster | marqo_cluster
-- choice: owner index | marqo_index
-- use: cost_period
-- use: cost_filter
-- rows: 1000 10000
-- cache: 60
-- column: account_id String | Account
-- column: account_name String | Its name, where one is known
-- column: service String | Service
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | Cost without an owner
-- column: percent Nullable(Float64) | percent | Its share of all that the filters leave in the currency, owned or not
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    account AS account_id, known.name AS account_name, product AS service, toString(money) AS currency,
    amount AS cost,
    if(total = 0, NULL, round(toFloat64(cost) / toFloat64(total) * 100, 2)) AS percent,
    n AS lines, estimated AS estimated_lines, parts AS partial_lines
FROM
(
    SELECT *, sum(owned_or_not) OVER (PARTITION BY money) AS total
    FROM
    (
        SELECT
            toString(platform) AS of, toString(account_id) AS account, toString(service) AS product, currency AS money, sum(cost) AS owned_or_not,
            sumIf(cost, {{owner}} = '') AS amount, sumIf(lines, {{owner}} = '') AS n,
            sumIf(estimated_lines, {{owner}} = '') AS estimated, sumIf(partial_lines, {{owner}} = '') AS parts
        FROM polo.cost_daily
        WHERE {{cost_period}} AND {{cost_filter}}
        GROUP BY of, account, product, money
    )
) AS c
LEFT ANY JOIN (SELECT platform, account_id AS id, name FROM polo.accounts) AS known ON c.of = known.platform AND c.account = known.id
WHERE n > 0
ORDER BY currency, cost DESC, account_id, service
LIMIT {limit:UInt32} + 1
