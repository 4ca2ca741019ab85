package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/consumer"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/stack"
	"polo/producers"
	"polo/producers/cur"
	"polo/producers/tree"
)

type ingestCmd struct {
	Input   string `required:"" help:"A file, a folder (read to its depth), or an s3://bucket/prefix URL." placeholder:"PATH"`
	Source  string `enum:"auto,cloudtrail,cur,recorded" default:"auto" help:"What the files are: ${enum}. auto tells each by its content and name."`
	Account string `help:"The account that recorded answers of APIs are from, where they do not say so." placeholder:"ID"`
	Region  string `help:"The region that they are from." placeholder:"REGION"`
	At      string `help:"When recorded answers were given, where they do not say so: 2026-03-01T10:00:00Z or 2026-03-01." placeholder:"TIME"`
	Partial bool   `help:"Bills without a manifest are not whole: each counts, flagged as partial, only where no whole delivery of it is known."`
	Memory  memory `default:"512MiB" help:"The most memory that this process takes, ClickHouse's not counted: ${default}, at least 448MiB." placeholder:"SIZE"`
	Data    string `default:".polo" help:"The data directory." placeholder:"DIR"`
	JSON    bool   `help:"Print the summary as JSON."`
}

// Help tells what the flags do not.
func (*ingestCmd) Help() string {
	return `Reads CloudTrail log files (and EventBridge events, LookupEvents pages), bills (CUR, CUR 2.0, FOCUS; CSV or
Parquet, with or without a manifest) and recorded answers of AWS's APIs, whose names tell the call
(ec2.DescribeInstances_1.json, ce.get-cost-and-usage_1.json). Safe to repeat.`
}

// Validate refuses an empty data directory, what is no time, account or region, and too little
// memory.
func (c *ingestCmd) Validate() error {
	_, err := c.at()
	if c.Memory < leastMemory {
		err = errors.Join(err, fmt.Errorf("--memory %d is bytes, and less than %dMiB", c.Memory, leastMemory>>20))
	}
	if c.Account != "" && !isAccount(c.Account) {
		err = errors.Join(err, fmt.Errorf("--account %q is no AWS account's id, of 12 digits", c.Account))
	}
	if c.Region != "" && !isRegion(c.Region) {
		err = errors.Join(err, fmt.Errorf("--region %q is no region of AWS such as eu-west-1", c.Region))
	}
	return errors.Join(dataDir(c.Data).valid(), err)
}

func isAccount(s string) bool { return regexp.MustCompile(`^[0-9]{12}$`).MatchString(s) }

