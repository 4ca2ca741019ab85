package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/google/uuid"

	"polo/alerts"
	"polo/alerts/journal"
	"polo/alerts/store"
	"polo/internal/cli"
	"polo/internal/pattern"
	"polo/internal/queue/sqs"
	catalogue "polo/schema/alerts"
	"polo/schema/queries"
)

type alertsCmd struct {
	List      alertsListCmd      `cmd:"" default:"withargs" help:"List the alerts and what they find, or explain one."`
	Test      alertsTestCmd      `cmd:"" help:"Ask what an alert finds now. Nothing is sent, no state changes."`
	History   alertsHistoryCmd   `cmd:"" help:"Show what an alert's states were."`
	Silence   alertsSilenceCmd   `cmd:"" help:"Send nothing about some alerts for a time."`
	Unsilence alertsUnsilenceCmd `cmd:"" help:"End a silence."`
}

// alertNames are the ids of all alerts.
func alertNames() []string {
	var out []string
	for _, a := range catalogue.All() {
		out = append(out, a.ID)
	}
	return out
}

// knownAlert returns an alert; an unknown one is an error of usage.
func knownAlert(id string) (catalogue.Alert, error) {
	a, err := catalogue.Named(id)
	if err != nil {
		return a, cli.Usage("%w (polo alerts names them all)", err)
	}
	return a, nil
}

type alertsListCmd struct {
	Explain string `help:"Print what this alert finds, when it fires, its parameters, and its SQL." placeholder:"ALERT" predictor:"alert"`
}

// Help explains more than the flags do.
func (*alertsListCmd) Help() string {
	return `What is wrong now: polo query alerts. docs/ALERTS.md describes states, channels and routes, docs/ALERTS_CATALOGUE.md the alerts.

Examples:

  polo alerts
  polo alerts --explain untagged_spend
  polo alerts test untagged_spend --param percent=10
  polo alerts silence stale_source --label source=aws.cur --for 4h --reason 'the export is late' --author ada`
}

// Run prints the alerts, or one.
func (c *alertsListCmd) Run(e *env) error {
	if c.Explain != "" {
		a, err := knownAlert(c.Explain)
		if err != nil {
			return err
		}
		_, err = io.WriteString(e.Stdout, explainAlert(a))
		return err
	}
	t := cli.NewTable(e.Streams, "alert", "severity", "for", "repeat", "title")
	for _, a := range catalogue.All() {
		t.Row(a.ID, a.Severity, fmt.Sprint(max(1, a.For)), brief(a.Repeat), a.Title)
	}
	return t.Flush()
}

// brief writes a duration without its empty parts.
func brief(d time.Duration) string {
	text := strings.TrimSuffix(d.String(), "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// explainAlert describes an alert.
func explainAlert(a catalogue.Alert) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s)\n\n%s\n\nFIRES\n\n  when %d evaluations in a row find it; resolved when it is gone, and for %d more\n", a.ID, a.Title, a.Severity, a.Text, max(1, a.For), a.KeepFiring)
	fmt.Fprintf(&b, "  told together: what is equal in %s\n  reminder every %s\n", strings.Join(a.GroupBy, ", "), brief(a.Repeat))
	if a.NoData {
		b.WriteString("  also tells when there is nothing to judge\n")
	}
	b.WriteString("\nPARAMETERS\n\n")
	describeParams(&b, a.Params)
	b.WriteString("\nLABELS AND VALUES\n\n")
	describeColumns(&b, slices.Concat(a.Labels, a.Values), false)
	fmt.Fprintf(&b, "\nSQL\n\n%s\n", a.SQL)
	return b.String()
}

type alertsTestCmd struct {
	Name   string   `arg:"" help:"The alert." predictor:"alert"`
	Param  []string `short:"p" sep:"none" help:"A parameter's value (repeatable)." placeholder:"NAME=VALUE"`
	Format string   `enum:"table,json,csv" default:"table" help:"How to print: ${enum}."`
	reader
}

