package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/internal/cli"
	"polo/local/chdb"
	"polo/schema/queries"
	"polo/schema/rules"
)

type rulesCmd struct {
	List     rulesListCmd     `cmd:"" default:"withargs" help:"List the rules, or explain one."`
	Exempt   rulesExemptCmd   `cmd:"" help:"Exempt resources from a rule until a day."`
	Unexempt rulesUnexemptCmd `cmd:"" help:"Take an exemption back."`
	Set      rulesSetCmd      `cmd:"" help:"Set a rule's parameters, or turn it off."`
}

// ruleNames are the ids of all rules.
func ruleNames() []string {
	var out []string
	for _, r := range rules.All() {
		out = append(out, r.ID)
	}
	return out
}

type rulesListCmd struct {
	Explain string `help:"Print what this rule judges, why it matters, what to do, its parameters, and its SQL." placeholder:"RULE" predictor:"rule"`
}

// Help explains more than the flags do.
func (*rulesListCmd) Help() string {
	return `What rules find: polo query rule_violations, and polo query rules for how many. docs/RULES.md describes all rules.

Examples:

  polo rules
  polo rules --explain sg_open_admin
  polo query rule_violations -p severity=critical,high`
}

// Run prints the rules, or one.
func (c *rulesListCmd) Run(e *env) error {
	if c.Explain == "" {
		return listRules(e.Stdout)
	}
	r, err := knownRule(c.Explain)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.Stdout, explainRule(r))
	return err
}

// knownRule returns a rule; an unknown one is an error of usage.
func knownRule(id string) (rules.Rule, error) {
	r, err := rules.Named(id)
	if err != nil {
		return r, cli.Usage("%w (polo rules names them all)", err)
	}
	return r, nil
}

