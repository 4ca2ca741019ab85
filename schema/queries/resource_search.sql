-- title: Search for resources
-- group: inventory
-- text: Resources that are there now, with a text in their ARN, id, name or a tag's value, in any case of letters. What equals the text comes
-- text: first, then what begins with it.
-- param: q String | required | min 1 | max 200 | The text
-- use: inventory_filter
-- use: resource_filter
-- rows: 50 1000
-- cache: 10
-- column: arn String | ARN, or ARN-like key
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: state String | State, in the source's words
-- column: customer String | Whose it is
-- column: cluster String | Cluster it belongs to
-- column: index String | Index it belongs to
-- column: first_seen DateTime64(3, 'UTC') | UTC | When something was first said of it
-- column: last_seen DateTime64(3, 'UTC') | UTC | When something was last said of it
-- column: tags Map(String, String) | Its tags
-- column: found_in String | id, name, arn or tag: where the text is

WITH
    lowerUTF8({q:String}) AS text,
    multiIf(lowerUTF8(resource_id) = text OR lowerUTF8(r.arn) = text, 0, lowerUTF8(r.resource_name) = text, 1,
        startsWith(lowerUTF8(resource_id), text), 2, startsWith(lowerUTF8(r.resource_name), text), 3, 4) AS place
SELECT
    r.arn AS arn, toString(r.resource_type) AS resource_type, r.resource_name AS resource_name, toString(r.account_id) AS account_id, toString(r.region) AS region, toString(r.state) AS state, toString(marqo_customer) AS customer, toString(marqo_cluster) AS cluster, toString(marqo_index) AS index,
    first_ts AS first_seen, last_ts AS last_seen, CAST(r.tags, 'Map(String, String)') AS tags,
    multiIf(
        position(lowerUTF8(resource_id), text) > 0, 'id',
        position(lowerUTF8(r.resource_name), text) > 0, 'name',
        position(lowerUTF8(r.arn), text) > 0, 'arn',
        arrayExists(v -> position(lowerUTF8(v), text) > 0, mapValues(tags)), 'tag', '') AS found_in
FROM polo.resources_current AS r
WHERE found_in != '' AND {{inventory_filter}} AND {{resource_filter}}
ORDER BY place, resource_name, arn
LIMIT {limit:UInt32} + 1
