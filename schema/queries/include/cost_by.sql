-- param: by String | default service | The dimension
-- choice: by service | service
-- choice: by account | account_id
-- choice: by account_role | account_id
-- choice: by customer | marqo_customer
-- choice: by customer_tier | marqo_customer
-- choice: by cluster | marqo_cluster
-- choice: by index | marqo_index
-- choice: by region | region
-- choice: by resource_type | resource_type
-- choice: by platform | platform
-- choice: by source | source
-- choice: by total | 'total'

(
    SELECT account_id AS id, name AS label, toString(role) AS attribute FROM polo.accounts WHERE {by:String} IN ('account', 'account_role')
    UNION ALL
    SELECT customer AS id, name AS label, toString(tier) AS attribute FROM polo.customer_metadata FINAL WHERE {by:String} IN ('customer', 'customer_tier')
)
