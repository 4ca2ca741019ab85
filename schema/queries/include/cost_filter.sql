-- param: source Array(String) | max 100 | items 20 | Only these sources; empty is all
-- param: platform Array(String) | max 100 | items 20 | Only these platforms
-- param: account Array(String) | max 100 | items 200 | Only these accounts
-- param: region Array(String) | max 100 | items 100 | Only these regions
-- param: service Array(String) | max 200 | items 100 | Only these services
-- param: resource_type Array(String) | max 200 | items 100 | Only these resource types: ec2:instance
-- param: customer Array(String) | max 300 | items 200 | Only these customers; (none) is what has no owner
-- param: cluster Array(String) | max 300 | items 200 | Only these clusters
-- param: index Array(String) | max 300 | items 200 | Only these indexes
-- param: currency Array(String) | max 6 | items 20 | Only these currencies

(
    true
    [[AND has({source:Array(String)}, if(source = '', '(none)', source))]]
    [[AND has({platform:Array(String)}, if(platform = '', '(none)', platform))]]
    [[AND has({account:Array(String)}, if(account_id = '', '(none)', account_id))]]
    [[AND has({region:Array(String)}, if(region = '', '(none)', region))]]
    [[AND has({service:Array(String)}, if(service = '', '(none)', service))]]
    [[AND has({resource_type:Array(String)}, if(resource_type = '', '(none)', resource_type))]]
    [[AND has({customer:Array(String)}, if(marqo_customer = '', '(none)', marqo_customer))]]
    [[AND has({cluster:Array(String)}, if(marqo_cluster = '', '(none)', marqo_cluster))]]
    [[AND has({index:Array(String)}, if(marqo_index = '', '(none)', marqo_index))]]
    [[AND has({currency:Array(String)}, if(currency = '', '(none)', currency))]]
)
