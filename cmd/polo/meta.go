package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/envelope"
	"polo/internal/cli"
	"polo/local/chdb"
	"polo/schema/queries"
)

type metaCmd struct {
	Set  metaSetCmd  `cmd:"" help:"Say something of an account or a customer."`
	Load metaLoadCmd `cmd:"" help:"Say what a file says of accounts and customers."`
	Get  metaGetCmd  `cmd:"" help:"Show what is known of an account or a customer."`
	List metaListCmd `cmd:"" help:"List accounts or customers, and what is known of them."`
}

// metaFields are what can be said of each kind by hand: columns of account_metadata and
// customer_metadata.
func metaFields(kind string) []string {
	if kind == "account" {
		return []string{"name", "role", "email", "ou_path", "platform", "customer", "state"}
	}
	return []string{"name", "tier", "contact", "budget", "budget_currency"}
}

// inTags are the fields that are tags of a customer, and no columns.
func inTags(kind, field string) bool { return kind == "customer" && strings.HasPrefix(field, "budget") }

// metaQuery is the query that answers with a kind.
func metaQuery(kind string) string { return kind + "s" }

type metaSetCmd struct {
	Kind   string   `arg:"" enum:"account,customer" help:"What it is: ${enum}."`
	ID     string   `arg:"" help:"The account's id, of another platform than AWS after its name (github:acme), or the customer as tags name it."`
	Fields []string `arg:"" sep:"none" help:"What to say. Of an account: name, role, email, ou_path, platform, customer, state. Of a customer: name, tier, contact, budget (of a month), budget_currency (USD)." placeholder:"FIELD=VALUE"`
	server
}

// Help explains more than the flags do.
func (*metaSetCmd) Help() string {
	return `Queries see it at once, for all time: no event is rewritten. What is not said stays as it is. Of an account, of what is
said by hand and by collectors the latest counts, field by field; a field cannot be emptied, only said anew. On another
ClickHouse (--addr) the user needs INSERT and SELECT on polo.account_metadata, polo.customer_metadata and polo.accounts.

Examples:

  polo meta set account 012345678901 role=production
  polo meta set account 012345678901 name=web customer=acme
  polo meta set account github:acme role=production
  polo meta set customer acme tier=gold contact=ada@example.com
  polo meta set customer acme budget=1000 budget_currency=EUR`
}

// maxMeta bounds the length of an id or a value, in characters.
const maxMeta = 300

// Validate refuses unknown fields and values that cannot be kept.
func (c *metaSetCmd) Validate() error {
	_, err := c.fields()
	return errors.Join(err, idText(c.Kind, c.ID), c.valid())
}

// accountOf splits an account's id as people write it: "github:acme", or the id alone, which is of AWS. platform is empty
// of an id alone.
func accountOf(text string) (platform, id string) {
	if before, after, ok := strings.Cut(text, ":"); ok && slices.Contains(platforms(), before) {
		return before, after
	}
	return "", text
}

func platforms() []string {
	return []string{envelope.PlatformAWS, envelope.PlatformGitHub, envelope.PlatformCloudflare, envelope.PlatformDatadog}
}

// idText refuses what is no id of a kind, as people write it.
func idText(kind, text string) error {
	if kind == "account" {
		platform, id := accountOf(text)
		if platform == "" && strings.Contains(id, ":") {
			return fmt.Errorf("the id %q begins with no platform that is known: %s", id, strings.Join(platforms(), ", "))
		}
		text = id
	}
	return metaText("the id", text)
}

// fields returns the values to set, by field.
func (c *metaSetCmd) fields() (map[string]string, error) {
	known := metaFields(c.Kind)
	out, err := pairs(c.Fields)
	if err != nil {
		return nil, err
	}
	var faults []error
	if platform, _ := accountOf(c.ID); c.Kind == "account" && platform != "" {
		if said, ok := out["platform"]; ok && said != platform {
			faults = append(faults, fmt.Errorf("platform=%s contradicts the id %s", said, c.ID))
		}
		out["platform"] = platform
	}
	for _, name := range slices.Sorted(maps.Keys(out)) {
		value := out[name]
		switch {
		case !slices.Contains(known, name):
			faults = append(faults, fmt.Errorf("%s has no field %q: it has %s", c.Kind, name, strings.Join(known, ", ")))
		case value == "" && c.Kind == "account":
			faults = append(faults, fmt.Errorf("%s is empty: what was said of an account before would stand; say something else", name))
		case name == "budget" && value != "" && !amount.MatchString(value):
			faults = append(faults, fmt.Errorf("budget: %q is no amount such as 1000 or 99.50", value))
		case value != "":
			faults = append(faults, metaText(name, value))
		}
	}
	return out, errors.Join(faults...)
}

// amount matches a budget.
var amount = regexp.MustCompile(`^[0-9]{1,20}(\.[0-9]{1,9})?$`)

// metaText refuses a text that no person would write as an id or a value.
func metaText(what, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("%s is empty", what)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%s holds control characters, or is not UTF-8", what)
	case utf8.RuneCountInString(text) > maxMeta:
		return fmt.Errorf("%s is longer than %d characters", what, maxMeta)
	}
	return nil
}

