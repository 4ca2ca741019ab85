package main

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"polo/internal/cli"
)

const description = `Inspects Polo's dead-letter queue, and brings its letters back.

Nothing is changed without --apply: a command without it prints what it would do. Letters that were only read are
visible again at once. A journal on disk records what was sent before it is deleted, so that the same command continues a
replay that was interrupted, by Ctrl-C or by kill -9. Every applied change is also published as an event (dlq.replayed,
dlq.edited, dlq.purged, dlq.imported) in the stream.

Which queues: --data DIR of a running "polo up", or --dlq and --queue by name, URL or ARN, with the AWS
environment's own credentials, or with --endpoint for another SQS. To change a queue that is not on this machine, name
it: --confirm QUEUE.

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

` + cli.ExitCodes

// grammar is the whole command line.
type grammar struct {
	List       listCmd       `cmd:"" help:"Summarise the dead-letter queue by reason, source, type, account and age."`
	Peek       peekCmd       `cmd:"" help:"List letters; they stay in the queue."`
	Show       showCmd       `cmd:"" help:"Show one letter whole."`
	Replay     replayCmd     `cmd:"" help:"Send letters to the main queue again, and delete them here once the send is acknowledged."`
	Edit       editCmd       `cmd:"" help:"Correct the events of letters, with $EDITOR or a jq expression."`
	Verify     verifyCmd     `cmd:"" help:"Verify in ClickHouse that replayed events have landed."`
	Export     exportCmd     `cmd:"" help:"Write letters to a file, one JSON object per line."`
	Audit      auditCmd      `cmd:"" help:"Show from ClickHouse who changed dead-letter queues, how and when."`
	Import     importCmd     `cmd:"" help:"Put exported letters into the dead-letter queue."`
	Purge      purgeCmd      `cmd:"" help:"Delete letters, after writing them to a backup."`
	Version    versionCmd    `cmd:"" help:"Print what this program was built from."`
	Completion completionCmd `cmd:"" help:"Print the shell completion of this command."`

	queues
	JSON        bool             `help:"Print JSON."`
	ShowVersion kong.VersionFlag `name:"version" help:"Print what this program was built from."`
}

func program() cli.Program {
	return cli.Program{Name: "dlq-replay", Description: description, Sets: map[string]func() []string{"reason": reasons}}
}

// env is what commands share.
type env struct {
	*cli.Streams
	flags *grammar
	// typed are the names of the flags given on the command line.
	typed map[string]bool
}

// command reads or changes queues, and returns its result. A result returned with an error
// describes what was done before it.
type command interface {
	do(ctx context.Context, e *env) (result, error)
}

// result is the output of a command: marshalled as JSON, or printed for a person by print.
type result interface {
	print(s *cli.Streams) error
}

// exec runs one command line.
func exec(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var g grammar
	parsed, err := program().Parse(ctx, &g, args, stdout, stderr)
	if parsed == nil {
		return err
	}
	e := &env{Streams: cli.NewStreams(stdin, stdout, stderr), flags: &g, typed: cli.Typed(parsed)}
	g.preferTyped(e.typed)
	selected := parsed.Selected().Target.Addr().Interface()
	c, ok := selected.(command)
	if !ok {
		return fmt.Errorf("%s is no command to run", parsed.Command())
	}
	got, err := c.do(ctx, e)
	if told := e.show(got); err == nil {
		err = told
	}
	return cli.Interrupt(ctx, err, goOn(selected))
}

// show prints a result.
func (e *env) show(r result) error {
	switch {
	case r == nil:
		return nil
	case e.flags.JSON:
		return e.PrintJSON(r)
	}
	return r.print(e.Streams)
}

// note tells a person something beside the result.
func (e *env) note(format string, args ...any) error {
	_, err := fmt.Fprintf(e.Stderr, format+"\n", args...)
	return err
}

// goOn says what an interrupt leaves of the letters, and how to continue.
func goOn(selected any) string {
	if c, ok := selected.(interface{ interrupted() string }); ok {
		return c.interrupted()
	}
	return "nothing was changed"
}
