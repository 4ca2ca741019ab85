// Package integration holds the suites that run Polo whole: the polo binary,
// the embedded SQS and the embedded ClickHouse, on real and on generated input,
// with faults. They compare tables by content.
package integration
