-- title: Tag coverage
-- group: health
-- text: How many of the resources that are there now have a tag, by account, type, ... Without a tag named, how many have an owner.
-- param: key String | max 300 | The tag's key; empty asks for an owner: customer, cluster or index
-- param: by String | default account | The dimension
-- choice: by account | account_id
-- choice: by resource_type | resource_type
-- choice: by service | service
-- choice: by region | region
-- choice: by customer | marqo_customer
-- choice: by platform | platform
-- use: resource_filter
-- rows: 200 5000
-- cache: 60
-- column: value String | The dimension's value, or (none)
-- column: resources UInt64 | resources | How many there are
-- column: tagged UInt64 | resources | How many have the tag, with a value
-- column: coverage Float64 | percent | tagged of resources
-- column: example String | The ARN of one that lacks it

SELECT
    if({{by}} = '', '(none)', toString({{by}})) AS value, count() AS resources,
    countIf(if({key:String} = '', marqo_customer != '' OR marqo_cluster != '' OR marqo_index != '', tags[{key:String}] != '')) AS tagged,
    round(tagged / resources * 100, 2) AS coverage,
    minIf(arn, NOT if({key:String} = '', marqo_customer != '' OR marqo_cluster != '' OR marqo_index != '', tags[{key:String}] != '')) AS example
FROM polo.resources_current
WHERE {{resource_filter}}
GROUP BY value
ORDER BY resources - tagged DESC, value
LIMIT {limit:UInt32} + 1
