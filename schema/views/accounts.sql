-- accounts: the latest known value of each field of an account. So a collector that knows no role does not
-- erase the one set by hand. An account is its platform and id; where a statement by hand names no platform, it is AWS.

CREATE OR REPLACE VIEW polo.accounts{{on_cluster}}
(
    account_id String COMMENT 'Account, with its leading zeros',
    name String COMMENT 'Name of the account',
    role String COMMENT 'What the account is for: production, staging',
    email String COMMENT 'Address of its root user',
    ou_path String COMMENT 'Path of its organisational unit',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    customer String COMMENT 'Customer that it serves',
    state String COMMENT 'State of the account, in the words of the source: ACTIVE',
    tags Map(String, String) COMMENT 'Tags of the account',
    last_observed DateTime64(3, 'UTC') COMMENT 'When anything of it was last observed, UTC'
)
AS SELECT
    account_id,
    argMaxIf(m.name, latest, m.name != '') AS name,
    argMaxIf(m.role, latest, m.role != '') AS role,
    argMaxIf(m.email, latest, m.email != '') AS email,
    argMaxIf(m.ou_path, latest, m.ou_path != '') AS ou_path,
    platform_ AS platform,
    argMaxIf(m.customer, latest, m.customer != '') AS customer,
    argMaxIf(m.state, latest, m.state != '') AS state,
    argMaxIf(m.tags, latest, notEmpty(m.tags)) AS tags,
    max(m.observed_at) AS last_observed
FROM
(
    SELECT *, (observed_at, ts, event_id) AS latest, if(platform = '', 'aws', toString(platform)) AS platform_
    FROM
    (
        SELECT ts, event_id, event_type, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags
        FROM polo.account_states FINAL
        UNION ALL
        SELECT ts, event_id, event_type, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags
        FROM polo.account_metadata FINAL
    )
    WHERE event_type = 'account.described'
) AS m
GROUP BY platform_, account_id
COMMENT 'One row for each account of each platform: what is known of it, by events and by hand, field by field the latest';
