// Package recording has what readers of recorded answers share: which of two counts, how many values one
// has, the frame of AWS's recorders and the errors of AWS's APIs.
package recording

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Members are the members of a recorded answer.
type Members map[string]json.RawMessage

// Unwrap parses a recorded answer, as it is or in the frame of botocore's recorder
// ({"status_code", "data"}), and returns its members and their text. A recorded error is an Error.
func Unwrap(data []byte) (m Members, text []byte, err error) {
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, nil, Malformed("reading a recorded answer: %w", Syntax(err))
	}
	status := 0
	if raw, ok := m.Get("status_code"); ok {
		if err := json.Unmarshal(raw, &status); err != nil {
			return nil, nil, Malformed("reading status_code: %w", Syntax(err))
		}
		if inner, ok := m.Get("data"); ok {
			if m = nil; json.Unmarshal(inner, &m) != nil {
				return nil, nil, Malformed("data is not an object")
			}
			data = inner
		}
	}
	if code, ok := m.errorCode(); ok || status >= http.StatusBadRequest {
		err := Unknown("the answer is an error of status %d", status)
		err.Code = code
		return nil, nil, err
	}
	return m, data, nil
}

// Get returns a member; case does not matter.
func (m Members) Get(name string) (json.RawMessage, bool) {
	if raw, ok := m[name]; ok {
		return raw, true
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if strings.EqualFold(key, name) {
			return m[key], true
		}
	}
	return nil, false
}

// Names lists the members.
func (m Members) Names() string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }

// errorCode returns the code of a recorded error: botocore's {"Error": {"Code"}} or the JSON
// protocol's own {"__type"}.
func (m Members) errorCode() (string, bool) {
	if raw, ok := m["__type"]; ok {
		var typ string
		_ = json.Unmarshal(raw, &typ) // if it is not text, the error has no code
		return typ[strings.LastIndexByte(typ, '#')+1:], true
	}
	var e struct{ Code string }
	if raw, ok := m["Error"]; ok && json.Unmarshal(raw, &e) == nil {
		return e.Code, true
	}
	return "", false
}
