-- accounts_dict: the present state of an account. Its state at the time of an event is on the event.

CREATE OR REPLACE DICTIONARY polo.accounts_dict{{on_cluster}}
(
    platform String,
    account_id String,
    name String,
    role String,
    email String,
    ou_path String,
    customer String,
    state String
)
PRIMARY KEY platform, account_id
SOURCE(CLICKHOUSE({{dictionary_user}}QUERY 'SELECT platform, account_id, name, role, email, ou_path, customer, state FROM polo.accounts'))
LAYOUT(COMPLEX_KEY_HASHED_ARRAY())
LIFETIME(MIN 60 MAX 120)
COMMENT 'The accounts as a dictionary: dictGet(polo.accounts_dict, role, (platform, account_id)); up to two minutes behind';
