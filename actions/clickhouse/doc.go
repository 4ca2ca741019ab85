// Package clickhouse is the journal of actions and their evidence in ClickHouse. It writes
// through the queue, as everything does, and reads events back.
package clickhouse