// Run inserts what is said, and prints what is known then.
func (c *metaSetCmd) Run(ctx context.Context, e *env) error {
	fields, err := c.fields()
	if err != nil {
		return err
	}
	return c.connected(ctx, e, "polo meta set", func(u chdb.Users) chdb.User { return u.Migrator }, func(conn driver.Conn) error {
		if err := setMeta(ctx, conn, c.Kind, c.ID, fields); err != nil {
			return err
		}
		return showMeta(ctx, e, conn, c.Kind, c.ID, "table")
	})
}

// setMeta inserts a row. One of an account holds only what is said; one of a customer replaces the
// one before, so that it takes over what is not said.
func setMeta(ctx context.Context, conn driver.Conn, kind, id string, fields map[string]string) error {
	names, values := []string{}, []string{}
	if kind == "account" {
		_, id = accountOf(id)
	}
	parameters := clickhouse.Parameters{"id": queries.Escape(id)}
	tags := "any(m.tags)"
	for _, name := range metaFields(kind) {
		value, said := fields[name]
		switch {
		case said && inTags(kind, name):
			parameters[name] = queries.Escape(value)
			tags = fmt.Sprintf("mapUpdate(%s, map('%s', {%[2]s:String}))", tags, name)
		case inTags(kind, name):
		case said:
			parameters[name] = queries.Escape(value)
			names, values = append(names, name), append(values, "{"+name+":String}")
			if kind == "account" && name == "platform" { // so that accounts of two platforms with one id stay two
				names, values = append(names, "event_id"), append(values, "reinterpretAsUUID(sipHash128({id:String}, {platform:String}))")
			}
		case kind == "customer":
			names, values = append(names, name), append(values, "any(m."+name+")")
		}
	}
	sql := fmt.Sprintf("INSERT INTO polo.account_metadata (account_id, %s) SELECT {id:String}, %s", strings.Join(names, ", "), strings.Join(values, ", "))
	if kind == "customer" {
		sql = fmt.Sprintf("INSERT INTO polo.customer_metadata (customer, %s, tags) SELECT {id:String}, %s, %s FROM polo.customer_metadata AS m FINAL WHERE m.customer = {id:String}",
			strings.Join(names, ", "), strings.Join(values, ", "), tags)
	}
	if err := conn.Exec(clickhouse.Context(ctx, clickhouse.WithParameters(parameters)), sql); err != nil {
		return fmt.Errorf("setting %s %s: %w", kind, id, err)
	}
	return nil
}

// showMeta prints what is known of one account or customer.
func showMeta(ctx context.Context, e *env, conn driver.Conn, kind, id, format string) error {
	q, err := queries.Named(metaQuery(kind))
	if err != nil {
		return err
	}
	values := map[string]string{kind: id}
	if kind == "account" {
		values["platform"], values[kind] = accountOf(id)
	}
	answer, err := runNamed(ctx, conn, q, values)
	if err != nil {
		return err
	}
	if len(answer.Rows) == 0 {
		return fmt.Errorf("nothing is known of %s %q: polo meta list %[1]s names those that are known, polo meta set says something", kind, id)
	}
	return printAnswer(e, format, answer)
}

type metaGetCmd struct {
	Kind   string `arg:"" enum:"account,customer" help:"What it is: ${enum}."`
	ID     string `arg:"" help:"The account's id (github:acme), or the customer as tags name it."`
	Format string `enum:"table,json,csv" default:"table" help:"How to print: ${enum}."`
	reader
}

// Help gives examples.
func (*metaGetCmd) Help() string {
	return `The same as polo query accounts and polo query customers, for one.

Examples:

  polo meta get account 012345678901
  polo meta get customer acme --format json`
}

// Validate refuses an id that is none.
func (c *metaGetCmd) Validate() error { return errors.Join(idText(c.Kind, c.ID), c.valid()) }

// Run prints what is known.
func (c *metaGetCmd) Run(ctx context.Context, e *env) error {
	return c.connected(ctx, e, "polo meta get", func(conn driver.Conn) error { return showMeta(ctx, e, conn, c.Kind, c.ID, c.Format) })
}

type metaListCmd struct {
	Kind   string `arg:"" enum:"account,customer" help:"What to list: ${enum}."`
	Format string `enum:"table,json,csv" default:"table" help:"How to print: ${enum}."`
	reader
}

// Help gives examples.
func (*metaListCmd) Help() string {
	return `The same as polo query accounts and polo query customers, which also take a role or tier.

Examples:

  polo meta list account
  polo meta list customer --format csv >customers.csv`
}

// Validate refuses an empty data directory.
func (c *metaListCmd) Validate() error { return c.valid() }

// Run prints all of a kind.
func (c *metaListCmd) Run(ctx context.Context, e *env) error {
	q, err := queries.Named(metaQuery(c.Kind))
	if err != nil {
		return err
	}
	return c.query(ctx, e, "polo meta list", c.Format, q, map[string]string{"limit": fmt.Sprint(q.MaxRows)})
}

// runNamed binds a query's values and runs it.
func runNamed(ctx context.Context, conn driver.Conn, q queries.Query, values map[string]string) (queries.Answer, error) {
	bound, err := bind(q, values)
	if err != nil {
		return queries.Answer{}, err
	}
	return bound.Run(ctx, conn)
}

// bind validates values; they are the command line's.
func bind(q queries.Query, values map[string]string) (queries.Bound, error) {
	bound, err := q.Bind(values, time.Now())
	if err != nil {
		return bound, cli.Usage("%w\npolo query %s --explain shows its parameters", err, q.Name)
	}
	return bound, nil
}
