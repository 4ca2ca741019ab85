// Package clickhouse is the consumer's way into ClickHouse: one columnar insert
// into resource_events over the native protocol, and the judgement of what an
// error of it means. It uses ch-go, the layer below clickhouse-go, because
// filling typed columns costs a third of appending rows.
package clickhouse
