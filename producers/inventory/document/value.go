// Package document is what an AWS API answers, in one form wherever it comes from: the
// output of an SDK call (FromSDK), a recorded answer or what the AWS CLI printed
// (FromJSON). Members have the names of the API and are found in any case, for the
// same member is VpcId in one place and vpcId in another.
package document

import (
	"strings"
	"time"
	"unicode/utf8"

	"polo/internal/redact"
)

// Value is a part of an answer: nil, a string, a Number, a bool, a time.Time, a List or
// an Object.
type Value any

// Number is a number as it was written: nothing of it is lost.
type Number string

// List is an array.
type List []Value

// Object is a structure or a map: its members in the order in which they came.
type Object []Member

// Member is a member of an Object.
type Member struct {
	Name  string
	Value Value
	// Key tells that Name is a customer's own word, a key of a map, and no member of the
	// API. Only an SDK's answer tells the two apart.
	Key bool
}

// leftOut tells whether a member is not kept: a scalar with a secret's name, and what is
// full of secrets whatever they are called. A customer's own word is judged by what is in
// it alone: a label may well be called "environment".
func (m Member) leftOut() bool {
	if !m.Key {
		switch strings.ToLower(m.Name) {
		case "environment", "environmentvariables", "headervalue", "userdata":
			return true
		}
	}
	switch m.Value.(type) {
	case List, Object:
		return false // its members tell
	}
	return redact.Name(m.Name)
}

// written is a member's name in JSON.
func (m Member) written() string {
	if m.Key {
		return m.Name
	}
	return capital(m.Name)
}

// Get is a member's value, nil where there is none or it is null. Of several that differ
// in case alone the first counts.
func (o Object) Get(name string) Value {
	for i := range o {
		if n := o[i].Name; len(n) == len(name) && strings.EqualFold(n, name) {
			return o[i].Value
		}
	}
	return nil
}

// Has tells whether a member is there, if only as null.
func (o Object) Has(name string) bool {
	for i := range o {
		if strings.EqualFold(o[i].Name, name) {
			return true
		}
	}
	return false
}

// Merge is o with the members of others that o has not, or has as null. o is unchanged.
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

// At adds what is at the path to the values and returns them. A list on the way stands
// for all its elements, and so does one at the end. Null is nothing.
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

// Project is what is at the path, in the shape that it has there: a list at its end or on
// the way makes a list, also of one element. nil where there is nothing.
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

// Text is a scalar as text, "" of everything else. Times are RFC 3339 in UTC, wherever
// they come from.
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

// timeOf reads the form in which the AWS CLI writes times.
func timeOf(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || len(s) > len("2006-01-02T15:04:05.999999999+07:00") || s[4] != '-' || s[10] != 'T' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// clean makes foreign text valid.
func clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
