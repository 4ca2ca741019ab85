-- param: since DateTime64(3, 'UTC') | default now-24h | min 2000-01-01 | max now+400d | The first moment
-- param: until DateTime64(3, 'UTC') | default now+1h | min 2000-01-01 | max now+400d | The moment after the last
-- period: since until 400
-- param: account Array(String) | max 100 | items 200 | Only these accounts; empty is all
-- param: region Array(String) | max 100 | items 100 | Only these regions
-- param: service Array(String) | max 200 | items 100 | Only these services
-- param: resource_type Array(String) | max 200 | items 100 | Only these types of resources: ec2:instance
-- param: actor String | max 2000 | Only this actor, as it is written in answers

(
    ts >= {since:DateTime64(3, 'UTC')} AND ts < {until:DateTime64(3, 'UTC')}
    [[AND has({account:Array(String)}, if(account_id = '', '(none)', account_id))]]
    [[AND has({region:Array(String)}, if(region = '', '(none)', region))]]
    [[AND has({service:Array(String)}, if(service = '', '(none)', service))]]
    [[AND has({resource_type:Array(String)}, if(resource_type = '', '(none)', resource_type))]]
    [[AND actor = {actor:String}]]
)
