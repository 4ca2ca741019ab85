package awscatalog

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
)

//go:embed types.txt
var typesText string

// typeTable is types.txt, parsed.
type typeTable struct {
	types  []*Type
	byName map[string]*Type
	// byPrefix maps service and prefix of an id to the type.
	byPrefix map[string]map[string]*Type
	// byNoun maps service and noun to the type's word.
	byNoun map[string]map[string]string
	// byHead maps service and the resource's first word, "" if the ARN begins with a parameter,
	// to the shapes to try, in order.
	byHead map[string]map[string][]shape
}

// shape is one form of a type's ARN.
type shape struct {
	typ *Type
	variant
}

// table parses once. A line that cannot be parsed is a bug that a test of this package finds; the
// other lines are valid.
var table = sync.OnceValue(func() *typeTable {
	t, _ := parseTypes(typesText)
	return t
})

// parseTypes parses the table. The error names each line that cannot be parsed.
func parseTypes(text string) (*typeTable, error) {
	t := &typeTable{
		byName: map[string]*Type{}, byPrefix: map[string]map[string]*Type{},
		byNoun: map[string]map[string]string{}, byHead: map[string]map[string][]shape{},
	}
	parents := map[*Type][]string{}
	var errs []error
	for number, line := range Lines(text) {
		f := strings.Fields(line)
		typ, up, err := parseType(f)
		if err == nil {
			err = t.add(typ)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("types.txt:%d: %w", number, err))
			continue
		}
		parents[typ] = up
	}
	for _, typ := range t.types {
		errs = append(errs, t.setParents(typ, parents[typ]))
	}
	return t, errors.Join(errs...)
}

// setParents finds the types that contain a type, by name.
func (t *typeTable) setParents(typ *Type, names []string) error {
	for _, name := range names {
		parent, ok := t.byName[name]
		if !ok {
			return fmt.Errorf("types.txt: %s: no type %q for it to be in", typ.Name, name)
		}
		typ.parents = append(typ.parents, parent)
	}
	return nil
}

func parseType(f []string) (t *Type, in []string, err error) {
	if len(f) < 2 {
		return nil, nil, fmt.Errorf("no template")
	}
	t = &Type{Name: f[0]}
	var word string
	t.Service, word, _ = strings.Cut(t.Name, ":")
	switch f[1] {
	case "-":
	case "/", ":":
		t.template, err = parseTemplate(t.Service + ":{region}:{account}:" + word + f[1] + "{" + word + "}")
	default:
		t.template, err = parseTemplate(f[1])
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	for _, field := range f[2:] {
		key, value, _ := strings.Cut(field, "=")
		list := strings.Split(value, ",")
		switch key {
		case "ids":
			t.prefixes = list
		case "nouns":
			t.nouns = list
		case "in":
			in = list
		case "as":
			if t.form, err = parseForm(value); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", t.Name, err)
			}
		default:
			return nil, nil, fmt.Errorf("%s: unknown field %q", t.Name, field)
		}
	}
	return t, in, nil
}

func (t *typeTable) add(typ *Type) error {
	if t.byName[typ.Name] != nil {
		return fmt.Errorf("%s: listed twice", typ.Name)
	}
	t.types, t.byName[typ.Name] = append(t.types, typ), typ
	if t.byPrefix[typ.Service] == nil {
		t.byPrefix[typ.Service] = map[string]*Type{}
	}
	for _, prefix := range typ.prefixes {
		if len(prefix) > longestPrefix {
			return fmt.Errorf("%s: prefix %q is longer than %d", typ.Name, prefix, longestPrefix)
		}
		if other := t.byPrefix[typ.Service][prefix]; other != nil {
			return fmt.Errorf("%s: %s has the prefix %q, too", typ.Name, other.Name, prefix)
		}
		t.byPrefix[typ.Service][prefix] = typ
	}
	_, word, _ := strings.Cut(typ.ResourceType(), ":")
	if t.byNoun[typ.Service] == nil {
		t.byNoun[typ.Service] = map[string]string{}
	}
	for _, noun := range typ.nouns {
		t.byNoun[typ.Service][noun] = PlainWord(word)
	}
	heads := t.byHead[typ.template.service]
	if heads == nil {
		heads = map[string][]shape{}
		t.byHead[typ.template.service] = heads
	}
	for _, v := range typ.template.variants {
		heads[v.head] = append(heads[v.head], shape{typ, v})
	}
	return nil
}
