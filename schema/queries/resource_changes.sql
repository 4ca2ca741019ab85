-- title: What changed of a resource
-- group: inventory
-- text: Field by field, the latest first: where a scan saw another state, name, owner, tag, property or relation than the scan of the same source before.
-- text: The change is between the two, of which the older may be up to 60 days before the period; resource_timeline has the calls of that time, and who made them.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- param: since DateTime64(3, 'UTC') | default now-90d | min 2000-01-01 | max now+400d | The first moment
-- param: until DateTime64(3, 'UTC') | default now+1h | min 2000-01-01 | max now+400d | The moment after the last
-- period: since until 1200
-- param: field String | max 300 | Only this field; empty is all
-- rows: 200 5000
-- cache: 10
-- column: ts DateTime64(3, 'UTC') | UTC | When the new value was seen
-- column: previous DateTime64(3, 'UTC') | UTC | When the value before was last seen
-- column: field String | state, name, customer, cluster, index, tag:KEY, relation:TYPE, or a property
-- column: before String | The value before; empty for none
-- column: after String | The new value; empty for none
-- column: source String | Which source tells it
-- column: event_id UUID | The event that told it

SELECT ts, assumeNotNull(earlier) AS previous, pair.1 AS field, assumeNotNull(old) AS before, pair.2 AS after, source, event_id
FROM
(
    SELECT
        ts, source, event_id, pair,
        lagInFrame(toNullable(pair.2)) OVER w AS old, lagInFrame(toNullable(ts)) OVER w AS earlier
    FROM
    (
        -- A snapshot is whole: what it does not name is no more.
        SELECT ts, source, event_id, arrayJoin(arrayMap(k -> (k, fields[k]), groupUniqArrayArray(mapKeys(fields)) OVER (PARTITION BY source))) AS pair
        FROM
        (
            SELECT
                ts, toString(source) AS source, event_id,
                mapConcat(
                    map('state', toString(state), 'name', resource_name, 'customer', toString(marqo_customer), 'cluster', toString(marqo_cluster), 'index', toString(marqo_index)),
                    mapApply((k, v) -> (concat('tag:', k), v), CAST(tags, 'Map(String, String)')),
                    mapFromArrays(
                        arrayMap(k -> concat('relation:', k), arrayDistinct(relations.type)),
                        arrayMap(k -> arrayStringConcat(arraySort(arrayFilter((target, kind) -> kind = k, relations.target_arn, relations.type)), ' '), arrayDistinct(relations.type))),
                    CAST(properties, 'Map(String, String)')) AS fields
            FROM polo.resource_events FINAL
            -- The first scan of the period is compared with the last one before it.
            WHERE arn = {arn:String} AND ts >= {since:DateTime64(3, 'UTC')} - toIntervalDay(60) AND ts < {until:DateTime64(3, 'UTC')}
                AND event_type = 'resource.snapshot' AND error_code = ''
        )
    )
    WINDOW w AS (PARTITION BY source, pair.1 ORDER BY ts, event_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE old IS NOT NULL AND before != after AND ts >= {since:DateTime64(3, 'UTC')} [[AND field = {field:String}]]
ORDER BY ts DESC, source, field
LIMIT {limit:UInt32} + 1
