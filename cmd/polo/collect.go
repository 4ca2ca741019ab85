package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"polo/internal/awsaccounts"
	"polo/internal/cli"
	"polo/local/stack"
	"polo/producers"
	collecting "polo/producers/collect"
	"polo/producers/registry"
	"polo/producers/source"
)

type collectCmd struct {
	Source    string   `arg:"" optional:"" help:"The source, such as aws.ec2: see --list." predictor:"source"`
	List      bool     `help:"List the sources, and collect nothing."`
	From      string   `help:"Read from this time or day (with --to), instead of the schedule's window." placeholder:"TIME"`
	To        string   `help:"Read until this time or day, exclusive." placeholder:"TIME"`
	Account   []string `help:"Only these accounts. If neither POLO_ACCOUNTS nor POLO_ORGANIZATION is set, these are all accounts: id[:name[:role]]." placeholder:"ID"`
	Region    []string `help:"Only these regions, instead of POLO_REGIONS." placeholder:"REGION"`
	Scheduled string   `help:"The scheduled time of the run (default: now). A repeat with the same time makes the same events." placeholder:"TIME"`
	Endpoint  string   `help:"Send requests to this URL instead of AWS." placeholder:"URL"`
	Workers   int      `help:"How many accounts and regions to read at once (default: 16)." placeholder:"N"`
	Queue     string   `help:"Publish to this SQS queue (URL, ARN or name; with --dlq), instead of a local stack." placeholder:"QUEUE"`
	DLQ       string   `name:"dlq" help:"The queue for failures." placeholder:"QUEUE"`
	Data      string   `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory of the local stack, which is started, or joined if it runs." placeholder:"DIR"`
	JSON      bool     `help:"Print the summary as JSON."`
}

// Validate refuses an empty data directory.
func (c *collectCmd) Validate() error { return dataDir(c.Data).valid() }

// Help explains more than the flags do.
func (*collectCmd) Help() string {
	return `Accounts, roles and the rest come from the environment, as in the Lambda functions:
POLO_ENV, POLO_ACCOUNTS or POLO_ORGANIZATION=true, POLO_REGIONS, POLO_READ_ROLE,
POLO_EXTERNAL_ID, POLO_OWN_ACCOUNT, POLO_ACCOUNT_ROLES, POLO_IDENTITY, POLO_BUDGET_USD;
credentials as for every AWS SDK. Without a role, a single account is read with the
caller's own credentials. Exit code 3: what is there was published, and there are gaps.
With --queue nothing of the embedded ClickHouse is needed here.

Examples:

  polo collect --list
  polo collect aws.ec2 --account 123456789012 --region eu-west-1,us-east-1
  polo collect aws.cloudtrail --account 123456789012 --from 2026-03-01 --to 2026-03-02
  polo collect aws.cost_explorer --account 123456789012 --queue polo-events --dlq polo-events-dlq`
}

// Run collects.
func (c *collectCmd) Run(ctx context.Context, e *env) error {
	if c.List {
		return listSources(e)
	}
	src, err := registry.Find(c.Source)
	if err != nil {
		return cli.Usage("%w (polo collect --list describes them)", err)
	}
	request, err := c.request(time.Now())
	if err != nil {
		return cli.Error{Code: cli.ExitUsage, Err: err}
	}
	settings, err := c.settings(os.Getenv, src, &request)
	if err != nil {
		return cli.Error{Code: cli.ExitUsage, Err: err}
	}
	runner, err := c.runner(ctx, e, src, settings)
	if err != nil {
		return err
	}
	summary, err := c.run(ctx, e, runner, request)
	if err != nil {
		return err
	}
	if n := len(summary.Gaps); n > 0 {
		return cli.Incomplete("%d gaps in the coverage: nothing counts as gone there", n)
	}
	return nil
}

func (c *collectCmd) request(now time.Time) (collecting.Request, error) {
	r := collecting.Request{Scheduled: now.UTC().Truncate(time.Second), Accounts: c.Account, Regions: c.Region}
	var errs []error
	for _, t := range []struct {
		flag, text string
		at         *time.Time
	}{{"--scheduled", c.Scheduled, &r.Scheduled}, {"--from", c.From, &r.From}, {"--to", c.To, &r.To}} {
		if t.text == "" {
			continue
		}
		at, err := collecting.ParseTime(t.text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.flag, err))
		}
		*t.at = at
	}
	if (c.From == "") != (c.To == "") {
		errs = append(errs, errors.New("--from and --to go together"))
	}
	if (c.Queue == "") != (c.DLQ == "") {
		errs = append(errs, errors.New("--queue and --dlq go together"))
	}
	return r, errors.Join(errs...)
}