// listRules prints the rules by group.
func listRules(out io.Writer) error {
	var b strings.Builder
	group := ""
	for _, r := range rules.All() {
		if r.Group != group {
			if group != "" {
				b.WriteString("\n")
			}
			group = r.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		fmt.Fprintf(&b, "  %-26s %-9s %s\n", r.ID, r.Severity, r.Title)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// explainRule describes a rule.
func explainRule(r rules.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s, %s, version %d)\n\n%s\n\nREMEDY\n\n  %s\n\nNEEDS\n\n", r.ID, r.Title, r.Group, r.Severity, r.Version, r.Why, r.Remedy)
	for _, line := range r.Judges() {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("\nPARAMETERS\n\n")
	describeParams(&b, r.Params)
	b.WriteString("  enabled Bool\n      Whether it judges\n      default true\n\nEVIDENCE\n\n")
	describeColumns(&b, r.Evidence, false)
	fmt.Fprintf(&b, "\nSQL\n\n%s\n", r.SQL)
	return b.String()
}

// exempted is what an exemption is of.
type exempted struct {
	Rule    string `arg:"" help:"The rule, or * for all." predictor:"rule"`
	ARN     string `name:"arn" help:"The resources; * stands for any text." placeholder:"PATTERN"`
	Account string `help:"The account." placeholder:"ID"`
	Author  string `required:"" help:"Who decides it." placeholder:"NAME"`
	server
}

func (x exempted) faults() error {
	faults := []error{metaText("--author", x.Author), x.valid()}
	if x.Rule != "*" {
		_, err := knownRule(x.Rule)
		faults = append(faults, err)
	}
	if x.ARN == "" && x.Account == "" {
		faults = append(faults, errors.New("nothing is exempt: --arn or --account says what; --arn '*' is everything"))
	}
	for name, text := range map[string]string{"--arn": x.ARN, "--account": x.Account} {
		if text != "" {
			faults = append(faults, metaText(name, text))
		}
	}
	return errors.Join(faults...)
}

// write inserts a row of rule_exemptions.
func (x exempted) write(ctx context.Context, e *env, command, reason string, until time.Time, revoked bool) error {
	const sql = "INSERT INTO polo.rule_exemptions (rule, account_id, pattern, reason, author, expires, revoked) SELECT {rule:String}, {account:String}, {pattern:String}, {reason:String}, {author:String}, parseDateTime64BestEffort({until:String}, 3, 'UTC'), {revoked:Bool}"
	return x.connected(ctx, e, command, func(u chdb.Users) chdb.User { return u.Migrator }, func(conn driver.Conn) error {
		parameters := clickhouse.Parameters{"revoked": fmt.Sprint(revoked)}
		for name, value := range map[string]string{
			"rule": x.Rule, "account": x.Account, "pattern": x.ARN, "reason": reason, "author": x.Author, "until": until.Format(time.RFC3339),
		} {
			parameters[name] = queries.Escape(value)
		}
		if err := conn.Exec(clickhouse.Context(ctx, clickhouse.WithParameters(parameters)), sql); err != nil {
			return fmt.Errorf("writing the exemption: %w", err)
		}
		return nil
	})
}

type rulesExemptCmd struct {
	exempted
	Reason string    `required:"" help:"Why." placeholder:"TEXT"`
	Until  time.Time `required:"" format:"2006-01-02" help:"The day on which it ends, UTC." placeholder:"YYYY-MM-DD"`
}

// Help gives examples.
func (*rulesExemptCmd) Help() string {
	return `An exempt violation stays in polo query rule_violations, with status exempt, the reason, the author and the day; after
the day it is open again. The same rule, --arn and --account replace what was said before. On another ClickHouse (--addr)
the user needs INSERT on polo.rule_exemptions.

Examples:

  polo rules exempt s3_policy_open --arn 'arn:aws:s3:::www-*' --reason "public site" --author ada --until 2027-06-30
  polo rules exempt '*' --account 000000000009 --reason sandbox --author ada --until 2027-01-31`
}

// Validate refuses an exemption of nothing, or of the past.
func (c *rulesExemptCmd) Validate() error {
	var past error
	if !c.Until.After(time.Now()) {
		past = errors.New("--until is over")
	}
	return errors.Join(c.faults(), metaText("--reason", c.Reason), past)
}

// Run writes the exemption.
func (c *rulesExemptCmd) Run(ctx context.Context, e *env) error {
	return c.write(ctx, e, "polo rules exempt", c.Reason, c.Until, false)
}

type rulesUnexemptCmd struct{ exempted }

// Validate refuses an exemption of nothing.
func (c *rulesUnexemptCmd) Validate() error { return c.faults() }

// Help gives an example.
func (*rulesUnexemptCmd) Help() string {
	return `The rule, --arn and --account are those of the exemption.

Examples:

  polo rules unexempt s3_policy_open --arn 'arn:aws:s3:::www-*' --author ada`
}

// Run writes that the exemption is no more.
func (c *rulesUnexemptCmd) Run(ctx context.Context, e *env) error {
	return c.write(ctx, e, "polo rules unexempt", "", time.Now(), true)
}

type rulesSetCmd struct {
	Rule   string   `arg:"" help:"The rule." predictor:"rule"`
	Values []string `arg:"" sep:"none" help:"Parameters and their values; an empty value is the rule's default. enabled=false turns the rule off." placeholder:"NAME=VALUE"`
	Author string   `required:"" help:"Who decides it." placeholder:"NAME"`
	server
}

// Help gives examples.
func (*rulesSetCmd) Help() string {
	return `The next answers of the rule heed it. On another ClickHouse (--addr) the user needs INSERT on polo.rule_settings.

Examples:

  polo rules set rds_backup_short days=14 --author ada
  polo rules set eni_unattached enabled=false --author ada
  polo rules set rds_backup_short days= --author ada`
}

// Validate checks the values against the rule's bounds.
func (c *rulesSetCmd) Validate() error {
	_, err := c.values()
	return errors.Join(err, metaText("--author", c.Author), c.valid())
}

// values returns the values to set, by parameter.
func (c *rulesSetCmd) values() (map[string]string, error) {
	r, err := knownRule(c.Rule)
	if err != nil {
		return nil, err
	}
	out, err := pairs(c.Values)
	if err != nil {
		return nil, err
	}
	return out, r.Settings(out)
}

// Run writes the values.
func (c *rulesSetCmd) Run(ctx context.Context, e *env) error {
	values, err := c.values()
	if err != nil {
		return err
	}
	return c.connected(ctx, e, "polo rules set", func(u chdb.Users) chdb.User { return u.Migrator }, func(conn driver.Conn) error {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			parameters := clickhouse.Parameters{"rule": queries.Escape(c.Rule), "name": queries.Escape(name), "value": queries.Escape(values[name]), "author": queries.Escape(c.Author)}
			if err := conn.Exec(clickhouse.Context(ctx, clickhouse.WithParameters(parameters)),
				"INSERT INTO polo.rule_settings (rule, parameter, value, author) SELECT {rule:String}, {name:String}, {value:String}, {author:String}"); err != nil {
				return fmt.Errorf("setting %s of %s: %w", name, c.Rule, err)
			}
		}
		return nil
	})
}
