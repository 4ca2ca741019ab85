package cloudflare

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// item is an object of an answer. Its numbers are json.Number.
type item map[string]any

// at returns what a dotted path names, or nil.
func (it item) at(path string) any {
	var v any = map[string]any(it)
	for name := range strings.SplitSeq(path, ".") {
		members, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = members[name]
	}
	return v
}

// text returns what a dotted path names as text: lists and objects as JSON, "" for null and
// what is empty.
func (it item) text(path string) string {
	switch v := it.at(path).(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case []any:
		if len(v) == 0 {
			return ""
		}
		return jsonText(v)
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
		return jsonText(v)
	default:
		return ""
	}
}

func jsonText(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "" // cannot happen: it was decoded from JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// strings returns the texts of a list.
func (it item) strings(path string) []string {
	list, _ := it.at(path).([]any)
	var all []string
	for _, v := range list {
		if s, ok := v.(string); ok && s != "" {
			all = append(all, s)
		}
	}
	return all
}

// time returns a time in RFC 3339, in milliseconds, or zero.
func (it item) time(path string) time.Time {
	t, err := time.Parse(time.RFC3339, it.text(path))
	if err != nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// decodeItems decodes a list of objects, or one object as a list of one; null is an empty
// list. in names the member of an object that holds the list.
func decodeItems(result json.RawMessage, in string) ([]item, error) {
	d := json.NewDecoder(bytes.NewReader(result))
	d.UseNumber()
	var v any
	if len(result) > 0 {
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
	}
	if object, ok := v.(map[string]any); ok {
		inner, found := object[in]
		switch {
		case in == "":
			return []item{object}, nil
		case found:
			v = inner
		default:
			return nil, errNoList
		}
	}
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, errNoList
	}
	items := make([]item, len(list))
	for i := range list {
		if items[i], ok = list[i].(map[string]any); !ok {
			return nil, errNoList
		}
	}
	return items, nil
}
