// Command dlq-replay looks into a dead-letter queue and brings what is in it back:
// it lists, shows, corrects, replays, exports and purges letters, and proves that
// what was replayed has landed. See docs/RUNBOOK.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"polo/internal/redact"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitLeft        = 3
	exitInterrupted = 4
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := exec(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "dlq-replay:", redact.Text(err.Error()))
	var code exitError
	if errors.As(err, &code) {
		os.Exit(code.code)
	}
	os.Exit(exitFailed)
}

// exitError carries an exit code of its own.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string { return e.err.Error() }
func (e exitError) Unwrap() error { return e.err }
