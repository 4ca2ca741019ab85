-- title: Facets of the inventory
-- group: inventory
-- text: How many resources that are there now have each value of each dimension, under the same filters as resource_list and resource_search. The rows
-- text: of a dimension add up to all of them.
-- param: top UInt16 | default 50 | min 1 | max 1000 | How many values of a dimension have rows of their own; the others are one row, (other)
-- param: q String | max 200 | Only what resource_search finds for this text; empty is all
-- use: inventory_filter
-- use: resource_filter
-- rows: 1000 20000
-- cache: 30
-- column: dimension String | platform, account, region, service, resource_type, state, customer or cluster
-- column: value String | The dimension's value, (none) or (other)
-- column: kind String | value, none or other
-- column: resources UInt64 | resources | How many

SELECT
    facet AS dimension,
    multiIf(item = '', '(none)', place > {top:UInt16}, '(other)', item) AS value,
    multiIf(item = '', 'none', place > {top:UInt16}, 'other', 'value') AS kind,
    sum(n) AS resources
FROM
(
    SELECT facet, item, n, row_number() OVER (PARTITION BY facet, item = '' ORDER BY n DESC, item) AS place
    FROM
    (
        SELECT one.1 AS facet, one.2 AS item, count() AS n
        FROM polo.resources_current
        ARRAY JOIN [
            ('platform', toString(platform)), ('account', toString(account_id)), ('region', toString(region)), ('service', toString(service)),
            ('resource_type', toString(resource_type)), ('state', toString(state)), ('customer', toString(marqo_customer)), ('cluster', toString(marqo_cluster))
        ] AS one
        WHERE {{inventory_filter}} AND {{resource_filter}}
            [[AND (position(lowerUTF8(resource_id), lowerUTF8({q:String})) > 0 OR position(lowerUTF8(resource_name), lowerUTF8({q:String})) > 0
                OR position(lowerUTF8(arn), lowerUTF8({q:String})) > 0 OR arrayExists(v -> position(lowerUTF8(v), lowerUTF8({q:String})) > 0, mapValues(tags)))]]
        GROUP BY facet, item
    )
)
GROUP BY dimension, value, kind
ORDER BY dimension, kind = 'value' DESC, resources DESC, value
LIMIT {limit:UInt32} + 1
