// Package replay reads a dead-letter queue and brings its letters back. It parses and filters
// letters, and plans what to send again. It keeps a journal, so that nothing is sent twice by
// mistake.
package replay
