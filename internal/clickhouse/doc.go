// Package clickhouse is the consumer's ClickHouse sink: one columnar insert into
// resource_events over the native protocol, and the classification of its errors. It
// uses ch-go, the layer below clickhouse-go, because filling typed columns costs a
// third of appending rows.
package clickhouse