// Help explains more than the flags do.
func (*alertsTestCmd) Help() string {
	return `A row is a thing that is wrong; verdict says unknown where what it rests on was not read to its end. One without a row is resolved.

Examples:

  polo alerts test stale_source
  polo alerts test untagged_spend --param percent=10 --format json`
}

// Run evaluates the alert once.
func (c *alertsTestCmd) Run(ctx context.Context, e *env) error {
	a, err := knownAlert(c.Name)
	if err != nil {
		return err
	}
	values, err := pairs(c.Param)
	if err != nil {
		return err
	}
	bound, err := a.Bind(values, time.Now())
	if err != nil {
		return cli.Usage("%w", err)
	}
	return c.connected(ctx, e, "polo alerts test", func(conn driver.Conn) error {
		if a.Data != "" {
			some, err := store.New(conn, time.Now).HasData(ctx, a.Data)
			if err != nil {
				return err
			}
			if !some {
				_, err := fmt.Fprintln(e.Stderr, "polo: there is nothing to judge: neither fires nor resolves")
				return err
			}
		}
		answer, err := bound.Run(ctx, conn)
		if err != nil {
			return err
		}
		if len(answer.Rows) == 0 && c.Format == "table" {
			_, err := fmt.Fprintln(e.Stdout, "nothing is wrong")
			return err
		}
		return printAnswer(e, c.Format, answer)
	})
}

type alertsHistoryCmd struct {
	Name   string `arg:"" optional:"" help:"The alert; all without it." predictor:"alert"`
	Limit  int    `default:"100" help:"The most changes to show."`
	Format string `enum:"table,json,csv" default:"table" help:"How to print: ${enum}."`
	reader
}

// Help explains more than the flags do.
func (*alertsHistoryCmd) Help() string {
	return `Examples:

  polo alerts history
  polo alerts history stale_source --limit 20`
}

// Run prints the changes of state, the latest first.
func (c *alertsHistoryCmd) Run(ctx context.Context, e *env) error {
	q, err := queries.Named("alert_history")
	if err != nil {
		return err
	}
	values := map[string]string{"limit": fmt.Sprint(c.Limit)}
	if c.Name != "" {
		if _, err := knownAlert(c.Name); err != nil {
			return err
		}
		values["alert"] = c.Name
	}
	return c.query(ctx, e, "polo alerts history", c.Format, q, values)
}

// published is where a command's events go.
type published struct {
	Data  string `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory, if no --queue is given." placeholder:"DIR"`
	Queue string `env:"POLO_QUEUE" help:"Polo's queue on AWS." placeholder:"URL"`
	DLQ   string `env:"POLO_DLQ" name:"dlq" help:"The dead-letter queue beside --queue." placeholder:"URL"`
}

// publish publishes a silence, and waits until it is stored where this machine has the stack.
func (p published) publish(ctx context.Context, e *env, s alerts.Silence) (err error) {
	now := time.Now()
	if !now.After(s.Starts) { // another machine's clock: the later statement counts
		now = s.Starts.Add(time.Millisecond)
	}
	event, err := s.Event(now)
	if err != nil {
		return cli.Usage("%w", err)
	}
	if p.Queue != "" {
		if p.DLQ == "" {
			return cli.Usage("--queue needs --dlq")
		}
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return fmt.Errorf("loading the AWS configuration: %w", err)
		}
		main, dlq, err := sqs.OpenBoth(ctx, cfg, p.Queue, p.DLQ)
		if err != nil {
			return err
		}
		return journal.New(main, dlq, e.log).Publish(ctx, event)
	}
	if err := dataDir(p.Data).mustHold(); err != nil {
		return err
	}
	t, err := openTarget(ctx, e, p.Data, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	watched, cancel := t.session.Watch(ctx)
	defer cancel()
	return t.draining(watched, func(ctx context.Context) error { return journal.New(t.queue, t.dlq, e.log).Publish(ctx, event) })
}

