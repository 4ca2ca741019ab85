// Package sqsserver is an embedded Amazon SQS: standard queues over the AWS JSON 1.0 protocol, as the AWS SDKs speak it.
//
// A Server is an http.Handler. Its Client answers an SDK in process, without a socket. With Options.Dir set, queues and
// messages live in a bbolt file: what was acknowledged to a sender survives the death of the process, and what was
// acknowledged as deleted stays deleted. Memory then holds of each message only what a queue needs to know of it, and
// a receive reads the rest from the file. Without Options.Dir everything is in memory.
//
// After a restart every message that was in flight is visible again: visibility timeouts are not kept, which
// at-least-once delivery allows. Receive counts are written behind the answer, so a killed process may forget the
// receives of its last moments. Message move tasks end with the process; messages already moved stay moved.
//
// When a write to the store fails (the disk is full, say), nothing more is written, and sends, deletions and changes
// of queues are answered with an InternalFailure until a server is made anew on the directory.
//
// FIFO queues, policies as access control, and encryption are not implemented: FIFO is refused, policies and key
// attributes are validated, stored and returned.
package sqsserver
