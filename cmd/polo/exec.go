package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"polo/internal/plain"
	"polo/internal/redact"
)

// cli is the whole command line.
type cli struct {
	Ingest  ingestCmd  `cmd:"" help:"Bring files into ClickHouse: collect, publish to SQS, drain through the consumer."`
	Collect collectCmd `cmd:"" help:"Collect from a cloud's APIs: read every account and region, publish to SQS, drain through the consumer."`
	Up      upCmd      `cmd:"" help:"Run the stack (SQS, consumer, ClickHouse) until Ctrl-C."`
	SQL     sqlCmd     `cmd:"" name:"sql" help:"Run a query as the read-only user."`
	Schema  schemaCmd  `cmd:"" help:"Bring the schema up to date, show its state, or print it."`
	Sample  sampleCmd  `cmd:"" help:"Write a generated day of an organisation's CloudTrail log files."`

	Verbose bool `short:"v" help:"Log what the parts do to standard error; otherwise only what goes wrong."`
}

// env is what a command may touch.
type env struct {
	// stdout is for people, raw the same for what is to come as it is.
	stdout, raw, stderr io.Writer
	// terminal tells whether a person reads stderr: then there is progress.
	terminal bool
	log      *slog.Logger
}

// exec runs one command line.
func exec(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c cli
	var exited *int
	parser, err := kong.New(&c,
		kong.Name("polo"),
		kong.Description("Polo turns what happens in an organisation's clouds into one stream of events in ClickHouse."),
		kong.Writers(stdout, stderr),
		kong.UsageOnError(),
		kong.Exit(func(code int) { exited = &code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return fmt.Errorf("building the command line: %w", err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited != nil {
		return nil // help was asked for, and printed
	}
	if err != nil {
		return exitError{exitUsage, fmt.Errorf("%w (polo --help shows the commands)", err)}
	}
	level := slog.LevelWarn
	if c.Verbose {
		level = slog.LevelInfo
	}
	e := &env{stdout: plain.Writer(stdout), raw: stdout, stderr: stderr, log: slog.New(redact.NewHandler(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})))}
	if f, ok := stderr.(*os.File); ok {
		e.terminal = term.IsTerminal(int(f.Fd()))
	}
	if err := command.Run(e); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return errors.New("interrupted: what was acknowledged is safe; run it again to finish")
		}
		return err
	}
	return nil
}
