package document

import (
	"time"

	"github.com/go-faster/jx"
)

// JSON returns a value as canonical JSON: the output of an SDK call and its recording give the
// same text. Members have the SDK's names, with a capital first letter; keys of maps keep their
// spelling. Null, empty lists, empty objects and members that hold secrets by their name are left
// out. "" means that nothing is left.
func JSON(v Value) string {
	if !hasContent(v) {
		return ""
	}
	var w jx.Writer
	write(&w, v)
	return w.String()
}

// hasContent reports whether any part of a value is written.
func hasContent(v Value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case List:
		for _, element := range v {
			if hasContent(element) {
				return true
			}
		}
		return false
	case Object:
		for _, m := range v {
			if !m.leftOut() && hasContent(m.Value) {
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
			if !hasContent(element) {
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
			if m.leftOut() || !hasContent(m.Value) {
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