type alertsSilenceCmd struct {
	Alert  string        `arg:"" help:"The alerts; * stands for any text." predictor:"alert"`
	Label  []string      `sep:"none" help:"Only those with this label (repeatable); * stands for any text." placeholder:"NAME=PATTERN"`
	For    time.Duration `required:"" help:"For how long: 4h, 90m, at most 720h." placeholder:"DURATION"`
	Reason string        `required:"" help:"Why." placeholder:"TEXT"`
	Author string        `required:"" help:"Who silences them." placeholder:"NAME"`
	published
}

// Help explains more than the flags do.
func (*alertsSilenceCmd) Help() string {
	return `States go on changing, and the dashboard shows them. What still fires when the silence ends is told then.

Examples:

  polo alerts silence stale_source --label source=aws.cur --for 4h --reason 'the export is late' --author ada
  polo alerts silence '*' --label account_id=123456789012 --for 2h --reason maintenance --author ada --queue "$POLO_QUEUE" --dlq "$POLO_DLQ"`
}

// longestSilence bounds a silence: nobody remembers one for ever.
const longestSilence = 30 * 24 * time.Hour

// Validate refuses a silence that silences nothing, or for ever.
func (c *alertsSilenceCmd) Validate() error {
	faults := []error{metaText("--reason", c.Reason), metaText("--author", c.Author)}
	if c.For < time.Minute || c.For > longestSilence {
		faults = append(faults, fmt.Errorf("--for %s: not from 1m to %s", c.For, longestSilence))
	}
	if !strings.Contains(c.Alert, "*") {
		_, err := knownAlert(c.Alert)
		faults = append(faults, err)
	} else if !slices.ContainsFunc(alertNames(), func(id string) bool { return pattern.Matches(c.Alert, id) }) {
		faults = append(faults, fmt.Errorf("no alert is called %s", c.Alert))
	}
	return errors.Join(faults...)
}

// Run publishes the silence.
func (c *alertsSilenceCmd) Run(ctx context.Context, e *env) error {
	labels, err := pairs(c.Label)
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	s := alerts.Silence{ID: uuid.NewString(), Alert: c.Alert, Labels: labels, Author: c.Author, Reason: c.Reason, Starts: now, Expires: now.Add(c.For)}
	if err := c.publish(ctx, e, s); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "silenced until %s; polo alerts unsilence %s ends it\n", s.Expires.Format(time.RFC3339), s.ID)
	return err
}

type alertsUnsilenceCmd struct {
	Silence string `arg:"" help:"The silence's id: polo query alert_silences lists them."`
	Author  string `required:"" help:"Who ends it." placeholder:"NAME"`
	reader
	Queue string `env:"POLO_QUEUE" help:"Polo's queue on AWS." placeholder:"URL"`
	DLQ   string `env:"POLO_DLQ" name:"dlq" help:"The dead-letter queue beside --queue." placeholder:"URL"`
}

// Help explains more than the flags do.
func (*alertsUnsilenceCmd) Help() string {
	return `Examples:

  polo alerts unsilence 0e4f7a3e-6d4c-4a63-9d0c-3f9a5b7d3c11 --author ada`
}

// Run publishes that the silence is revoked.
func (c *alertsUnsilenceCmd) Run(ctx context.Context, e *env) error {
	var found *alerts.Silence
	err := c.connected(ctx, e, "polo alerts unsilence", func(conn driver.Conn) error {
		all, err := store.New(conn, time.Now).Silences(ctx, time.Now())
		if i := slices.IndexFunc(all, func(s alerts.Silence) bool { return s.ID == c.Silence }); err == nil && i >= 0 {
			found = &all[i]
		}
		return err
	})
	if err != nil {
		return err
	}
	if found == nil {
		return cli.Usage("there is no silence %s that holds now (polo query alert_silences lists them)", c.Silence)
	}
	found.Revoked, found.By = true, c.Author
	return published{Data: c.Data, Queue: c.Queue, DLQ: c.DLQ}.publish(ctx, e, *found)
}
