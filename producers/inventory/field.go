package inventory

import (
	"fmt"
	"strings"

	"polo/producers/awscatalog"
	"polo/producers/inventory/document"
)

// item is a part of an answer that tells of one resource.
type item struct {
	object document.Object
	// around are the objects that it lies in, the nearest first: of an item that was
	// asked for by another, that one.
	around []document.Object
}

// with is an item and what another answer says of it.
func (it item) with(more document.Object) item {
	return item{object: it.object.Merge(more), around: it.around}
}

// field says where values are in an item: the names of members from the outermost in,
// "State.Name". Lists on the way stand for all their elements. "A|B" is B where there is
// no A; "^A" is in the nearest object around the item that has it. After a colon comes
// how the text is read, see readings.
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
	case "", "tail", "list", "zone", "location", "instance":
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

// values are those of the first way that leads to any.
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

// value is that of the first way that leads to any, in the shape that it has.
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

// texts are the values that are texts, the empty ones left out.
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

// text is the first of texts.
func (f field) text(it item) string {
	for _, w := range f.texts(it) {
		return w
	}
	return ""
}

// read takes out of a text what a name needs of it:
//
//	tail      what is after the last "/"
//	list      each of several between commas
//	zone      the region of an availability zone
//	location  the region of a bucket's location
//	instance  an instance's id or an ARN; targets may also be addresses
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
	case "instance":
		if !strings.HasPrefix(s, "i-") && !strings.HasPrefix(s, "arn:") {
			return ""
		}
	}
	return s
}

// isAccount tells whether a text is an account's id.
func isAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}
