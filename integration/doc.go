// Package integration holds the end-to-end suites: the polo binary, the embedded SQS
// and the embedded ClickHouse, on real and generated input, with faults. They compare
// tables by content.
package integration
