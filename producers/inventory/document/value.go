// Package document holds an AWS API's answer in one form, from any origin: the output of an SDK
// call (FromSDK), a recorded answer or the AWS CLI's output (FromJSON). Members have the API's
// names. Get ignores case, because the same member is VpcId in one place and vpcId in another.
package document

import (
	"strings"
	"time"
	"unicode/utf8"

	"polo/internal/redact"
)

// Value is a part of an answer: nil, a string, a Number, a bool, a time.Time, a List or an
// Object.
type Value any

// Number is a number as it was written, without loss.
type Number string

// List is an array.
type List []Value

// Object is a structure or a map: its members in their original order.
type Object []Member

// Member is a member of an Object.
type Member struct {
	Name  string
	Value Value
	// Key means that Name is a customer's word, a key of a map, and not a member of the API. Only
	// an SDK's answer distinguishes the two.
	Key bool
}

// leftOut reports whether a member is not kept: a scalar with a secret's name, or a member known
// to hold secrets. For a customer's word only the value decides: a label may be called
// "environment".
func (m Member) leftOut() bool {
	if !m.Key {
		switch strings.ToLower(m.Name) {
		case "environment", "environmentvariables", "headervalue", "userdata":
			return true
		}
	}
	switch m.Value.(type) {
	case List, Object:
		return false // its members are checked themselves
	}
	return redact.Name(m.Name)
}

// written returns a member's name in JSON.
func (m Member) written() string {
	if m.Key {
		return m.Name
	}
	return capital(m.Name)
}

// Get returns a member's value, nil if it is missing or null. Of several that differ only in case
// the first counts.
func (o Object) Get(name string) Value {
	for i := range o {
		if n := o[i].Name; len(n) == len(name) && strings.EqualFold(n, name) {
			return o[i].Value
		}
	}
	return nil
}

// Has reports whether a member exists, even if it is null.
func (o Object) Has(name string) bool {
	for i := range o {
		if strings.EqualFold(o[i].Name, name) {
			return true
		}
	}
	return false
}

// Merge returns o with other's members that are missing or null in o. o is unchanged.
func (o Object) Merge(other Object) Object {
	merged := make(Object, 0, len(o)+len(other))
	for _, m := range o {
		if m.Value != nil {
			merged = append(merged, m)
		}
	}
	for _, m := range other {
		if m.Value != nil && merged.Get(m.Name) == nil {
			merged = append(merged, m)
		}
	}
	return merged
}

// At appends the values at the path. A list on the way or at the end stands for all its elements.
// Null counts as nothing.
func At(values []Value, v Value, path []string) []Value {
	switch v := v.(type) {
	case nil:
		return values
	case List:
		for _, element := range v {
			values = At(values, element, path)
		}
		return values
	case Object:
		if len(path) > 0 {
			return At(values, v.Get(path[0]), path[1:])
		}
	}
	if len(path) > 0 {
		return values
	}
	return append(values, v)
}

// Project returns the value at the path, in its original shape: a list at the end or on the way
// gives a list, even of one element. nil means nothing.
func Project(v Value, path []string) Value {
	if len(path) == 0 {
		return v
	}
	switch v := v.(type) {
	case List:
		var out List
		for _, element := range v {
			switch found := Project(element, path).(type) {
			case nil:
			case List:
				out = append(out, found...)
			default:
				out = append(out, found)
			}
		}
		if out != nil {
			return out
		}
	case Object:
		return Project(v.Get(path[0]), path[1:])
	}
	return nil
}

// Text returns a scalar as text, "" for other values. Times are RFC 3339 in UTC.
func Text(v Value) string {
	switch v := v.(type) {
	case string:
		if t, ok := timeOf(v); ok {
			return timeText(t)
		}
		return v
	case Number:
		return string(v)
	case bool:
		if v {
			return "true"
		}
		return "false"
	case time.Time:
		return timeText(v)
	}
	return ""
}

func timeText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// timeOf parses the AWS CLI's form of times.
func timeOf(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || len(s) > len("2006-01-02T15:04:05.999999999+07:00") || s[4] != '-' || s[10] != 'T' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// clean makes a text valid UTF-8.
func clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
