-- column_comments: what each column of the tables that people fill by hand means.

ALTER TABLE polo.account_metadata{{on_cluster}}
    COMMENT COLUMN account_id 'Account, with its leading zeros',
    COMMENT COLUMN name 'Name of the account',
    COMMENT COLUMN role 'What the account is for: production, staging',
    COMMENT COLUMN email 'Address of its root user',
    COMMENT COLUMN ou_path 'Path of its organisational unit',
    COMMENT COLUMN platform 'aws, github, cloudflare or datadog',
    COMMENT COLUMN customer 'Customer that it serves',
    COMMENT COLUMN state 'State of the account, in the words of the source: ACTIVE',
    COMMENT COLUMN tags 'Tags of the account',
    COMMENT COLUMN event_type 'account.described',
    COMMENT COLUMN source 'Who said it',
    COMMENT COLUMN observed_at 'When it was said, UTC; the latest of each field counts',
    COMMENT COLUMN ts 'The same, or when it came to hold, UTC',
    COMMENT COLUMN event_id 'Identity of the statement',
    COMMENT COLUMN version 'Which statement counts, the greatest';

ALTER TABLE polo.customer_metadata{{on_cluster}}
    COMMENT COLUMN customer 'Customer, as in marqo_customer',
    COMMENT COLUMN name 'Name for people',
    COMMENT COLUMN tier 'Tier of the customer, as you name it',
    COMMENT COLUMN contact 'Who to ask about the customer',
    COMMENT COLUMN tags 'Whatever else is known of the customer',
    COMMENT COLUMN observed_at 'When it was written, UTC; the latest row of a customer counts',
    COMMENT COLUMN version 'Which row counts, the greatest';
