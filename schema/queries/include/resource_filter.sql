-- param: platform Array(String) | max 100 | items 20 | Only these platforms; empty is all
-- param: account Array(String) | max 100 | items 200 | Only these accounts
-- param: region Array(String) | max 100 | items 100 | Only these regions
-- param: service Array(String) | max 200 | items 100 | Only these services
-- param: resource_type Array(String) | max 200 | items 100 | Only these types: ec2:instance
-- param: customer Array(String) | max 300 | items 200 | Only these customers; (none) is what has no owner
-- param: cluster Array(String) | max 300 | items 200 | Only these clusters
-- param: state Array(String) | max 100 | items 50 | Only these states, in the source's words: running
-- param: tag String | max 300 | Only what has this tag
-- param: tag_value String | max 300 | Only what has this value of the tag; empty is any

(
    true
    [[AND has({platform:Array(String)}, if(platform = '', '(none)', platform))]]
    [[AND has({account:Array(String)}, if(account_id = '', '(none)', account_id))]]
    [[AND has({region:Array(String)}, if(region = '', '(none)', region))]]
    [[AND has({service:Array(String)}, if(service = '', '(none)', service))]]
    [[AND has({resource_type:Array(String)}, if(resource_type = '', '(none)', resource_type))]]
    [[AND has({customer:Array(String)}, if(marqo_customer = '', '(none)', marqo_customer))]]
    [[AND has({cluster:Array(String)}, if(marqo_cluster = '', '(none)', marqo_cluster))]]
    [[AND has({state:Array(String)}, if(state = '', '(none)', state))]]
    [[AND mapContains(tags, {tag:String})]]
    [[AND tags[{tag:String}] = {tag_value:String}]]
)
