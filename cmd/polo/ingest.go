package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"polo/envelope"
	"polo/internal/cli"
	"polo/local/stack"
	"polo/producers/datadog"
	"polo/producers/exchange"
)

type ingestCmd struct {
	Paths   []string `arg:"" optional:"" name:"path" help:"Files, folders (read recursively), or s3://bucket/prefix URLs." predictor:"file"`
	Input   []string `sep:"none" help:"The same as PATH." placeholder:"PATH" predictor:"file"`
	Source  string   `enum:"auto,cloudtrail,cur,recorded,exchange" default:"auto" help:"The kind of the files: ${enum}. auto detects each by its content and name."`
	Account []string `help:"The account of recorded API answers that do not name one, of another platform than AWS after its name: datadog:PUBLIC_ID. At most one of each platform." placeholder:"ID"`
	Region  string   `help:"The region of recorded API answers that do not name one." placeholder:"REGION"`
	At      string   `help:"The time of recorded API answers without one: 2026-03-01T10:00:00Z or 2026-03-01." placeholder:"TIME"`
	Partial bool     `help:"Bills without a manifest are not whole: each counts, flagged as partial, only if no whole delivery of it is known."`
	Memory  memory   `default:"512MiB" help:"The memory limit of this process, without ClickHouse: ${default}, at least 448MiB." placeholder:"SIZE"`
	Data    string   `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory." placeholder:"DIR"`
	JSON    bool     `help:"Print the summary as JSON."`

	// readers read recorded exchanges; nil means those of the registry.
	readers []exchange.Reader
}

// Help explains more than the flags do.
func (*ingestCmd) Help() string {
	return `Reads CloudTrail log files (and EventBridge events, LookupEvents pages), bills (CUR, CUR 2.0, FOCUS; CSV or
Parquet, with or without a manifest) and recorded answers of AWS's APIs, named after the call
(ec2.DescribeInstances_1.json, ce.get-cost-and-usage_1.json). Of other platforms it reads recorded requests and their answers
(go-vcr's, VCR's and nock's as JSON, HAR), answers alone, and deliveries of webhooks, whatever their name. Safe to repeat, and to interrupt.

Examples:

  polo ingest AWSLogs/
  polo ingest s3://my-trail/AWSLogs/ bills/ --data /var/lib/polo
  polo ingest answers/ --account 123456789012 --region eu-west-1 --at 2026-03-01
  polo ingest cassettes/ deliveries.ndjson
  polo ingest bills/ --json | jq .sums`
}

// Validate refuses an empty data directory, an invalid time, account or region, and too little
// memory.
func (c *ingestCmd) Validate() error {
	_, err := c.at()
	if c.Memory < leastMemory {
		err = errors.Join(err, fmt.Errorf("--memory %d is bytes, and less than %dMiB", c.Memory, leastMemory>>20))
	}
	_, faults := c.accounts()
	err = errors.Join(err, faults)
	if c.Region != "" && !isRegion(c.Region) {
		err = errors.Join(err, fmt.Errorf("--region %q is no region of AWS such as eu-west-1", c.Region))
	}
	return errors.Join(dataDir(c.Data).valid(), err)
}

// accounts returns the accounts of --account by platform.
func (c *ingestCmd) accounts() (map[string]string, error) {
	all := map[string]string{}
	var faults []error
	for _, text := range c.Account {
		platform, id := accountOf(text)
		platform = cmp.Or(platform, envelope.PlatformAWS)
		switch {
		case platform == envelope.PlatformAWS && !isAccount(id):
			faults = append(faults, fmt.Errorf("--account %q is no AWS account's id, of 12 digits, and names no other platform (datadog:PUBLIC_ID)", text))
		case platform != envelope.PlatformAWS && platform != envelope.PlatformDatadog:
			faults = append(faults, fmt.Errorf("--account %q: answers of %s name their account", text, platform))
		case platform == envelope.PlatformDatadog && !datadog.IsPublicID(id):
			faults = append(faults, fmt.Errorf("--account %q is no public id of an organisation, of lower-case letters and digits", text))
		case all[platform] != "":
			faults = append(faults, fmt.Errorf("--account names two accounts of %s", platform))
		}
		all[platform] = id
	}
	return all, errors.Join(faults...)
}

// inputs returns the inputs, in order.
func (c *ingestCmd) inputs() []string { return append(c.Paths[:len(c.Paths):len(c.Paths)], c.Input...) }

// Run ingests.
func (c *ingestCmd) Run(ctx context.Context, e *env) (err error) {
	if len(c.inputs()) == 0 {
		return cli.Usage("no input: name a file, a folder or s3://bucket/prefix (polo ingest PATH, or --input PATH)")
	}
	if _, err := identity(); err != nil {
		return cli.Error{Code: cli.ExitUsage, Err: err}
	}
	started := time.Now()
	c.Memory.limit() //mutant:memory-unlimited
	target, err := openTarget(ctx, e, c.Data, c.Memory.portion())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.close()) }()
	watched, cancel := target.session.Watch(ctx)
	defer cancel()
	sum, ended := c.ingest(watched, e, target)
	if ended != nil && !sum.Interrupted { //mutant:interrupt-tells-nothing
		if cause := context.Cause(watched); errors.Is(cause, stack.ErrGone) {
			return cause
		}
		return ended
	}
	sum.Seconds = float64(time.Since(started).Milliseconds()) / 1000
	sum.damaged = target.failed.damaged
	sum.Failures = target.failed.summary(dataDir(c.Data), sum.DLQ, target.session.Own == nil)
	if ended == nil {
		if sum.Replaced, err = replacedBy(ctx, target.reader, sum.Bills); err != nil {
			return err
		}
	}
	if err := sum.print(e, c.JSON, c.Data); err != nil {
		return err
	}
	if ended != nil {
		return ended
	}
	reconciled := reconcile(ctx, target.reader, sum.Bills)
	if err := target.serveOthers(ctx, e); err != nil {
		return err
	}
	return errors.Join(sum.unreadable(), reconciled, sum.unaccounted())
}

// ingest collects, publishes and drains at the same time, and returns when the queue is empty.
// After an interrupt, it returns the summary so far with the error.
func (c *ingestCmd) ingest(ctx context.Context, e *env, t *target) (ingestSummary, error) {
	sum := newIngestSummary()
	before, err := t.count(ctx)
	if err != nil {
		return sum, err
	}
	progress := cli.NewProgress(e.Streams)
	defer progress.Stop()
	in := &reading{}
	progress.Every(in.line)
	err = t.draining(ctx, func(ctx context.Context) error { return c.publish(ctx, e, t, in, &sum) })
	progress.Stop()
	if sum.Interrupted = errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), context.Canceled); err != nil && !sum.Interrupted {
		return sum, err
	}
	// What was done before an interrupt is still counted. A deadline of the context would be sent
	// as a setting, which the reader may not change.
	counting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer time.AfterFunc(countTimeout, cancel).Stop()
	after, countErr := t.count(counting)
	if countErr == nil {
		countErr = sum.countOutcome(t, before, after)
	}
	return sum, errors.Join(err, countErr)
}

// countTimeout bounds the queries for a summary.
const countTimeout = time.Minute
