package inventory

import (
	"fmt"
	"strings"

	"polo/producers/awscatalog"
	"polo/producers/inventory/document"
)

// item is the part of an answer that describes one resource.
type item struct {
	object document.Object
	// around are the enclosing objects, the nearest first; for an item requested about another,
	// that other.
	around []document.Object
}

// with returns the item with another answer's members.
func (it item) with(more document.Object) item {
	return item{object: it.object.Merge(more), around: it.around}
}

// field is where an item's values are: names of members from the outermost in, "State.Name". A
// list on the way stands for all its elements. "A|B" is B if there is no A; "^A" is A in the
// nearest enclosing object that has it. After a colon comes how the text is read, see read.
type field struct {
	ways    []way
	reading string
}

type way struct {
	around bool
	path   []string
}

func parseField(text string) (field, error) {
	var f field
	text, f.reading, _ = strings.Cut(text, ":")
	switch f.reading {
	case "", "tail", "list", "zone", "location", "instance", "interface", "subnet", "vpc":
	default:
		return f, fmt.Errorf("unknown reading %q", f.reading)
	}
	for _, alternative := range strings.Split(text, "|") {
		path, around := strings.CutPrefix(alternative, "^")
		w := way{around: around, path: strings.Split(path, ".")}
		for _, name := range w.path {
			if name == "" {
				return f, fmt.Errorf("empty name in %q", text)
			}
		}
		f.ways = append(f.ways, w)
	}
	return f, nil
}

// values returns the values at the first path that has any.
func (f field) values(it item) []document.Value {
	for _, w := range f.ways {
		if !w.around {
			if v := document.At(nil, it.object, w.path); len(v) > 0 {
				return v
			}
			continue
		}
		for _, o := range it.around {
			if v := document.At(nil, o, w.path); len(v) > 0 {
				return v
			}
		}
	}
	return nil
}

// value returns the value at the first path that has any, in its original shape.
func (f field) value(it item) document.Value {
	for _, w := range f.ways {
		if !w.around {
			if v := document.Project(it.object, w.path); v != nil {
				return v
			}
			continue
		}
		for _, o := range it.around {
			if v := document.Project(o, w.path); v != nil {
				return v
			}
		}
	}
	return nil
}

// texts returns the values as texts, without empty ones.
func (f field) texts(it item) []string {
	var out []string
	for _, v := range f.values(it) {
		text := document.Text(v)
		if f.reading == "list" {
			out = append(out, strings.FieldsFunc(text, func(ch rune) bool { return ch == ',' || ch == ' ' })...)
			continue
		}
		if s := f.read(text); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// text returns the first of texts.
func (f field) text(it item) string {
	for _, w := range f.texts(it) {
		return w
	}
	return ""
}

// read extracts the needed part of a text:
//
//	tail      what is after the last "/"
//	list      each item of a list, separated by commas
//	zone      the region of an availability zone
//	location  the region of a bucket's location
//	instance  an instance's id or an ARN; targets may also be addresses
//	interface, subnet, vpc  such an id; others are left out
func (f field) read(s string) string {
	switch f.reading {
	case "tail":
		return s[strings.LastIndexByte(s, '/')+1:]
	case "zone":
		return awscatalog.RegionOfZone(s)
	case "location":
		if s == "EU" {
			return "eu-west-1"
		}
	case "interface", "subnet", "vpc":
		if !strings.HasPrefix(s, map[string]string{"interface": "eni-", "subnet": "subnet-", "vpc": "vpc-"}[f.reading]) {
			return ""
		}
	case "instance":
		if !strings.HasPrefix(s, "i-") && !strings.HasPrefix(s, "arn:") {
			return ""
		}
	}
	return s
}
