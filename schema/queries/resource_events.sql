-- title: Events of a resource in full
-- group: inventory
-- text: What the sources said of a resource, word for word but for what is redacted, the latest first: resource_timeline with all fields.
-- param: arn String | required | min 1 | max 2048 | The resource's ARN, or ARN-like key: arn:aws:s3:::bucket, github:org/repo
-- param: event_id String | max 36 | Only this event, as resource_timeline names it; empty is all
-- param: since DateTime64(3, 'UTC') | default now-90d | min 2000-01-01 | max now+400d | The first moment
-- param: until DateTime64(3, 'UTC') | default now+1h | min 2000-01-01 | max now+400d | The moment after the last
-- period: since until 1200
-- param: family Array(String) | default activity,resource | items 6 | in activity, resource, cost, metric, account, scan | Families of events
-- rows: 10 100
-- cache: 10
-- column: ts DateTime64(3, 'UTC') | UTC | When it happened
-- column: event_type String | What: activity.api_call, resource.updated
-- column: source String | Which source tells it
-- column: observed_at DateTime64(3, 'UTC') | UTC | When a collector saw it
-- column: inserted_at DateTime64(3, 'UTC') | UTC | When its row came into ClickHouse
-- column: event_id UUID | The event
-- column: resource_type String | Type: ec2:instance
-- column: resource_name String | Name for people
-- column: account_id String | Account
-- column: region String | Region
-- column: customer String | Whose it is
-- column: cluster String | Cluster it belongs to
-- column: index String | Index it belongs to
-- column: actor String | Who did it
-- column: state String | The resource's state after it
-- column: error_code String | The API's error; empty where the call succeeded
-- column: ancestors Array(String) | ARNs of what it is in, nearest first
-- column: relations Array(String) | What it relates to: the type, a space and the ARN
-- column: tags Map(String, String) | Its tags
-- column: properties Map(String, String) | Whatever else the source said

SELECT
    e.ts AS ts, toString(e.event_type) AS event_type, toString(e.source) AS source, e.observed_at AS observed_at, e.inserted_at AS inserted_at, e.event_id AS event_id,
    toString(e.resource_type) AS resource_type, e.resource_name AS resource_name, toString(e.account_id) AS account_id, toString(e.region) AS region,
    toString(e.marqo_customer) AS customer, toString(e.marqo_cluster) AS cluster, toString(e.marqo_index) AS index, e.actor AS actor, toString(e.state) AS state, toString(e.error_code) AS error_code,
    e.ancestors AS ancestors, arrayMap((kind, target) -> concat(kind, ' ', target), e.relations.type, e.relations.target_arn) AS relations,
    CAST(e.tags, 'Map(String, String)') AS tags, CAST(e.properties, 'Map(String, String)') AS properties
FROM polo.resource_events AS e FINAL
WHERE e.arn = {arn:String} AND e.ts >= {since:DateTime64(3, 'UTC')} AND e.ts < {until:DateTime64(3, 'UTC')}
    AND has({family:Array(String)}, splitByChar('.', toString(e.event_type))[1])
    [[AND toString(e.event_id) = {event_id:String}]]
ORDER BY ts DESC, event_id
LIMIT {limit:UInt32} + 1
