// Command polo is Polo on one machine: it ingests files, runs the embedded
// stack, and queries what landed. Exit codes: 0 done, 1 failed, 2 wrong usage,
// 3 finished, but something could neither be brought in nor put into the
// dead-letter queue (it says what).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"polo/internal/redact"
	"polo/local/chdb"
)

// Exit codes.
const (
	exitFailed     = 1
	exitUsage      = 2
	exitIncomplete = 3
)

func main() {
	// The embedded engine is this binary, started again as a child.
	chdb.RunChild()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	err := exec(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "polo:", redact.Text(err.Error()))
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
