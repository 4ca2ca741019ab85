package rules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"polo/schema/queries"
)

//go:embed *.sql
var files embed.FS

// Severities are the severities of rules, the worst first.
func Severities() []string { return []string{"critical", "high", "medium", "low"} }

// Groups are the groups of rules, in order.
func Groups() []string { return []string{"cost", "security", "reliability", "ownership"} }

// Rule is one rule.
type Rule struct {
	ID string
	// Version grows when the rule judges otherwise.
	Version  int
	Title    string
	Group    string
	Severity string
	// Why says what is wrong with a resource that violates the rule, Remedy what to do.
	Why, Remedy string
	// Types are the resource types that it judges; a rule about customers has none.
	Types []string
	// Needs are the properties without which it does not judge. Reads are those that a resource may
	// lack: what AWS does not state is then not there, if all that the rule needs was read.
	Needs, Reads []Property
	// Scans are the types that must have been read to their end since the resource was first seen,
	// because the rule rests on the absence of such resources.
	Scans  []string
	Params []queries.Param
	// Evidence are the columns of the SELECT that show what it found.
	Evidence []queries.Column
	// SQL is the rule's SELECT.
	SQL string

	// from is the view that it selects from, violated and evidence its expressions.
	from, violated string
	evidence       []expression
}

// Property is a property of a type, or of all types of a rule if Type is empty.
type Property struct{ Type, Name string }

type expression struct{ name, sql string }

// The views that rules may select from.
const (
	fromResources = "polo.rule_resources"
	fromCustomers = "polo.rule_customers"
)

// All returns every rule, by group and id.
func All() []Rule { return slices.Clone(catalogue()) }

// Named returns a rule.
func Named(id string) (Rule, error) {
	for _, r := range catalogue() {
		if r.ID == id {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("there is no rule %q", id)
}

// catalogue parses the embedded files. They are a part of the program: a fault in them is one of the
// program, which a test finds.
var catalogue = sync.OnceValue(func() []Rule {
	all, err := Load(files)
	if err != nil {
		panic(err)
	}
	return all
})

// Load parses the files of rules. It reports every fault.
func Load(files fs.FS) ([]Rule, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing the rules: %w", err)
	}
	var all []Rule
	var faults []error
	for _, name := range names {
		r, err := parse(files, name)
		faults = append(faults, err)
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Rule) int {
		if byGroup := slices.Index(Groups(), a.Group) - slices.Index(Groups(), b.Group); byGroup != 0 {
			return byGroup
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, errors.Join(faults...)
}

var (
	typeName     = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9-]+$`)
	propertyName = regexp.MustCompile(`^(?:([a-z0-9-]+:[A-Za-z0-9-]+) )?([a-z0-9_]+)$`)
)

func parse(files fs.FS, name string) (Rule, error) {
	var r Rule
	types := func(to *[]string) func(string) error {
		return func(value string) error {
			if *to = append(*to, value); !typeName.MatchString(value) {
				return fmt.Errorf("%q is no resource type", value)
			}
			return nil
		}
	}
	properties := func(to *[]Property) func(string) error {
		return func(value string) error {
			m := propertyName.FindStringSubmatch(value)
			if m == nil {
				return fmt.Errorf("%q is no property, or TYPE PROPERTY", value)
			}
			*to = append(*to, Property{Type: m[1], Name: m[2]})
			return nil
		}
	}
	q, err := queries.Parse(files, name, map[string]func(string) error{
		"version": func(value string) (err error) {
			r.Version, err = strconv.Atoi(value)
			return err
		},
		"group": queries.OneOf(&r.Group, Groups()...), "severity": queries.OneOf(&r.Severity, Severities()...),
		"remedy": queries.Joined(&r.Remedy), "type": types(&r.Types), "scan": types(&r.Scans), "need": properties(&r.Needs), "read": properties(&r.Reads),
	})
	r.ID, r.Title, r.Why, r.Params, r.Evidence, r.SQL = q.Name, q.Title, q.Text, q.Params, q.Columns, q.SQL
	faults := []error{err}
	if r.Version < 1 || r.Group == "" || r.Severity == "" || r.Remedy == "" {
		faults = append(faults, fmt.Errorf("%s: the header lacks version, group, severity or remedy", name))
	}
	if len(r.Types) >= manyTypes && slices.ContainsFunc(r.Needs, func(p Property) bool { return p.Type != "" }) {
		faults = append(faults, fmt.Errorf("%s: a rule of so many types needs the same of each", name))
	}
	if err := r.split(); err != nil {
		faults = append(faults, fmt.Errorf("%s: %w", name, err))
	}
	return r, errors.Join(faults...)
}

// Judges says what the rule judges, and what it needs for that.
func (r Rule) Judges() []string {
	var out []string
	add := func(what string, all []string) {
		if all != nil {
			out = append(out, what+" "+strings.Join(all, ", "))
		}
	}
	names := func(all []Property) (texts []string) {
		for _, p := range all {
			texts = append(texts, strings.TrimSpace(p.Type+" "+p.Name))
		}
		return texts
	}
	add("judges", r.Types)
	if r.from == fromCustomers {
		out = append(out, "judges customers with a budget")
	}
	add("unknown without the properties", names(r.Needs))
	add("reads the properties", names(r.Reads))
	add("unknown unless read to their end:", r.Scans)
	return out
}

// Settings validates values of parameters, by name; an empty one is the default. enabled says whether
// the rule judges.
func (r Rule) Settings(values map[string]string) error {
	q := queries.Query{Name: r.ID, Params: r.Params}
	given := map[string]string{}
	for name, value := range values {
		switch {
		case value == "" && slices.ContainsFunc(r.Params, func(p queries.Param) bool { return p.Name == name }):
		case name != "enabled":
			given[name] = value
		case value != "" && value != "true" && value != "false":
			return fmt.Errorf("enabled: %q is neither true nor false", value)
		}
	}
	_, err := q.Bind(given, time.Now())
	return err
}
