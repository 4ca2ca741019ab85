package inventory

import (
	"fmt"
	"strings"

	"polo/producers/inventory/document"
)

// parser parses the texts of an entry and keeps the first error.
type parser struct{ err error }

func (p *parser) note(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parser) field(text string) field {
	if text == "" {
		return field{}
	}
	f, err := parseField(text)
	if err != nil {
		p.note(fmt.Errorf("field %q: %w", text, err))
	}
	return f
}

func (p *parser) template(text string) template {
	t, err := parseTemplate(text)
	if err != nil {
		p.note(err)
	}
	return t
}

func (p *parser) templates(text string) []template {
	var out []template
	for _, word := range strings.Fields(text) {
		out = append(out, p.template(word))
	}
	return out
}

func (p *parser) relations(text string) []relation {
	var out []relation
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case len(f) == 2:
			out = append(out, relation{typ: f[0], to: p.template(f[1])})
		default:
			p.note(fmt.Errorf("relation %q is not a type and a template", line))
		}
	}
	return out
}

func (p *parser) properties(text string) []property {
	var out []property
	for _, word := range strings.Fields(text) {
		path, key, found := strings.Cut(word, "=")
		if !found {
			first, _, _ := strings.Cut(path, "|")
			key = snake(strings.TrimPrefix(first[strings.LastIndexByte(first, '.')+1:], "^"))
		}
		out = append(out, property{key: key, field: p.field(path)})
	}
	return out
}

func (p *parser) detail(d Detail) detail {
	c := detail{Detail: d, absent: strings.Fields(d.Absent)}
	c.at, c.unless = p.reading(d.Call, d.At), p.field(d.Unless)
	for _, text := range strings.Fields(d.Only) {
		name, value, _ := strings.Cut(text, "=")
		c.only = append(c.only, condition{field: p.field(name), value: value})
	}
	if name, value, found := strings.Cut(d.Else, "="); found {
		c.instead = document.Object{{Name: name, Value: value}}
	}
	if d.Match != "" {
		theirs, ours, found := strings.Cut(d.Match, "=")
		if !found {
			ours = theirs
		}
		c.theirs, c.ours = p.field(theirs), p.field(ours)
	}
	return c
}

// snake converts "DBInstanceClass" to "db_instance_class".
func snake(name string) string {
	var b strings.Builder
	for i := range len(name) {
		ch := name[i]
		if ch < 'A' || ch > 'Z' {
			b.WriteByte(ch)
			continue
		}
		afterLower := i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z')
		beforeLower := i > 0 && i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
		if afterLower || beforeLower {
			b.WriteByte('_')
		}
		b.WriteByte(ch - 'A' + 'a')
	}
	return b.String()
}
