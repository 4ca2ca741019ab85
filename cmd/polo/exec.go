package main

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"polo/internal/cli"
	"polo/internal/redact"
	"polo/local/dashboard"
)

const description = `Turns what happens in an organisation's clouds into one stream of events in ClickHouse.

EXAMPLES

  polo sample world && polo ingest world          a generated organisation
  polo ingest logs/ s3://my-bucket/AWSLogs/       CloudTrail logs, bills, recorded answers
  polo sql "SELECT event_type, count() FROM resource_events GROUP BY 1"
  polo sql                                        the same, interactively
  polo query cost_by_dimension --param by=account
  polo collect aws.ec2 --account 123456789012 --region eu-west-1
  polo up                                         SQS, consumer, ClickHouse, dashboard until Ctrl-C
  polo doctor                                     what is missing here, and the remedy

"polo COMMAND --help" has more for each command.

ENVIRONMENT

  POLO_DATA         the data directory, where --data does not say it
  POLO_LIBCHDB      the engine's library, where make engine has not installed it
  POLO_WORKER       the built dashboard, where make worker has not put it beside polo
  POLO_IDENTITY     which tags say whose a resource is (JSON)

` + cli.ExitCodes

// grammar is the whole command line.
type grammar struct {
	Ingest     ingestCmd     `cmd:"" help:"Bring files into ClickHouse: collect, publish to SQS, drain through the consumer."`
	Collect    collectCmd    `cmd:"" help:"Collect from a cloud's APIs: read every account and region, publish to SQS, drain through the consumer."`
	Up         upCmd         `cmd:"" help:"Run the stack (SQS, consumer, ClickHouse, dashboard) until Ctrl-C."`
	SQL        sqlCmd        `cmd:"" name:"sql" help:"Run a query as the read-only user."`
	Query      queryCmd      `cmd:"" help:"Run a named query: costs, inventory, activity, health."`
	Meta       metaCmd       `cmd:"" help:"Say what accounts and customers are: roles, tiers, names."`
	FX         fxCmd         `cmd:"" name:"fx" help:"Set rates of exchange, by which costs are converted."`
	Rules      rulesCmd      `cmd:"" help:"List the rules that resources are judged by, set their parameters, exempt resources."`
	Alerts     alertsCmd     `cmd:"" help:"List the alerts, ask what one finds now, silence some."`
	Action     actionCmd     `cmd:"" help:"Plan, approve, execute and undo changes of resources, by the function of actions."`
	Schema     schemaCmd     `cmd:"" help:"Bring the schema up to date, show its state, or print it."`
	Explain    explainCmd    `cmd:"" help:"Say which resource a CloudTrail record is about, and why."`
	Sample     sampleCmd     `cmd:"" help:"Write a generated organisation's bills, inventory and CloudTrail."`
	Doctor     doctorCmd     `cmd:"" help:"Check what Polo needs on this machine, and print a remedy for what is missing."`
	Version    versionCmd    `cmd:"" help:"Print what this program was built from."`
	Completion completionCmd `cmd:"" help:"Print the shell completion of this command."`

	Verbose     bool             `short:"v" help:"Log to standard error what each part does; otherwise only problems are logged."`
	ShowVersion kong.VersionFlag `name:"version" help:"Print what this program was built from."`
}

func program() cli.Program {
	return cli.Program{
		Name: "polo", Description: description, Sets: map[string]func() []string{"source": sourceNames, "query": queryNames, "rule": ruleNames, "alert": alertNames},
		Vars: kong.Vars{
			"sqs_port": strconv.Itoa(defaultSQSPort), "tcp_port": strconv.Itoa(defaultTCPPort), "http_port": strconv.Itoa(defaultHTTPPort),
			"dashboard_port": strconv.Itoa(dashboard.DefaultPort),
		},
	}
}

// env is what commands share.
type env struct {
	*cli.Streams
	log *slog.Logger
}

// goOn says what an interrupt leaves.
const goOn = "what was acknowledged is safe; run it again to finish"

// withComments keeps a query that begins with a comment from being parsed as a flag: no flag's name
// has white space in it.
func withComments(args []string) []string {
	if !slices.Contains(args, "sql") {
		return args
	}
	args = slices.Clone(args)
	for i, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(name, "--") && strings.ContainsAny(name, " \t\r\n") {
			args[i] = "\n" + arg
		}
	}
	return args
}

// exec runs one command line.
func exec(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var g grammar
	command, err := program().Parse(ctx, &g, withComments(args), stdout, stderr)
	if command == nil {
		return err
	}
	level := slog.LevelWarn
	if g.Verbose {
		level = slog.LevelInfo
	}
	e := &env{
		Streams: cli.NewStreams(stdin, stdout, stderr),
		log:     slog.New(redact.NewHandler(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))),
	}
	return cli.Interrupt(ctx, command.Run(e), goOn)
}
