// Package replay reads a dead-letter queue and brings what is in it back: it
// knows what a letter holds, which are meant, what of them can be sent again, and
// keeps a journal, so that what was sent is never sent again by mistake.
package replay
