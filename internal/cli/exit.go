package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"polo/internal/redact"
)

// Exit codes, the same in every program.
const (
	ExitFailed     = 1
	ExitUsage      = 2
	ExitIncomplete = 3
	// ExitInterrupted is a shell's exit code for a program ended by Ctrl-C: 128 plus SIGINT.
	ExitInterrupted = 130
)

// ExitCodes describes them in help.
const ExitCodes = `EXIT CODES

  0    done
  1    failed: the message says why, and what to do
  2    wrong usage
  3    finished, but something is left: not brought in, not landed, skipped or in doubt; the message names it
  130  interrupted: the message says how to continue`

// Error is an error with its own exit code.
type Error struct {
	Code int
	Err  error
}

func (e Error) Error() string { return e.Err.Error() }

// Unwrap returns the error without its code.
func (e Error) Unwrap() error { return e.Err }

// Usage returns an error of wrong usage, formatted like fmt.Errorf.
func Usage(format string, args ...any) error {
	return Error{ExitUsage, fmt.Errorf(format, args...)}
}

// Incomplete returns an error for unfinished work, formatted like fmt.Errorf.
func Incomplete(format string, args ...any) error {
	return Error{ExitIncomplete, fmt.Errorf(format, args...)}
}

// Interrupt returns an error with ExitInterrupted, which says how to continue, if an interrupt
// ended the command's context. It returns other errors unchanged.
func Interrupt(ctx context.Context, err error, goOn string) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return Error{ExitInterrupted, errors.New("interrupted: " + goOn)}
	}
	return err
}

// Code returns the exit code of a command that ended with err.
func Code(err error) int {
	if err == nil {
		return 0
	}
	if code := (Error{}); errors.As(err, &code) {
		return code.Code
	}
	return ExitFailed
}

// Exec runs one command line.
type Exec func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error

// Main runs the program's own command line until it ends or is interrupted, prints the error,
// and exits. A second interrupt ends the program at once.
func Main(program string, exec Exec) {
	ctx, stop := withInterrupts(context.Background())
	err := exec(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", program, redact.Text(err.Error()))
	}
	os.Exit(Code(err))
}
