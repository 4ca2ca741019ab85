package awscatalog

import (
	"fmt"
	"slices"
	"strings"
)

// template is the syntax of a type's ARNs.
type template struct {
	service string
	// region and account are parameters, or "" if the ARN has none.
	region, account string
	// variants are the forms of the resource, the longest first: with the part in brackets and
	// without it.
	variants   []variant
	parameters []string
	// own is the parameter with the resource's display name.
	own      string
	defaults map[string]string
}

// variant is one form of a resource.
type variant struct {
	parts []part
	// head is the first word, "" if a parameter is first.
	head string
	// optional are the parameters in brackets; leavesOut is set in the variant without them.
	optional  []string
	leavesOut bool
}

// part is a literal, or a parameter if name is set.
type part struct {
	literal, name string
	path, slashes bool
}

// maxParameters bounds the parameters of a resource, without region and account.
const maxParameters = 6

func parseTemplate(text string) (template, error) {
	t := template{defaults: map[string]string{}}
	f := strings.SplitN(text, ":", 4)
	if len(f) != 4 {
		return t, fmt.Errorf("template %q: not service:region:account:resource", text)
	}
	t.service = f[0]
	for i, column := range [...]*string{&t.region, &t.account} {
		if f[i+1] == "" {
			continue
		}
		*column = strings.Trim(f[i+1], "{}")
		t.parameters = append(t.parameters, *column)
	}
	before, rest, bracketed := strings.Cut(f[3], "[")
	inside, after, closed := strings.Cut(rest, "]")
	if bracketed != closed {
		return t, fmt.Errorf("template %q: a bracket is missing", text)
	}
	whole, err := t.parse(before + inside + after)
	if err != nil {
		return t, fmt.Errorf("template %q: %w", text, err)
	}
	t.variants = []variant{whole}
	if bracketed {
		optional, err := (&template{defaults: map[string]string{}}).parse(inside)
		if err != nil {
			return t, fmt.Errorf("template %q: %w", text, err)
		}
		short, _ := (&template{defaults: map[string]string{}}).parse(before + after)
		short.leavesOut = true
		short.optional = optional.names()
		t.variants[0].optional = short.optional
		t.variants = append(t.variants, short)
	}
	if t.own == "" {
		if names := whole.names(); len(names) > 0 {
			t.own = names[len(names)-1]
		}
	}
	return t, nil
}

// parse parses a resource without brackets, and adds its parameters.
func (t *template) parse(text string) (variant, error) {
	v := variant{}
	if first := strings.TrimPrefix(text, "/"); !strings.HasPrefix(first, "{") {
		v.head = headOf(first)
	}
	for text != "" {
		literal, rest, found := strings.Cut(text, "{")
		if literal != "" {
			v.parts = append(v.parts, part{literal: literal})
		}
		if !found {
			break
		}
		name, after, found := strings.Cut(rest, "}")
		if !found || name == "" {
			return v, fmt.Errorf("no parameter after {")
		}
		text = after
		p := part{}
		name, p.path = strings.CutSuffix(name, "*")
		name, p.slashes = strings.CutSuffix(name, "/")
		name, own := strings.CutSuffix(name, "!")
		name, value, found := strings.Cut(name, "=")
		if p.name = name; found {
			t.defaults[name] = value
		}
		if own {
			t.own = name
		}
		if slices.Contains(t.parameters, name) {
			return v, fmt.Errorf("parameter %q twice", name)
		}
		t.parameters = append(t.parameters, name)
		v.parts = append(v.parts, p)
	}
	if n := len(v.names()); n > maxParameters {
		return v, fmt.Errorf("%d parameters, more than %d", n, maxParameters)
	}
	return v, nil
}

func (v variant) names() []string {
	var names []string
	for _, p := range v.parts {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

// bare reports whether the resource begins with a parameter: then only the region and account in
// the ARN show its type.
func (v variant) bare() bool { return v.head == "" }

// match parses a resource into the values of the parameters.
func (v variant) match(resource string, values *[maxParameters]string) bool {
	n := 0
	for i, p := range v.parts {
		if p.name == "" {
			rest, found := strings.CutPrefix(resource, p.literal)
			if !found {
				return false
			}
			resource = rest
			continue
		}
		end := len(resource)
		switch {
		case p.path:
			end = strings.LastIndexByte(resource, '/') + 1
		case i+1 < len(v.parts):
			end = strings.Index(resource, v.parts[i+1].literal)
		case !p.slashes && strings.Contains(resource, "/"), len(v.parts) == 1 && strings.Contains(resource, ":"):
			return false // something inside such a resource, which is another type
		}
		if end < 0 || end == 0 && !p.path {
			return false
		}
		values[n], resource = resource[:end], resource[end:]
		n++
	}
	return resource == ""
}

// headOf returns a resource's first word.
func headOf(resource string) string {
	if i := strings.IndexAny(resource, "/:"); i >= 0 {
		return resource[:i]
	}
	return resource
}
