package github

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/redact"
)

// object is a JSON object. Its numbers are json.Number.
type object map[string]any

// decode decodes JSON text; numbers keep their digits.
func decode(text []byte, v any) error { return decoder(text).Decode(v) }

func decoder(text []byte) *json.Decoder {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d
}

// at returns a member; a dot leads into it.
func (o object) at(path string) any {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		return o[name]
	}
	return o.object(name).at(rest)
}

// object returns a member that is an object, or an empty one.
func (o object) object(path string) object {
	m, _ := o.at(path).(map[string]any)
	return m
}

// text returns a member as text: a nested value as JSON, "" for null or nothing.
func (o object) text(path string) string { return textOf(o.at(path)) }

func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.ToValidUTF8(v, "\uFFFD")
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}

// moment returns a time: RFC 3339 text, or seconds or milliseconds since 1970; zero if it is none.
func moment(v any) time.Time {
	switch v := v.(type) {
	case string:
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 MST"} {
			if t, err := time.Parse(layout, v); err == nil {
				return inRange(t)
			}
		}
	case json.Number:
		n, err := v.Int64()
		switch {
		case err != nil || n <= 0:
		case n < 1e11:
			return inRange(time.Unix(n, 0))
		default:
			return inRange(time.UnixMilli(n))
		}
	}
	return time.Time{}
}

// inRange returns a time as events have it, or zero if none can.
func inRange(t time.Time) time.Time {
	if t = t.UTC().Truncate(time.Millisecond); t.Year() < 1971 || t.Year() > 2200 {
		return time.Time{}
	}
	return t
}

// properties copies members into properties: "id node_id a.b=name". A secret is left out.
func (o object) properties(into *envelope.Pairs, spec string) {
	for _, field := range strings.Fields(spec) {
		path, name, renamed := strings.Cut(field, "=")
		if !renamed {
			name = strings.ReplaceAll(path, ".", "_")
		}
		if text := o.text(path); text != "" && redact.Value(name, text) == text {
			into.Set(name, text)
		}
	}
}
