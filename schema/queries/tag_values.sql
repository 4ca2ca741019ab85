-- title: Values of a tag
-- group: lookup
-- text: The values of a tag that resources of the present have, the most frequent first.
-- param: tag String | required | min 1 | max 300 | The tag's key
-- param: prefix String | max 200 | Only values that begin with this, in any case of letters
-- rows: 200 10000
-- cache: 60
-- column: value String | The value
-- column: resources UInt64 | resources | Resources that are there now and have it

SELECT tags[{tag:String}] AS value, count() AS resources
FROM polo.resources_current
WHERE mapContains(tags, {tag:String}) AND startsWith(lowerUTF8(value), lowerUTF8({prefix:String}))
GROUP BY value
ORDER BY resources DESC, value
LIMIT {limit:UInt32} + 1
