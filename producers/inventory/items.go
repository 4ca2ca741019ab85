package inventory

import (
	"fmt"
	"reflect"
	"strings"

	"polo/producers/inventory/document"
)

// reading is where the items are in a call's answer.
type reading struct {
	call string
	path []string
	// lists states for each member of the path whether it is a list.
	lists []bool
	// text is the name for items that are plain texts.
	text string
}

func readingOf(call, items string) reading {
	path, text, _ := strings.Cut(items, "=")
	r := reading{call: call, text: text}
	if path == "" {
		return r
	}
	for _, name := range strings.Split(path, ".") {
		name, list := strings.CutSuffix(name, "[]")
		r.path, r.lists = append(r.path, name), append(r.lists, list)
	}
	return r
}

// reading is readingOf for a live call: its answer's type shows which members are lists.
func (p *parser) reading(c Call, items string) reading {
	r := readingOf(c.Name, items)
	t := reflect.TypeOf(c.output)
	for i, name := range r.path {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			p.note(fmt.Errorf("%s is within no structure of %s", name, c.Name))
			return r
		}
		f, ok := t.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
		if !ok {
			p.note(fmt.Errorf("%s is no member of %s", name, t))
			return r
		}
		t, r.lists[i] = f.Type, f.Type.Kind() == reflect.Slice
	}
	return r
}

// listing is what a reading finds in an answer.
type listing struct {
	reading
	items   []item
	damaged []Damage
	// more counts the damaged parts beyond damaged.
	more int
	// at is the current path.
	at []step
}

// in reads an answer. around is empty for a whole answer.
func (r reading) in(answer document.Value, around ...document.Object) listing {
	l := listing{reading: r}
	if root, ok := answer.(document.Object); ok {
		l.object(root, 0, around)
	}
	return l
}

// has reports whether an answer has such a list, even an empty one. Without it, the answer is
// another call's.
func (r reading) has(answer document.Object) bool { return len(r.path) == 0 || answer.Has(r.path[0]) }

// object reads an object, depth members down the path.
func (l *listing) object(o document.Object, depth int, around []document.Object) {
	if depth == len(l.path) {
		l.items = append(l.items, item{object: o, around: around})
		return
	}
	around = append([]document.Object{o}, around...)
	l.at = append(l.at, step{name: l.path[depth]})
	defer func() { l.at = l.at[:len(l.at)-1] }()
	v := o.Get(l.path[depth])
	if !l.lists[depth] {
		l.element(v, depth+1, around)
		return
	}
	switch v := v.(type) {
	case nil:
	case document.List:
		l.at = append(l.at, step{})
		for i, element := range v {
			l.at[len(l.at)-1].index = i
			l.element(element, depth+1, around)
		}
		l.at = l.at[:len(l.at)-1]
	default:
		l.damage(v, "a list")
	}
}

// element reads an element of a list, or a member that is not a list. Null counts as nothing.
func (l *listing) element(v document.Value, depth int, around []document.Object) {
	due := "an object"
	if depth == len(l.path) && l.text != "" {
		due = "a string"
	}
	switch v := v.(type) {
	case nil:
		return
	case document.Object:
		if due == "an object" {
			l.object(v, depth, around)
			return
		}
	case string:
		if due == "a string" {
			if v != "" {
				l.items = append(l.items, item{object: document.Object{{Name: l.text, Value: v}}, around: around})
			}
			return
		}
	}
	l.damage(v, due)
}
