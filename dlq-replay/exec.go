package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"polo/internal/plain"
)

const description = `Looks into Polo's dead-letter queue, and brings what is in it back.

Nothing is changed without --apply: every command that would says what it would do. Letters that are looked at
come back at once. What was sent is noted in a journal on disk before it is deleted, so that a replay that was
interrupted, by Ctrl-C or by kill -9, goes on where it stopped when the same command is run again. Everything that is
applied is also told as an event (dlq.replayed, dlq.edited, dlq.purged, dlq.imported) in the stream.

Which queues: --data DIR of a running "polo up", or --dlq and --queue by name, URL or ARN, with the AWS
environment's own credentials, or with --endpoint for another SQS. What changes a queue that is not on this machine
wants it named: --confirm QUEUE.

EXAMPLES

  dlq-replay list                                             what failed, and how often, by reason and source
  dlq-replay peek --reason invalid_event --max 5              a few of them
  dlq-replay show ID                                          one of them whole
  dlq-replay edit --reason invalid_event --expr '.region="eu-west-1"'           what a correction would do
  dlq-replay edit --reason invalid_event --expr '.region="eu-west-1"' --apply   correct them, in place
  dlq-replay replay --corrected                               what a replay of those would do
  dlq-replay replay --corrected --apply                       send them again
  dlq-replay verify --wait 2m                                 did every one of them land?
  dlq-replay audit --since 1d                                 what was done, and by whom

"dlq-replay COMMAND --help" has more for each command.

ENVIRONMENT

  POLO_DATA, POLO_DLQ, POLO_QUEUE     --data, --dlq and --queue
  AWS_REGION, AWS_PROFILE, ...        as for every program of AWS; AWS_ENDPOINT_URL_SQS is --endpoint
  POLO_CLICKHOUSE_ADDR, _USER, _PASSWORD   where verify looks
  EDITOR                              for edit
  XDG_STATE_HOME                      where journals are kept

FILES

  ~/.local/state/polo/dlq-replay/QUEUE-HASH.journal   the last replay of a queue, the hash being of its ARN and --endpoint
  DIR/QUEUE.journal                                   the same with --data DIR
  FILE.journal                                        what an import of FILE that was interrupted has put back

EXIT CODES

  0 done; 1 failed; 2 wrong usage; 3 done, but something stays, was passed over or has not landed; 4 interrupted: the
  message says how to go on.`

// cli is the whole command line.
type cli struct {
	List       listCmd       `cmd:"" help:"Summarise the dead-letter queue by reason, source, type, account and age."`
	Peek       peekCmd       `cmd:"" help:"List letters; they stay where they are."`
	Show       showCmd       `cmd:"" help:"Show one letter whole."`
	Replay     replayCmd     `cmd:"" help:"Send letters to the main queue again, and delete them here once that is acknowledged."`
	Edit       editCmd       `cmd:"" help:"Correct the events of letters, by $EDITOR or by a jq expression."`
	Verify     verifyCmd     `cmd:"" help:"Ask ClickHouse whether what was replayed has landed."`
	Export     exportCmd     `cmd:"" help:"Write letters to a file, one JSON object a line."`
	Audit      auditCmd      `cmd:"" help:"Ask ClickHouse what was done to dead-letter queues, by whom and when."`
	Import     importCmd     `cmd:"" help:"Put exported letters into the dead-letter queue."`
	Purge      purgeCmd      `cmd:"" help:"Delete letters, after they have been written to a backup."`
	Completion completionCmd `cmd:"" help:"Print what makes a shell complete this command."`

	queues
	JSON    bool             `help:"Print JSON."`
	Version kong.VersionFlag `help:"Print what this program was built from."`
}

// env is what a command may touch.
type env struct {
	stdin io.Reader
	// stdout is for people, raw the same for what is to come as it is.
	stdout, raw, stderr io.Writer
	// person tells whether somebody reads stderr: then there is progress.
	person bool
	cli    *cli
}

// version is the commit that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return info.Main.Version + " " + s.Value + " " + info.GoVersion
		}
	}
	return info.Main.Version + " " + info.GoVersion
}

func newParser(c *cli, options ...kong.Option) (*kong.Kong, error) {
	options = append(options, kong.Name("dlq-replay"), kong.Description(description), kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 120}), kong.Vars{"version": version()})
	parser, err := kong.New(c, options...)
	if err != nil {
		return nil, fmt.Errorf("building the command line: %w", err)
	}
	return parser, nil
}

// exec runs one command line.
func exec(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var c cli
	var exited bool
	parser, err := newParser(&c, kong.Writers(stdout, stderr), kong.Exit(func(int) { exited = true }), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	if completed(parser, stdout) {
		return nil
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited {
		return nil // help was asked for, and printed
	}
	if err != nil {
		return exitError{exitUsage, fmt.Errorf("%w (dlq-replay --help shows the commands)", err)}
	}
	e := &env{stdin: stdin, stdout: plain.Writer(stdout), raw: stdout, stderr: stderr, cli: &c}
	if f, ok := stderr.(*os.File); ok {
		e.person = term.IsTerminal(int(f.Fd()))
	}
	err = command.Run(e)
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return exitError{exitInterrupted, errors.New("interrupted: " + afterInterruption(command))}
	}
	return err
}

// afterInterruption says what became of the letters, and how to go on.
func afterInterruption(command *kong.Context) string {
	if c, ok := command.Selected().Target.Addr().Interface().(interface{ interrupted() string }); ok {
		return c.interrupted()
	}
	return "nothing was changed"
}
