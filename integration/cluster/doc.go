// Package cluster tests Polo on a ClickHouse cluster of two shards with two replicas
// each: the schema, the consumer's program and every view, while servers die.
package cluster
