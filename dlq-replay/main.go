// Command dlq-replay looks into a dead-letter queue and brings what is in it back:
// it lists, shows, corrects, replays, exports and purges letters, and proves that
// what was replayed has landed. See docs/RUNBOOK.md.
package main

import "polo/internal/cli"

func main() { cli.Main("dlq-replay", exec) }
