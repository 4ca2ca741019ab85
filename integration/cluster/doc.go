// Package cluster holds the suite that runs Polo on a ClickHouse of two shards with two
// replicas each: the schema, the consumer's program and every view, while servers die.
package cluster
