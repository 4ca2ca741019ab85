package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"polo/internal/cli"
	"polo/local/stack"
)

// Default ports of polo up.
const (
	defaultSQSPort  = 9324
	defaultTCPPort  = 9000
	defaultHTTPPort = 8123
)

type upCmd struct {
	Data          string   `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory." placeholder:"DIR"`
	SQSPort       int      `name:"sqs-port" default:"${sqs_port}" help:"Port of SQS on 127.0.0.1 (0: a free one)."`
	TCPPort       int      `name:"clickhouse-port" default:"${tcp_port}" help:"Port of ClickHouse's native protocol (0: a free one)."`
	HTTPPort      int      `name:"clickhouse-http-port" default:"${http_port}" help:"Port of ClickHouse's HTTP interface (0: a free one)."`
	DashboardPort int      `name:"dashboard-port" default:"${dashboard_port}" help:"Port of the dashboard (0: a free one, as also where the default is taken)."`
	NoDashboard   bool     `name:"no-dashboard" help:"Run no dashboard."`
	Worker        string   `env:"POLO_WORKER" help:"The folder of the built dashboard (default: worker beside this program, where make builds it)." placeholder:"DIR" predictor:"dir"`
	Programs      string   `help:"The folder of the Lambda functions' programs (default: lambda/native beside this program, where make builds them)." placeholder:"DIR"`
	Alerts        bool     `help:"Evaluate the alerts every minute, as their Lambda function."`
	AlertRoutes   string   `name:"alert-routes" type:"path" help:"The channels and routes of --alerts (default: all goes to alerts.jsonl in the data directory)." placeholder:"FILE" predictor:"file"`
	Collect       []string `sep:"none" help:"Also collect a source on its schedule, or on this one, as its Lambda function (repeatable): aws.ec2, 'aws.ec2=rate(10 minutes)', 'aws.cur=cron(0 6 * * ? *)'." placeholder:"SOURCE[=SCHEDULE]" predictor:"source"`
}

// Help explains more than the flags do.
func (*upCmd) Help() string {
	return `The consumer runs as on AWS: its Lambda program behind an event source mapping with a window of
2 s. What the functions print is in lambda/NAME.log in the data directory.

Collectors (--collect) get the POLO_* and AWS_* variables of this environment: the accounts, roles
and regions of polo collect --help. As on AWS they want POLO_ENV or POLO_READ_ROLE, the role that
reads the accounts; POLO_OWN_ACCOUNT names one that needs none.

Alerts (--alerts) are told as docs/ALERTS.md says. The fields of the channels' secret are those of the JSON object in
POLO_ALERTS_SECRET, or of the secret whose ARN it is.

The dashboard shows this stack in a browser. The address that is printed holds the key that signs you
in; it stays the same for a data directory. Nothing but this machine reaches it.

Ctrl-C waits for what has begun, a collector's run also; a second one does not. It is how polo up ends:
exit code 0.

Examples:

  polo up
  polo up --data /var/lib/polo --sqs-port 0 --clickhouse-port 0 --clickhouse-http-port 0
  polo up --no-dashboard
  polo up --alerts
  polo up --collect aws.ec2 --collect 'aws.cur=cron(0 6 * * ? *)'`
}

// Validate refuses an empty data directory.
func (c *upCmd) Validate() error { return dataDir(c.Data).valid() }

// Run starts the stack and drains the queue until it is interrupted.
func (c *upCmd) Run(ctx context.Context, e *env) (err error) {
	s, err := stack.Start(ctx, stack.Options{
		Dir: c.Data, SQSPort: c.SQSPort, TCPPort: c.TCPPort, HTTPPort: c.HTTPPort, Command: "polo up", Drains: true, Logger: e.log,
	})
	if busy := (*stack.BusyError)(nil); errors.As(err, &busy) {
		return c.busy(busy)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	programs, err := c.programs()
	if err != nil {
		return err
	}
	functions := s.Functions(programs, e.log)
	defer func() { err = errors.Join(err, functions.Close()) }()
	mapping, err := functions.Consumer()
	if err != nil {
		return err
	}
	scheduler, err := c.scheduler(e, functions)
	if err != nil {
		return err
	}
	if err := c.schedule(scheduler, functions); err != nil {
		return err
	}
	board, shown, err := c.dashboard(ctx, e, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, board.Stop()) }()
	if _, err := fmt.Fprint(e.Stdout, guide(s.Endpoints, dataDir(c.Data))+shown+unfenced(s.Unfenced())); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.Exited():
			cancel(s.Err())
		case <-ctx.Done():
		}
	}()
	stopped := context.AfterFunc(ctx, func() { e.log.WarnContext(ctx, "stopping after the work in flight; Ctrl-C again stops now") })
	defer stopped()
	var parts sync.WaitGroup
	parts.Go(func() { scheduler.Run(ctx) })
	parts.Go(func() { mapping.Run(ctx) })
	parts.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	_, err = fmt.Fprintln(e.Stdout, "stopped; the data stay in "+c.Data)
	return err
}

// busy says who has the directory, and what to do meanwhile.
func (c *upCmd) busy(err *stack.BusyError) error {
	if err.Holder.Command == "polo up" {
		return fmt.Errorf("%w: polo sql%s and polo ingest%[2]s use it while it runs", err, dataDir(c.Data).flag())
	}
	return fmt.Errorf("%w: wait until it has finished and run polo up again; polo sql%s and polo ingest%[2]s work meanwhile", err, dataDir(c.Data).flag())
}

// unfenced says which restrictions on ClickHouse are missing here; nothing if all apply.
func unfenced(missing []string) string {
	if len(missing) == 0 {
		return ""
	}
	return "\nThis system does not fence ClickHouse: anyone with one of its passwords may access more than its data. There is no " + strings.Join(missing, "; and no ") + ".\n"
}

// guide says how to connect to each part.
func guide(e stack.Endpoints, data dataDir) string {
	return fmt.Sprintf(`Polo is up. Ctrl-C ends it.

SQS         %[1]s
  queue     %[2]s
  DLQ       %[3]s
  AWS SDK   AWS_ENDPOINT_URL_SQS=%[1]s AWS_REGION=%[4]s AWS_DEFAULT_REGION=%[4]s AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
            aws --endpoint-url %[1]s sqs receive-message --queue-url %[3]s

ClickHouse  %[5]s (native), http://%[6]s (HTTP), database %[7]s
  read      clickhouse client --port %[8]s --database %[7]s --user %[9]s --password %[10]s
            curl 'http://%[6]s/?user=%[9]s&password=%[10]s&database=%[7]s' -d 'SELECT count() FROM resource_events'
  insert    user %[11]s, password %[12]s (resource_events only)
  here      %[13]s sql%[14]s "SELECT event_type, count() FROM resource_events GROUP BY 1"
`, e.SQS, e.QueueURL, e.DLQURL, e.Region, e.ClickHouseTCP, e.ClickHouseHTTP, e.Database, portOf(e.ClickHouseTCP),
		e.Users.Reader.Name, e.Users.Reader.Password, e.Users.Writer.Name, e.Users.Writer.Password, cli.CommandOf("polo"), data.flag())
}
