// Package cli is what Polo's programs share on a command line: exit codes, streams, tables,
// progress, versions, shell completion, and how commands are parsed.
package cli
