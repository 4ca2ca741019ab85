-- param: source Array(String) | max 100 | items 20 | Only these sources; empty is all
-- param: platform Array(String) | max 100 | items 20 | Only these platforms
-- param: account Array(String) | max 100 | items 200 | Only these accounts
-- param: service Array(String) | max 200 | items 100 | Only these services
-- param: customer Array(String) | max 300 | items 200 | Only these customers; (none) is what has no owner
-- param: currency Array(String) | max 6 | items 20 | Only these currencies

(
    true
    [[AND has({source:Array(String)}, if(source = '', '(none)', source))]]
    [[AND has({platform:Array(String)}, if(platform = '', '(none)', platform))]]
    [[AND has({account:Array(String)}, if(account_id = '', '(none)', account_id))]]
    [[AND has({service:Array(String)}, if(service = '', '(none)', service))]]
    [[AND has({customer:Array(String)}, if(marqo_customer = '', '(none)', marqo_customer))]]
    [[AND has({currency:Array(String)}, if(currency = '', '(none)', currency))]]
)
