-- title: What happened to a resource
-- group: inventory
-- text: The events of a resource, the latest first: calls, creations, changes, deletions, and what scans saw.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- param: since DateTime64(3, 'UTC') | default now-90d | min 2000-01-01 | max now+400d | The first moment
-- param: until DateTime64(3, 'UTC') | default now+1h | min 2000-01-01 | max now+400d | The moment after the last
-- period: since until 1200
-- param: family Array(String) | default activity,resource | items 6 | in activity, resource, cost, metric, account, scan | Families of events
-- rows: 100 10000
-- cache: 10
-- column: ts DateTime64(3, 'UTC') | UTC | When
-- column: event_type String | What: activity.api_call, resource.updated
-- column: call String | The API call, where there was one
-- column: actor String | Who did it
-- column: state String | The resource's state after it
-- column: error_code String | The API's error; empty where the call succeeded
-- column: source String | Which source tells it
-- column: event_id UUID | The event

SELECT
    e.ts AS ts, toString(e.event_type) AS event_type, properties['event_name'] AS call, e.actor AS actor, toString(e.state) AS state,
    toString(e.error_code) AS error_code, toString(e.source) AS source, e.event_id AS event_id
FROM polo.resource_events AS e FINAL
WHERE e.arn = {arn:String} AND e.ts >= {since:DateTime64(3, 'UTC')} AND e.ts < {until:DateTime64(3, 'UTC')}
    AND has({family:Array(String)}, splitByChar('.', toString(e.event_type))[1])
ORDER BY ts DESC, event_id
LIMIT {limit:UInt32} + 1
