package document

import (
	"time"

	"github.com/go-faster/jx"
)

// JSON is a value as canonical JSON text: what an SDK call and a recording of it answer
// comes out the same. Members have the names that the SDK gives them, whose first
// letter is a capital, and keys of maps the names that their owners gave them; null, empty lists and empty objects are left out, and so are
// members that hold secrets by their name. "" where nothing is left.
func JSON(v Value) string {
	if !holds(v) {
		return ""
	}
	var w jx.Writer
	write(&w, v)
	return w.String()
}

// holds tells whether anything of a value is written.
func holds(v Value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case List:
		for _, element := range v {
			if holds(element) {
				return true
			}
		}
		return false
	case Object:
		for _, m := range v {
			if !m.leftOut() && holds(m.Value) {
				return true
			}
		}
		return false
	}
	return true
}

func write(w *jx.Writer, v Value) {
	switch v := v.(type) {
	case string:
		w.Str(Text(v))
	case time.Time:
		w.Str(timeText(v))
	case Number:
		w.RawStr(string(v))
	case bool:
		w.Bool(v)
	case List:
		w.ArrStart()
		first := true
		for _, element := range v {
			if !holds(element) {
				continue
			}
			if !first {
				w.Comma()
			}
			first = false
			write(w, element)
		}
		w.ArrEnd()
	case Object:
		w.ObjStart()
		first := true
		for _, m := range v {
			if m.leftOut() || !holds(m.Value) {
				continue
			}
			if !first {
				w.Comma()
			}
			first = false
			w.FieldStart(m.written())
			write(w, m.Value)
		}
		w.ObjEnd()
	}
}

func capital(name string) string {
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		return name
	}
	return string(name[0]-'a'+'A') + name[1:]
}
