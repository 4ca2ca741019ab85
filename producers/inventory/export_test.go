package inventory

import (
	"reflect"
	"strings"
)

// Path is a member's path that an entry reads, and the type that the path begins in: the answer's
// or a part's.
type Path struct {
	Entry, Text string
	Steps       []string
	In          []reflect.Type
}

// Paths returns all paths that entries read from live answers. A path may be in the list's answer
// or in a further call's; one that begins with "^" is in an enclosing object.
func Paths() ([]Path, error) {
	services, _, err := compileAll()
	if err != nil {
		return nil, err
	}
	var out []Path
	for _, s := range services {
		for _, e := range s.entries {
			out = append(out, e.paths(s)...)
		}
	}
	return out, nil
}

func (e *entry) paths(s *service) []Path {
	answer := reflect.TypeOf(e.List.output).Elem()
	items := []reflect.Type{}
	name := s.Name + " " + e.Type
	out := []Path{{Entry: name, Text: e.Items, Steps: e.readings[0].path, In: []reflect.Type{answer}}}
	if e.readings[0].text == "" {
		items = append(items, descend(answer, e.readings[0].path))
	}
	around := []reflect.Type{answer}
	for _, outer := range s.entries {
		if e.In != "" && outer.Type == e.In {
			for _, d := range outer.details {
				around = append(around, descend(reflect.TypeOf(d.Call.output).Elem(), d.at.path))
			}
		}
	}
	for i := 1; i < len(e.readings[0].path); i++ {
		around = append(around, descend(answer, e.readings[0].path[:i]))
	}
	for _, d := range e.details {
		output := reflect.TypeOf(d.Call.output).Elem()
		out = append(out, Path{Entry: name, Text: d.At, Steps: d.at.path, In: []reflect.Type{output}})
		items = append(items, descend(output, d.at.path))
	}
	add := func(f field) {
		for _, w := range f.ways {
			p := Path{Entry: name, Text: e.List.Name, Steps: w.path, In: items}
			if w.around {
				p.In = around
			}
			if e.readings[0].text != "" && len(w.path) == 1 && w.path[0] == e.readings[0].text {
				continue
			}
			out = append(out, p)
		}
	}
	for _, d := range e.details {
		for _, c := range d.only {
			add(c.field)
		}
	}
	for _, f := range []field{e.account, e.region, e.name, e.state} {
		add(f)
	}
	for _, list := range [][]template{e.arn, e.ancestors, e.inherits, e.inheritors} {
		for _, t := range list {
			add(t.field)
		}
	}
	for _, r := range e.relations {
		add(r.to.field)
	}
	for _, p := range e.properties {
		add(p.field)
	}
	return out
}

// Descend returns the type at a path: nil if there is none, and the last type before a map,
// because types do not show keys.
func Descend(t reflect.Type, path []string) reflect.Type { return descend(t, path) }

func descend(t reflect.Type, path []string) reflect.Type {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	if len(path) == 0 || t == nil || t.Kind() == reflect.Map {
		return t
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && strings.EqualFold(f.Name, path[0]) {
			return descend(f.Type, path[1:])
		}
	}
	return nil
}

// A Place is where an entry puts the value at a path: Kind is property, state, name, arn, id, or a
// relation's type.
type Place struct{ Path, Kind, Key string }

// Places returns where the entries of a type put what they read.
func Places(typ string) ([]Place, error) {
	services, _, err := compileAll()
	if err != nil {
		return nil, err
	}
	var out []Place
	add := func(f field, kind, key string) {
		for _, w := range f.ways {
			out = append(out, Place{Path: strings.Join(w.path, "."), Kind: kind, Key: key})
		}
	}
	for _, s := range services {
		for _, e := range s.entries {
			if e.Type != typ || e.Hidden {
				continue
			}
			for _, p := range e.properties {
				add(p.field, "property", p.key)
			}
			add(e.state, "state", "")
			add(e.name, "name", "")
			for _, t := range e.arn {
				kind := "arn"
				if t.typ != nil {
					kind = "id"
				}
				add(t.field, kind, "")
			}
			for _, r := range e.relations {
				add(r.to.field, "relation", r.typ)
			}
			for _, t := range e.ancestors {
				add(t.field, "ancestor", "")
			}
		}
	}
	return out, nil
}

// ListOf returns the call that lists a type's resources, and the service that answers it.
func ListOf(typ string) []Operation {
	services, _, err := compileAll()
	var out []Operation
	for _, s := range services {
		for _, e := range s.entries {
			if err == nil && e.Type == typ && !e.Hidden {
				out = append(out, e.List.operation())
				for _, d := range e.details {
					if d.Whole {
						out = append(out, d.Call.operation())
					}
				}
			}
		}
	}
	return out
}
