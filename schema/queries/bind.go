package queries

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bound is a query with valid values of its parameters.
type Bound struct {
	Query Query
	// SQL is the statement; its parameters are {name:Type}.
	SQL string
	// Parameters are the values as ClickHouse's protocols take them.
	Parameters map[string]string
	// Values are the values for people and programs: strings, and lists of strings.
	Values map[string]any
	// Limit is the most rows that the answer may have. The statement asks for one more.
	Limit int
}

// ParamError is a value that a query refuses.
type ParamError struct {
	Query, Param string
	Err          error
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("%s: parameter %s: %v", e.Query, e.Param, e.Err)
}

// Unwrap returns what is wrong with the value.
func (e *ParamError) Unwrap() error { return e.Err }

// Bind validates the values of q's parameters, and fills in the defaults. now is what relative dates
// are relative to. The error joins a *ParamError for each fault.
func (q Query) Bind(values map[string]string, now time.Time) (Bound, error) {
	b := Bound{Query: q, SQL: q.SQL, Parameters: map[string]string{}, Values: map[string]any{}}
	var faults []error
	fault := func(param string, err error) { faults = append(faults, &ParamError{q.Name, param, err}) }
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if q.param(name) == nil {
			fault(name, fmt.Errorf("there is none of that name: they are %s", strings.Join(q.paramNames(), ", ")))
		}
	}
	for _, p := range q.Params {
		text, given := values[p.Name]
		if !given && p.Required {
			fault(p.Name, fmt.Errorf("it is required: %s", p.Text))
			continue
		}
		if !given {
			text = p.Default
		}
		v, err := p.value(text, now)
		if err != nil {
			fault(p.Name, err)
			continue
		}
		b.set(p, v)
	}
	for _, per := range q.periods {
		from, _ := b.Values[per.from].(string) // empty if it was refused
		until, _ := b.Values[per.until].(string)
		if from == "" || until == "" {
			continue
		}
		if err := per.check(from, until); err != nil {
			fault(per.until, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if missing := b.without(name); len(missing) > 0 {
			fault(name, fmt.Errorf("it does nothing without %s", strings.Join(missing, " and ")))
		}
	}
	b.leaveOut()
	return b, errors.Join(faults...)
}

// without returns the parameters that lack a value, so that all that names a parameter with one is left out.
func (b *Bound) without(name string) []string {
	if b.empty(name) {
		return nil
	}
	mentions := strings.Count(b.SQL, "{"+name+":")
	var missing []string
	for _, part := range optional.FindAllString(b.SQL, -1) {
		n := strings.Count(part, "{"+name+":")
		if lacks := b.lacks(part); n > 0 && len(lacks) > 0 {
			mentions -= n
			missing = append(missing, lacks...)
		}
	}
	if mentions > 0 {
		return nil
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// lacks returns the parameters without a value that a part of the SQL names.
func (b *Bound) lacks(part string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(part, -1) {
		if b.empty(m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// empty reports whether a parameter is an empty text or array.
func (b *Bound) empty(name string) bool {
	switch v := b.Values[name].(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0 //mutant:empty-filters-stand
	}
	return false
}

func (q Query) paramNames() []string {
	var out []string
	for _, p := range q.Params {
		out = append(out, p.Name)
	}
	return out
}

func (b *Bound) set(p Param, v value) {
	b.Parameters[p.Name], b.Values[p.Name] = Escape(v.text), v.text
	if v.items != nil {
		quoted := make([]string, len(v.items))
		for i, item := range v.items {
			quoted[i] = "'" + strings.ReplaceAll(Escape(item), "'", `\'`) + "'"
		}
		b.Parameters[p.Name], b.Values[p.Name] = "["+strings.Join(quoted, ",")+"]", v.items
	}
	if p.Name == "limit" {
		b.Limit, _ = strconv.Atoi(v.text) // it is a UInt32
	}
	if p.choices != nil {
		c := p.choices[slices.Index(p.In, v.text)]
		b.SQL = strings.NewReplacer("{{"+p.Name+"}}", c.sql, "{{"+p.Name+".label}}", c.label).Replace(b.SQL)
	}
}

// leaveOut takes out the optional parts of the SQL that name a parameter without a value, so that no column is
// read for a filter that is not there.
func (b *Bound) leaveOut() {
	b.SQL = optional.ReplaceAllStringFunc(b.SQL, func(part string) string {
		if len(b.lacks(part)) > 0 {
			return ""
		}
		return strings.NewReplacer("[[", "", "]]", "").Replace(part)
	})
}

// Escape writes a text as ClickHouse reads the values of parameters of the type String: as in a
// file of TSV.
func Escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(text) //mutant:values-are-not-escaped
}

// check compares two dates in ClickHouse's form, whose order is that of their texts.
func (p period) check(from, until string) error {
	if until <= from {
		return fmt.Errorf("%s is not after %s, which is %s: it is exclusive", until, p.from, from)
	}
	first, err1 := time.Parse(time.DateOnly, from[:len(time.DateOnly)])
	last, err2 := time.Parse(time.DateOnly, until[:len(time.DateOnly)])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if days := int(last.Sub(first).Hours() / 24); days > p.days {
		return fmt.Errorf("%s is %d days after %s, and the most is %d", until, days, p.from, p.days)
	}
	return nil
}
