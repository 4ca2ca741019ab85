// Package consumer turns queue messages into rows. It decodes, validates and dedupes the events of
// a batch and inserts them as one block. What can never be inserted goes to the dead-letter queue.
// It returns for every message whether it is done. The Lambda handler and the long-running Drain
// share it.
package consumer
