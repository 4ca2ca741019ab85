-- title: Customers
-- group: lookup
-- text: What is known of each customer by hand, and customers that only resources or costs of the last 30 days name.
-- param: customer String | max 300 | Only this customer; empty is all
-- param: tier String | max 100 | Only customers of this tier; empty is all
-- rows: 1000 20000
-- cache: 5
-- column: customer String | Customer, as tags name it
-- column: name String | Its name
-- column: tier String | Its tier
-- column: contact String | Whom to ask
-- column: budget String | What it may cost in a month, with its currency; empty if nothing was said
-- column: known Bool | Whether something was said of it by hand
-- column: last_observed Nullable(DateTime64(3, 'UTC')) | UTC | When something was last said of it by hand
-- column: resources UInt64 | resources | Its resources that are there now

SELECT
    c.customer AS customer, max(c.name) AS name, max(c.tier) AS tier, max(c.contact) AS contact, max(c.budget) AS budget, max(c.known) AS known,
    max(c.seen) AS last_observed, sum(c.resources) AS resources
FROM
(
    SELECT customer, name, toString(tier) AS tier, contact, if(tags['budget'] = '', '', concat(tags['budget'], ' ', if(tags['budget_currency'] = '', 'USD', tags['budget_currency']))) AS budget, true AS known, toNullable(observed_at) AS seen, toUInt64(0) AS resources
    FROM polo.customer_metadata FINAL
    UNION ALL
    SELECT toString(marqo_customer), '', '', '', '', false, NULL, count() FROM polo.resources_current WHERE marqo_customer != '' GROUP BY marqo_customer
    UNION ALL
    SELECT toString(marqo_customer), '', '', '', '', false, NULL, toUInt64(0) FROM polo.cost_daily
    WHERE day >= addDays(toDate32(now('UTC')), -30) AND marqo_customer != '' GROUP BY marqo_customer
) AS c
WHERE true [[AND c.customer = {customer:String}]]
GROUP BY customer
HAVING true [[AND tier = {tier:String}]]
ORDER BY customer
LIMIT {limit:UInt32} + 1
