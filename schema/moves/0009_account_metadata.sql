-- Events of the family "account" went to account_metadata before account_states was
-- there: their rows move, and the view that put them there goes. account_states_mv
-- fills account_states by now, so no event falls between the two.

DROP VIEW IF EXISTS polo.account_metadata_mv{{on_cluster}};

-- What came before the view, and what account_metadata has from events that are not
-- there any more.

INSERT INTO polo.account_states
    (ts, event_id, version, event_type, source, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags)
SETTINGS distributed_foreground_insert = 1
SELECT
    ts, event_id, version, event_type, source, observed_at,
    account_id, resource_name, account_role, properties['email'],
    properties['ou_path'], platform, marqo_customer, state, tags
FROM polo.resource_events
WHERE startsWith(event_type, 'account.');

INSERT INTO polo.account_states
    (ts, event_id, version, event_type, source, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags)
SETTINGS distributed_foreground_insert = 1
SELECT ts, event_id, version, event_type, source, observed_at, account_id, name, role, email, ou_path, platform, customer, state, tags
FROM polo.account_metadata
WHERE source != 'by_hand';

-- They are in account_states now, where a restatement replaces them.

ALTER TABLE polo.account_metadata{{on_cluster}} DELETE WHERE source != 'by_hand' SETTINGS mutations_sync = 2;
