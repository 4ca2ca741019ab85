-- title: Rules and what they answer
-- group: health
-- text: For each rule that judges a resource: how many violate it, how many do not, and how many it cannot judge because what it needs was not read.
-- param: account Array(String) | max 100 | items 200 | Only these accounts; empty is all
-- param: resource_type Array(String) | max 200 | items 100 | Only these types: ec2:instance
-- param: customer Array(String) | max 300 | items 200 | Only these customers; (none) is what has no owner
-- rows: 200 1000
-- cache: 60
-- column: rule String | Rule: polo rules --explain RULE
-- column: severity String | critical, high, medium or low
-- column: title String | What is wrong if it is violated
-- column: violated UInt64 | resources | Resources that violate it, exempt ones included
-- column: clean UInt64 | resources | Resources that do not
-- column: unknown UInt64 | resources | Resources that it cannot judge
-- column: missing Array(String) | What it needs and nobody read of those: properties, and types that were not read to their end

SELECT
    rule, any(severity) AS severity, any(title) AS title,
    countIf(answer = 'violated') AS violated, countIf(answer = 'clean') AS clean, countIf(answer = 'unknown') AS unknown,
    arraySort(groupUniqArrayArray(missing)) AS missing
FROM polo.rule_findings
WHERE
    true
    [[AND has({account:Array(String)}, account_id)]]
    [[AND has({resource_type:Array(String)}, resource_type)]]
    [[AND has({customer:Array(String)}, if(marqo_customer = '', '(none)', marqo_customer))]]
GROUP BY rule
ORDER BY indexOf(['critical', 'high', 'medium', 'low'], severity), violated DESC, rule
LIMIT {limit:UInt32} + 1
