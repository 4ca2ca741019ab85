-- title: Values of a dimension
-- group: lookup
-- text: The values that resources of the present and costs of a period have in a dimension, to choose filters from.
-- param: of String | default service | The dimension
-- choice: of service | service
-- choice: of account | account_id
-- choice: of region | region
-- choice: of resource_type | resource_type
-- choice: of customer | marqo_customer
-- choice: of cluster | marqo_cluster
-- choice: of index | marqo_index
-- choice: of platform | platform
-- choice: of source | source
-- param: prefix String | max 200 | Only values that begin with this, in any case of letters
-- use: cost_period
-- rows: 500 10000
-- cache: 60
-- column: value String | The value; none is left out
-- column: resources UInt64 | resources | Resources that are there now and have it
-- column: lines UInt64 | lines | Lines of bills in the period that have it

SELECT item AS value, sum(r) AS resources, sum(l) AS lines
FROM
(
    SELECT toString({{of}}) AS item, count() AS r, toUInt64(0) AS l FROM polo.resources_current GROUP BY item
    UNION ALL
    SELECT toString({{of}}) AS item, toUInt64(0) AS r, sum(lines) AS l FROM polo.cost_daily WHERE {{cost_period}} GROUP BY item
)
WHERE item != '' AND startsWith(lowerUTF8(item), lowerUTF8({prefix:String}))
GROUP BY value
ORDER BY value
LIMIT {limit:UInt32} + 1
