package route

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// strict decodes a value of JSON. Its error says what is wrong, not where.
func strict(text json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%s: %s, not what belongs here", kind.Field, kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("%s, not what belongs here", kind.Value)
	case err != nil:
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// object reads a text that is one JSON object. encoding/json takes the last of equal names, and any case of letters: each would hide a line of
// the file, so repeated names are errors, and a name is known only as it is spelled.
func object(text []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	var out map[string]json.RawMessage
	err := d.Decode(&out)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%s: %w", position(text, syntax.Offset), err)
	case errors.As(err, &kind), err == nil && out == nil:
		return nil, errors.New("line 1: not an object")
	case err != nil: // it ends too early
		return nil, fmt.Errorf("%s: %w", position(text, int64(len(text))), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: something follows the object", position(text, d.InputOffset()))
	}
	return out, repeated(text)
}

// repeated returns an error for each name that an object of a valid text has twice.
func repeated(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	var faults []error
	var walk func(where string)
	walk = func(where string) {
		token, err := d.Token()
		if err != nil {
			return
		}
		switch token {
		case json.Delim('['):
			for i := 0; d.More(); i++ {
				walk(fmt.Sprintf("%s[%d]", where, i))
			}
		case json.Delim('{'):
			seen := map[string]bool{}
			for d.More() {
				name, err := d.Token()
				if err != nil {
					return
				}
				key := strings.ToLower(fmt.Sprint(name))
				at := strings.TrimPrefix(fmt.Sprintf("%s.%s", where, name), ".")
				if seen[key] {
					faults = append(faults, fmt.Errorf("%s: %s: there twice (the case of letters does not count)", at, position(text, d.InputOffset())))
				}
				seen[key] = true
				walk(at)
			}
		default:
			return
		}
		_, _ = d.Token() // the end
	}
	walk("")
	return errors.Join(faults...)
}

// position is a place in a text for people.
func position(text []byte, offset int64) string {
	before := text[:min(offset, int64(len(text)))]
	return fmt.Sprintf("line %d, column %d", bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n'))
}
