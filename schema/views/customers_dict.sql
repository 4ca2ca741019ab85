-- customers_dict: the present state of a customer. Its state at the time of an event is on the event.

CREATE OR REPLACE DICTIONARY polo.customers_dict{{on_cluster}}
(
    customer String,
    name String,
    tier String,
    contact String
)
PRIMARY KEY customer
SOURCE(CLICKHOUSE({{dictionary_user}}QUERY 'SELECT customer, name, tier, contact FROM polo.customer_metadata FINAL'))
LAYOUT(COMPLEX_KEY_HASHED_ARRAY())
LIFETIME(MIN 60 MAX 120)
COMMENT 'The customers as a dictionary: dictGet(polo.customers_dict, name, customer); up to two minutes behind';
