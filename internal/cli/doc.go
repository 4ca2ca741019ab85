// Package cli holds what Polo's programs share on the command line: exit codes, streams, tables,
// progress, versions, shell completion, and the parser of commands.
package cli
