-- resource_rollups keeps the scans that count with a stamp of their own, scan_stamp: a checksum of the rows of scans and of the
-- snapshots in resource_states. So they hold while nothing but changes of resources comes in, which would take
-- longer to answer from all snapshots the more scans there are.
--
-- The projection types of resource_states has the fingerprint of each day by type of event.

{{range parts "resource_rollups"}}ALTER TABLE {{.}}{{on_cluster}} ADD COLUMN IF NOT EXISTS scan_stamp UInt64 CODEC(ZSTD(1));

{{end}}ALTER TABLE {{local "resource_states"}}{{on_cluster}} ADD PROJECTION IF NOT EXISTS types
(SELECT toDate32(ts) AS day, event_type, count(), sum(sipHash64(event_id, version)) GROUP BY day, event_type);

ALTER TABLE {{local "resource_states"}}{{on_cluster}} MATERIALIZE PROJECTION types;
