// Command dlq-replay inspects a dead-letter queue and brings its letters back. It lists, shows,
// corrects, replays, exports and purges letters, and verifies that replayed events have landed. See
// docs/RUNBOOK.md.
package main

import "polo/internal/cli"

func main() { cli.Main("dlq-replay", exec) }
