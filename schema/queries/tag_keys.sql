-- title: Keys of tags
-- group: lookup
-- text: The keys of tags that resources of the present and costs of a period have.
-- param: prefix String | max 200 | Only keys that begin with this, in any case of letters
-- use: cost_period
-- rows: 500 10000
-- cache: 60
-- column: key String | The key
-- column: resources UInt64 | resources | Resources that are there now and have it
-- column: lines UInt64 | lines | Lines of bills in the period that have it

SELECT item AS key, sum(r) AS resources, sum(l) AS lines
FROM
(
    SELECT toString(arrayJoin(mapKeys(tags))) AS item, count() AS r, toUInt64(0) AS l FROM polo.resources_current GROUP BY item
    UNION ALL
    SELECT toString(tag_key) AS item, toUInt64(0) AS r, sum(lines) AS l FROM polo.cost_daily_by_tag WHERE {{cost_period}} GROUP BY item
)
WHERE startsWith(lowerUTF8(item), lowerUTF8({prefix:String}))
GROUP BY key
ORDER BY resources + lines DESC, key
LIMIT {limit:UInt32} + 1
