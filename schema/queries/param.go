package queries

import (
	"regexp"
	"slices"
	"time"
)

// Param is a parameter of a query.
type Param struct {
	Name string
	// Type is ClickHouse's.
	Type string
	// Default is the value if none is given, unless it is Required. It may be relative.
	Default  string
	Required bool
	// Min and Max bound numbers and times, and the length of strings in characters; those of an
	// array bound its items. Items bounds their number.
	Min, Max string
	Items    int
	// In are the allowed values; empty means any.
	In []string
	// Pattern matches the whole value.
	Pattern string
	Text    string

	choices []choice // of each value of In
	bounds  bounds
}

// choice is the SQL of a value: for {{name}} and {{name.label}}.
type choice struct{ sql, label string }

// noLabel is the label of what has none.
const noLabel = "''"

// mayBeEmpty reports whether p may be an empty text or array; nil, for an unknown name, may not.
func (p *Param) mayBeEmpty() bool {
	return p != nil && p.Default == "" && !p.Required && (p.Type == "String" || itemType(p.Type) != "")
}

// checkParams parses the bounds, and checks the defaults against them.
func (p *parser) checkParams() {
	// Relative bounds and defaults have to agree whenever the query is run; the end of a long month
	// is as bad as any other day.
	now := time.Date(2028, 3, 31, 23, 0, 0, 0, time.UTC)
	for i := range p.query.Params {
		param := &p.query.Params[i]
		if err := param.parseBounds(now); err != nil {
			p.faults("parameter %s: %w", param.Name, err)
			continue
		}
		if param.Required {
			if param.Default != "" {
				p.faults("parameter %s is required and has a default", param.Name)
			}
			continue
		}
		if param.Default == "" && param.Type != "String" && itemType(param.Type) == "" {
			p.faults("parameter %s is not required and has no default", param.Name)
			continue
		}
		if _, err := param.value(param.Default, now); err != nil {
			p.faults("parameter %s: its default: %w", param.Name, err)
		}
	}
	for _, per := range p.query.periods {
		from, until := p.query.param(per.from), p.query.param(per.until)
		if from == nil || until == nil || from.Required || until.Required {
			continue
		}
		first, err1 := from.value(from.Default, now)
		last, err2 := until.value(until.Default, now)
		if err1 != nil || err2 != nil {
			continue // told above
		}
		if err := per.check(first.text, last.text); err != nil {
			p.faults("the defaults: %w", err)
		}
	}
}

// param returns a parameter by its name, or nil.
func (q Query) param(name string) *Param {
	if i := slices.IndexFunc(q.Params, func(p Param) bool { return p.Name == name }); i >= 0 {
		return &q.Params[i]
	}
	return nil
}

// fullMatch compiles a pattern that matches the whole value.
func fullMatch(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + pattern + `)$`)
}

var arrayType = regexp.MustCompile(`^Array\((.+)\)$`)

// itemType returns the type of an array's items; "" for what is no array.
func itemType(typ string) string {
	if m := arrayType.FindStringSubmatch(typ); m != nil {
		return m[1]
	}
	return ""
}
