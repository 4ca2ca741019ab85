// Package consumer turns queue messages into rows: it decodes, validates and
// dedups what it is given, inserts it in one block, sends what can never be
// inserted to the dead-letter queue, and answers for every message whether it
// is done. The Lambda handler and the long-running Drain share it.
package consumer
