package alerts

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"polo/schema/queries"
)

var (
	anchor     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	label      = regexp.MustCompile(`^([a-z][a-z0-9_]*) (\S+) \| (.+)$`)
	parameters = regexp.MustCompile(`\{\w+:[^{}]+\}`)
)

// reserved are names that no label has: the engine's own label of an alert that cannot be evaluated, and the verdict.
func reserved() []string { return []string{"condition", Verdict} }

// leastRepeat is the shortest time between reminders: that between evaluations.
const leastRepeat = 5 * time.Minute

// Load parses the files of alerts; they may use the includes of the named queries. It reports every fault.
func Load(files fs.FS) ([]Alert, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing the alerts: %w", err)
	}
	var all []Alert
	var faults []error
	for _, name := range names {
		a, err := parse(files, name)
		faults = append(faults, err)
		all = append(all, a)
	}
	return all, errors.Join(faults...)
}

// withIncludes has the includes of the named queries, too.
type withIncludes struct{ fs.FS }

func (w withIncludes) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, "include/") {
		return queries.Includes().Open(name)
	}
	return w.FS.Open(name)
}

func parse(files fs.FS, name string) (Alert, error) {
	var a Alert
	seen := map[string]bool{}
	// once takes the value of a key that may stand once.
	once := func(key string, take func(string) error) func(string) error {
		return func(value string) error {
			if seen[key] {
				return errors.New("it stands twice")
			}
			seen[key] = true
			return take(value)
		}
	}
	q, err := queries.Parse(withIncludes{files}, name, map[string]func(string) error{
		"rows":        nil,
		"severity":    once("severity", queries.OneOf(&a.Severity, Severities()...)),
		"runbook":     once("runbook", matching(&a.Runbook, anchor, "the anchor of a heading")),
		"for":         once("for", number(&a.For, 1)),
		"keep_firing": once("keep_firing", number(&a.KeepFiring, 0)),
		"group_by": once("group_by", func(value string) error {
			a.GroupBy = strings.Split(value, ", ")
			return nil
		}),
		"repeat": once("repeat", func(value string) (err error) {
			if a.Repeat, err = time.ParseDuration(value); err == nil && a.Repeat < leastRepeat {
				err = fmt.Errorf("%s is shorter than %s", value, leastRepeat)
			}
			return err
		}),
		"route": once("route", matching(&a.Route, anchor, "a word")),
		"no_data": once("no_data", func(value string) error {
			var of string
			err := queries.OneOf(&of, "ok", "alert")(value)
			a.NoData = of == "alert"
			return err
		}),
		"label": func(value string) error {
			m := label.FindStringSubmatch(value)
			if m == nil {
				return fmt.Errorf("%q is not \"name String | what it is\"", value)
			}
			a.Labels = append(a.Labels, queries.Column{Name: m[1], Type: m[2], Text: m[3]})
			return nil
		},
		"data": queries.Joined(&a.Data),
	})
	a.ID, a.Title, a.Text, a.Params, a.Values, a.SQL = q.Name, q.Title, q.Text, q.Params, q.Columns, q.SQL
	a.Rows, a.MaxRows = q.Rows, q.MaxRows
	faults := []error{err}
	for _, key := range []string{"severity", "runbook", "for", "keep_firing", "group_by", "repeat", "no_data"} {
		if !seen[key] {
			faults = append(faults, fmt.Errorf("%s: the header has no %q", name, key))
		}
	}
	for _, err := range a.check() {
		faults = append(faults, fmt.Errorf("%s: %w", name, err))
	}
	return a, errors.Join(faults...)
}

// check returns what is wrong with what the lines of the header say together.
func (a Alert) check() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(a.Labels) == 0 {
		fault("the header has no \"label\": nothing identifies what is wrong")
	}
	var labels, names []string
	for _, c := range a.Labels {
		labels = append(labels, c.Name)
		if c.Type != "String" {
			fault("the label %s is a %s, and labels are texts", c.Name, c.Type)
		}
		if slices.Contains(reserved(), c.Name) {
			fault("no label is called %s", c.Name)
		}
	}
	for _, c := range a.Columns() {
		if slices.Contains(names, c.Name) {
			fault("two columns are called %s", c.Name)
		}
		names = append(names, c.Name)
	}
	for i, name := range a.GroupBy {
		if !slices.Contains(labels, name) || slices.Contains(a.GroupBy[:i], name) {
			fault("group_by names %s, which is no label, or stands twice", name)
		}
	}
	if a.Data != "" && (!strings.HasPrefix(a.Data, "SELECT ") || parameters.MatchString(a.Data)) {
		fault("data is no SELECT, or has parameters")
	}
	if a.NoData && a.Data == "" {
		fault("no_data is alert, and no data says whether there is anything to judge")
	}
	return faults
}

func matching(to *string, pattern *regexp.Regexp, what string) func(string) error {
	return func(value string) error {
		if *to = value; !pattern.MatchString(value) {
			return fmt.Errorf("%q is not %s", value, what)
		}
		return nil
	}
}

// most is the greatest number of evaluations: a day's.
const most = 288

func number(to *int, least int) func(string) error {
	return func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%q is no number from %d to %d", value, least, most)
		}
		*to = n
		return nil
	}
}
