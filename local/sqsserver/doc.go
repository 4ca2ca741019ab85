// Package sqsserver is an embedded Amazon SQS: standard queues over the AWS JSON 1.0 protocol, as the AWS SDKs speak
// it.
//
// A Server is an http.Handler. Its Client serves an SDK in process, without a socket. With Options.Dir set, queues and
// messages live in a bbolt file: an acknowledged send survives the death of the process, and an acknowledged delete
// stays deleted. Memory then holds only what a queue needs to know of each message, and a receive reads the rest from
// the file. Without Options.Dir everything is in memory.
//
// After a restart every message that was in flight is visible again: visibility timeouts are not stored, which
// at-least-once delivery allows. Receive counts are stored after the response, so a killed process may forget its last
// receives. Message move tasks end with the process; messages already moved stay moved.
//
// When a write to the store fails (a full disk, for example), sends, deletes and changes of queues get an
// InternalFailure until a retry of the write succeeds.
//
// FIFO queues, policies as access control, and encryption are not implemented: FIFO is refused, policies and key
// attributes are validated, stored and returned.
package sqsserver
