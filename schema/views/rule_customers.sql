-- rule_customers: each customer with a budget, and what it has cost this month, by currency of the budget.

CREATE OR REPLACE VIEW polo.rule_customers{{on_cluster}}
(
    arn String COMMENT 'customer: and its name',
    platform String COMMENT 'Empty: it is of none',
    account_id String COMMENT 'Empty: it is of none',
    account_role String COMMENT 'Empty: it is of none',
    region String COMMENT 'Empty: it is of none',
    service String COMMENT 'Empty: it is of none',
    resource_type String COMMENT 'polo:customer',
    resource_id String COMMENT 'Customer, as tags name it',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer, as tags name it',
    marqo_cluster String COMMENT 'Empty: it is of none',
    marqo_index String COMMENT 'Empty: it is of none',
    budget Decimal(38, 9) COMMENT 'What it may cost in a month, in currency',
    currency String COMMENT 'Currency of budget and cost, ISO 4217: USD',
    cost Decimal(76, 38) COMMENT 'What it has cost this month in currency, exact',
    first_ts DateTime64(3, 'UTC') COMMENT 'When the budget was set, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'When the budget was set, UTC'
)
AS SELECT
    concat('customer:', m.customer) AS arn, '' AS platform, '' AS account_id, '' AS account_role,
    '' AS region, '' AS service, 'polo:customer' AS resource_type,
    m.customer AS resource_id, if(m.name = '', m.customer, m.name) AS resource_name, m.customer AS marqo_customer, '' AS marqo_cluster, '' AS marqo_index,
    m.budget AS budget, m.currency AS currency, c.cost AS cost, m.observed_at AS first_ts, m.observed_at AS last_ts
FROM
(
    SELECT
        customer, name, observed_at, toDecimal128OrZero(tags['budget'], 9) AS budget,
        if(tags['budget_currency'] = '', 'USD', tags['budget_currency']) AS currency
    FROM polo.customer_metadata FINAL
    WHERE budget > 0
) AS m
LEFT ANY JOIN
(
    SELECT toString(marqo_customer) AS customer, toString(currency) AS currency, sum(cost) AS cost
    FROM polo.cost_daily
    WHERE day >= toStartOfMonth(toDate32(now('UTC')))
    GROUP BY customer, currency
) AS c ON m.customer = c.customer AND m.currency = c.currency
COMMENT 'One row for each customer with a budget: what it has cost this month'
