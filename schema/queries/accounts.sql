-- title: Accounts
-- group: lookup
-- text: What is known of each account, by events and by hand: the latest of each field.
-- param: account String | max 300 | Only this account; empty is all
-- param: platform String | max 100 | Only of this platform: aws, github; empty is all
-- param: role String | max 100 | Only accounts with this role; empty is all
-- rows: 1000 20000
-- cache: 5
-- column: account_id String | Account
-- column: name String | Its name
-- column: role String | What it is for: production, staging
-- column: email String | Its address
-- column: ou_path String | Its organisational units
-- column: platform String | Platform
-- column: customer String | Whose it is
-- column: state String | State, in the source's words
-- column: last_observed DateTime64(3, 'UTC') | UTC | When something was last said of it
-- column: tags Map(String, String) | Its tags

SELECT
    a.account_id AS account_id, a.name AS name, toString(a.role) AS role, a.email AS email, a.ou_path AS ou_path, toString(a.platform) AS platform,
    toString(a.customer) AS customer, toString(a.state) AS state, a.last_observed AS last_observed, CAST(a.tags, 'Map(String, String)') AS tags
FROM polo.accounts AS a
WHERE true [[AND a.account_id = {account:String}]] [[AND a.platform = {platform:String}]] [[AND a.role = {role:String}]]
ORDER BY account_id, platform
LIMIT {limit:UInt32} + 1