// settings returns the environment's settings, overridden by the flags.
func (c *collectCmd) settings(getenv func(string) string, src source.Source, r *collecting.Request) (collecting.Settings, error) {
	s, err := collecting.ReadSettings(getenv)
	if err != nil {
		return s, err
	}
	s.Endpoint, s.Workers = cmp.Or(c.Endpoint, s.Endpoint), c.Workers
	if !src.IsAWS() {
		return s, nil
	}
	if len(s.Accounts) == 0 && !s.Organization {
		if s.Accounts, err = awsaccounts.Listed(strings.Join(c.Account, ",")); err != nil {
			return s, fmt.Errorf("--account: %w", err)
		}
		r.Accounts = nil
	}
	if len(s.Accounts) == 0 && !s.Organization {
		return s, errors.New("no account to read: give --account ID (aws sts get-caller-identity prints that of your credentials), or set POLO_ACCOUNTS, or POLO_ORGANIZATION=true")
	}
	if s.ReadRole == "" && s.OwnAccount == "" && len(s.Accounts) == 1 {
		s.OwnAccount = s.Accounts[0].ID
	}
	return s, nil
}

func (c *collectCmd) runner(ctx context.Context, e *env, src source.Source, s collecting.Settings) (*collecting.Runner, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	if src.IsAWS() {
		if cfg.Region == "" && len(s.Regions)+len(c.Region) > 0 {
			cfg.Region = append(c.Region, s.Regions...)[0]
		}
		if cfg.Region == "" {
			return nil, cli.Usage("no region to read: give --region, or set POLO_REGIONS or AWS_REGION")
		}
		if err := reachable(ctx, cfg, s); err != nil {
			return nil, err
		}
	}
	return &collecting.Runner{Source: src, Settings: s, AWS: cfg, Logger: slog.New(withoutGaps{e.log.Handler()})}, nil
}

// credentialsTimeout bounds the search for credentials: outside AWS, the last provider does not
// answer.
const credentialsTimeout = 20 * time.Second

// reachable refuses a run that cannot succeed: without credentials, or with an endpoint that does
// not answer.
func reachable(ctx context.Context, cfg aws.Config, s collecting.Settings) error {
	for _, of := range []struct{ name, text string }{{"--endpoint", s.Endpoint}, {"AWS_ENDPOINT_URL", aws.ToString(cfg.BaseEndpoint)}} {
		if of.text == "" {
			continue
		}
		address, err := hostPort(of.text)
		if err != nil {
			return cli.Usage("%s %s: %w; give a URL such as http://127.0.0.1:4566, or none for AWS itself", of.name, shown(of.text), err)
		}
		if err := dial(ctx, address); err != nil {
			return fmt.Errorf("nothing answers at %s (%s): %w; start what it names, correct it, or leave it out for AWS itself", of.text, of.name, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, credentialsTimeout)
	defer cancel()
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return fmt.Errorf("no AWS credentials; run aws configure, run aws sso login and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (%w)", err)
	}
	return nil
}

// run publishes to the named queues, or to a local stack.
func (c *collectCmd) run(ctx context.Context, e *env, r *collecting.Runner, q collecting.Request) (s producers.Summary, err error) {
	if c.Queue != "" {
		if err := r.OpenQueues(ctx, c.Queue, c.DLQ); err != nil {
			return s, err
		}
		if s, err = r.Run(ctx, q); err != nil {
			return s, err
		}
		return s, printRun(e, s, c.JSON)
	}
	return c.runLocally(ctx, e, r, q)
}

// runLocally publishes to the local stack, and drains it.
func (c *collectCmd) runLocally(ctx context.Context, e *env, r *collecting.Runner, q collecting.Request) (s producers.Summary, err error) {
	t, err := openTarget(ctx, e, c.Data, 0)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	watched, cancel := t.session.Watch(ctx)
	defer cancel()
	r.Queue, r.DeadLetter = t.queue, noting{t.dlq, t.failed}
	err = t.draining(watched, func(ctx context.Context) error {
		var err error
		s, err = r.Run(ctx, q)
		return err
	})
	if err != nil {
		if cause := context.Cause(watched); errors.Is(cause, stack.ErrGone) {
			return s, cause
		}
		return s, err
	}
	if err := printRun(e, s, c.JSON); err != nil {
		return s, err
	}
	return s, t.serveOthers(ctx, e)
}

func listSources(e *env) error {
	all, err := registry.All()
	if err != nil {
		return err
	}
	t := cli.NewTable(e.Streams, "source", "what", "every", "lookback", "read by")
	for _, s := range all {
		by := "account and region"
		switch {
		case !s.IsAWS():
			by = "what its settings name"
		case s.Global:
			by = "account, or all at once"
		}
		lookback := ""
		if s.Lookback > 0 {
			lookback = s.Lookback.String()
		}
		t.Row(s.Name, s.Description, s.Period.String(), lookback, by)
	}
	return t.Flush()
}

// sourceNames are the sources that a shell completes.
func sourceNames() []string {
	all, err := registry.All()
	if err != nil {
		return nil // the command that needs one reports it
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	return names
}