func isRegion(s string) bool {
	return regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`).MatchString(s)
}

// at is --at, zero where it is not given.
func (c *ingestCmd) at() (time.Time, error) {
	if c.At == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, c.At); err == nil && at.Year() >= 1971 && at.Year() <= 2200 {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q is no time of the years 1971 to 2200 such as 2026-03-01T10:00:00Z", c.At)
}

// ingestSummary is what one run did.
type ingestSummary struct {
	// Read counts source records, those that failed included; Published the
	// events made of them; Messages the queue messages that carried those.
	Read      int64 `json:"read"`
	Published int64 `json:"published"`
	Messages  int64 `json:"messages"`
	// Inserted counts the events that are new in resource_events; Duplicates
	// those that were there before, or came twice.
	Inserted   int64 `json:"inserted"`
	Duplicates int64 `json:"duplicates"`
	// Failed counts records and events that could not be brought in, Reasons by why; DLQ
	// those of them that the dead-letter queue acknowledged, in a letter each or in one that
	// tells of many.
	Failed  int64   `json:"failed"`
	DLQ     int64   `json:"dlq"`
	Seconds float64 `json:"seconds"`

	Files int `json:"files"`
	// Kinds counts the files of each kind.
	Kinds map[string]int `json:"kinds,omitempty"`
	// Skipped counts the files that were passed over, and SkippedFiles names each with why.
	Skipped      int      `json:"skipped"`
	SkippedFiles []string `json:"skipped_files,omitempty"`
	// LeftOut is what became no event and is no failure, by kind: those files, and what is
	// in others.
	LeftOut []leftOut `json:"left_out,omitempty"`
	// Undated counts the recorded answers of which neither they nor --at tell when they
	// were given: their events are of the year 2000.
	Undated int `json:"undated,omitempty"`
	// Bills are the bills that were read, and Sums what they come to.
	Bills []cur.BillSummary `json:"bills,omitempty"`
	Sums  []cur.Sum         `json:"sums,omitempty"`
	// CostViews are lines of Cost Explorer's answers that tell money which other lines
	// tell; CostUncounted are those of them of a time that no others tell by days.
	CostViews     int `json:"cost_views,omitempty"`
	CostUncounted int `json:"cost_uncounted,omitempty"`
	// UnknownColumns are those of bills that Polo knows no meaning of; each is a property.
	UnknownColumns map[string]cur.UnknownColumn `json:"unknown_columns,omitempty"`
	Reasons        map[string]int               `json:"reasons,omitempty"`
	// Failures are a few of those that failed, and what to do about them.
	Failures *failures      `json:"failures,omitempty"`
	Resolved map[string]int `json:"arn_resolution,omitempty"`

	// unread are the files and folders whose content is not known: the input is not whole.
	unread []string

	// letters counts those that this process's publishers sent.
	letters int64
}

// Run ingests.
func (c *ingestCmd) Run(ctx context.Context, e *env) (err error) {
	started := time.Now()
	c.Memory.limit()
	target, err := c.open(ctx, e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.close()) }()
	watched, cancel := target.session.Watch(ctx)
	defer cancel()
	sum, err := c.ingest(watched, e, target)
	if err != nil {
		if cause := context.Cause(watched); errors.Is(cause, stack.ErrGone) {
			return cause
		}
		return err
	}
	sum.Seconds = float64(time.Since(started).Milliseconds()) / 1000
	sum.Failures = target.failed.summary(dataDir(c.Data), sum.DLQ, target.session.Own == nil)
	if err := sum.print(e, c.JSON, c.Data); err != nil {
		return err
	}
	reconciled := reconcile(ctx, target.reader, sum.Bills)
	if err := target.serveOthers(ctx, e); err != nil {
		return err
	}
	return errors.Join(sum.unreadable(), reconciled)
}

// target is the stack that is ingested into: one of our own, or another
// process's that runs on the same data directory.
type target struct {
	session    *stack.Session
	queue, dlq *sqs.Queue
	reader     driver.Conn
	drain      *consumer.Drain // nil where the other process drains
	failed     *failed
	closers    []func() error
}

// serveOthers drains for the commands that joined while this one ran, until the
// last of them has ended.
func (t *target) serveOthers(ctx context.Context, e *env) error {
	if t.session.Own == nil {
		return nil
	}
	drain, closeSink, err := t.session.Own.Consumer(e.log)
	if err != nil {
		return err
	}
	drainCtx, stop := context.WithCancel(ctx)
	drained := make(chan error, 1)
	started := false
	err = t.session.AwaitOthers(ctx, func() {
		started = true
		_, _ = fmt.Fprintln(e.stderr, "polo: done; another command uses the stack and is served until it ends (Ctrl-C ends both)")
		go func() { drained <- drain.Run(drainCtx) }()
	})
	stop()
	if started {
		err = errors.Join(err, <-drained)
	}
	return errors.Join(err, closeSink())
}

func (t *target) close() error {
	var errs []error
	for _, c := range slices.Backward(t.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

func (c *ingestCmd) open(ctx context.Context, e *env) (_ *target, err error) {
	t := &target{failed: &failed{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	s, err := stack.Open(ctx, stack.Options{Dir: c.Data, Command: "polo ingest", Drains: true, Portion: c.Memory.portion(), Logger: e.log})
	if err != nil {
		return nil, err
	}
	t.session = s
	t.closers = append(t.closers, s.Close)
	if s.Own == nil {
		t.queue, t.dlq = s.Endpoints.Queues()
	} else {
		t.queue, t.dlq = s.Own.Queue, s.Own.DLQ
		drain, closeSink, err := s.Own.ConsumerTo(noting{t.dlq, t.failed}, e.log)
		if err != nil {
			return nil, err
		}
		t.closers = append(t.closers, closeSink)
		t.drain = drain
	}
	if t.reader, err = connectReader(s.Endpoints); err != nil {
		return nil, err
	}
	t.closers = append(t.closers, t.reader.Close)
	return t, nil
}

func connectReader(e stack.Endpoints) (driver.Conn, error) {
	return stack.Connect(e.ClickHouseTCP, chdb.Database, e.Users.Reader)
}

// ingest collects, publishes and drains at the same time, and returns when the
// queue is empty.
func (c *ingestCmd) ingest(ctx context.Context, e *env, t *target) (ingestSummary, error) {
	before, err := countEvents(ctx, t.reader)
	if err != nil {
		return ingestSummary{}, err
	}
	lettersBefore, err := countLetters(ctx, t.dlq)
	if err != nil {
		return ingestSummary{}, err
	}
	// The drain works until it is told to stop, and finishes what it holds.
	drainCtx, stopDrain := context.WithCancel(ctx)
	drained := make(chan error, 1)
	go func() {
		if t.drain == nil {
			drained <- nil
			return
		}
		drained <- t.drain.Run(drainCtx)
		stopDrain()
	}()
	progress := newProgress(e)
	defer progress.stop()
	sum, publishErr := c.publish(drainCtx, e, t, progress)
	if t.drain != nil {
		t.drain.StopLingering()
	}
	if publishErr == nil {
		publishErr = stack.AwaitEmpty(drainCtx, t.queue, 20*time.Millisecond, nil)
	}
	stopDrain()
	if err := errors.Join(<-drained, publishErr); err != nil {
		return sum, err
	}
	progress.stop()
	after, err := countEvents(ctx, t.reader)
	if err != nil {
		return sum, err
	}
	taken := sum.Published
	if t.drain != nil {
		// An earlier run that was cut short may have left messages: they are
		// drained here, too, and counted.
		totals := t.drain.Totals()
		taken = totals.Inserted + totals.Duplicates
		sum.fail(totals.Failed)
		if taken < sum.Published && totals.DeadLettered == 0 {
			return sum, exitError{exitIncomplete, fmt.Errorf("%d events were published and only %d acknowledged, though the queue is empty", sum.Published, taken)}
		}
	}
	if t.drain == nil {
		// The other process drains: what failed there is only seen in its queue.
		letters, err := countLetters(ctx, t.dlq)
		if err != nil {
			return sum, err
		}
		failed := max(letters-lettersBefore-sum.letters, 0)
		sum.fail(map[queue.Reason]int64{reasonElsewhere: failed})
		taken -= failed
	}
	// Another command on the same stack may have brought in some of these.
	sum.Inserted = min(after-before, taken)
	sum.Duplicates = max(taken-sum.Inserted, 0)
	return sum, nil
}

// reasonElsewhere is that of letters which another process sent, while this one published to
// its stack.
const reasonElsewhere queue.Reason = "sent_by_another_process"

// fail counts failures that the dead-letter queue acknowledged.
func (s *ingestSummary) fail(reasons map[queue.Reason]int64) {
	for reason, n := range reasons {
		if n > 0 {
			s.Reasons[string(reason)] += int(n)
			s.Failed, s.DLQ = s.Failed+n, s.DLQ+n
		}
	}
}

// countLetters is how many failures the dead-letter queue holds.
func countLetters(ctx context.Context, dlq *sqs.Queue) (int64, error) {
	stats, err := dlq.Stats(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting failures: %w", err)
	}
	return int64(stats.Visible + stats.InFlight + stats.Delayed), nil
}

// publish reads the input and sends what it makes to the queue.
func (c *ingestCmd) publish(ctx context.Context, e *env, t *target, progress *progress) (ingestSummary, error) {
	in, err := c.sort(ctx)
	if err != nil {
		return ingestSummary{}, err
	}
	sum := newIngestSummary()
	for _, s := range in.strays {
		sum.skip(s.name, s.why, s.do)
		if s.unread {
			sum.unread = append(sum.unread, s.name+" ("+s.why+")")
		}
	}
	for _, k := range kinds() {
		if len(in.names[k.name]) == 0 {
			continue
		}
		if err := c.publishKind(ctx, e, t, in, k, &sum, progress); err != nil {
			return sum, errors.Join(err, in.tree.Close())
		}
	}
	sum.order()
	if err := in.tree.Close(); err != nil {
		return sum, fmt.Errorf("closing input: %w", err)
	}
	return sum, sum.empty(c.Input)
}

// empty is the error of an input in which nothing could be read.
func (s ingestSummary) empty(input string) error {
	if s.Files > 0 || s.Failed > 0 {
		return nil
	}
	shown := s.SkippedFiles[:min(len(s.SkippedFiles), maxExamples)]
	return fmt.Errorf("%w: nothing in %s can be read; passed over: %d files, such as %s; give CloudTrail logs, bills (CSV or Parquet) or recorded answers",
		tree.ErrNoInput, input, s.Skipped, strings.Join(shown, ", "))
}

// publishKind reads the files of one kind.
func (c *ingestCmd) publishKind(ctx context.Context, e *env, t *target, in *sorted, k kind, sum *ingestSummary, progress *progress) error {
	publisher, err := producers.NewPublisher(producers.PublisherConfig{
		Source: k.source, Queue: t.queue, DeadLetter: noting{t.dlq, t.failed}, Senders: 2,
		Retry: queue.Retry{}, Logger: e.log,
	})
	if err != nil {
		return err
	}
	err = k.collect(c, ctx, in, publisher, sum, progress)
	if errors.Is(err, tree.ErrNoInput) {
		err = nil // a kind of which nothing can be read keeps nobody from the others
	}
	if err == nil {
		err = publisher.Flush(ctx)
	}
	err = errors.Join(err, publisher.Close())
	stats := publisher.Stats()
	sum.Published, sum.Messages = sum.Published+stats.Published, sum.Messages+stats.Messages
	sum.fail(stats.Reasons)
	sum.letters += stats.Failed
	sum.Kinds[k.name] = len(in.names[k.name])
	return err
}

func countEvents(ctx context.Context, conn driver.Conn) (int64, error) {
	var n uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM resource_events FINAL").Scan(&n); err != nil {
		return 0, fmt.Errorf("counting events: %w", err)
	}
	return int64(n), nil
}

func (s ingestSummary) print(e *env, asJSON bool, data string) error {
	if asJSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	t := newTable(e.stdout, "", "count")
	for _, r := range []struct {
		name string
		n    int64
	}{
		{"files read", int64(s.Files)},
		{"files passed over", int64(s.Skipped)},
		{"records read", s.Read},
		{"events published", s.Published},
		{"queue messages", s.Messages},
		{"events new in ClickHouse", s.Inserted},
		{"events there already", s.Duplicates},
		{"failures in the dead-letter queue", s.DLQ},
	} {
		t.row(r.name, fmt.Sprint(r.n))
	}
	if err := t.flush(); err != nil {
		return err
	}
	if err := s.printBills(e); err != nil {
		return err
	}
	if err := s.printLeftOut(e); err != nil {
		return err
	}
	for _, reason := range sortedKeys(s.Reasons) {
		if _, err := fmt.Fprintf(e.stdout, "failed as %s: %d\n", reason, s.Reasons[reason]); err != nil {
			return err
		}
	}
	if s.Failures != nil {
		if err := s.Failures.print(e); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(e.stdout, "%.1f s. Ask it anything: %s sql --data %s \"SELECT event_type, count() FROM resource_events GROUP BY 1\"\n",
		s.Seconds, commandOf("polo"), quoteArg(data))
	return err
}
