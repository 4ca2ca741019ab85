package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"polo/internal/cli"
)

// same compares JSON values.
func same(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, errX := canonical(a[i])
		y, errY := canonical(b[i])
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			return false
		}
	}
	return true
}

func canonical(line []byte) ([]byte, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return json.MarshalIndent(v, "", "  ")
}

// showChange prints the lines of an event's JSON that differ.
func showChange(s *cli.Streams, x corrected) error {
	if _, err := fmt.Fprintln(s.Stdout, x.letter.ID()); err != nil {
		return err
	}
	for i := range x.lines {
		before, errBefore := canonical(x.before[i])
		after, errAfter := canonical(x.lines[i])
		if errBefore != nil {
			before = x.before[i]
		}
		if errAfter != nil {
			return errAfter
		}
		if _, err := fmt.Fprint(s.Stdout, difference(string(before), string(after))); err != nil {
			return err
		}
	}
	if places := x.places(); places != nil {
		_, err := fmt.Fprintf(s.Stdout, "  secrets are redacted at %s\n", strings.Join(places, ", "))
		return err
	}
	return nil
}

// difference lists the lines that only one text has.
func difference(before, after string) string {
	var b strings.Builder
	in := func(text string) map[string]int {
		n := map[string]int{}
		for line := range strings.Lines(text) {
			n[strings.Trim(line, ", \n")]++
		}
		return n
	}
	list := func(sign, text string, other map[string]int) {
		for line := range strings.Lines(text) {
			key := strings.Trim(line, ", \n")
			if other[key] > 0 {
				other[key]--
				continue
			}
			fmt.Fprintf(&b, "  %s %s\n", sign, key)
		}
	}
	list("-", before, in(after))
	list("+", after, in(before))
	return b.String()
}

// raws returns lines as JSON values, or as strings if they are not JSON.
func raws(lines [][]byte) []json.RawMessage {
	out := make([]json.RawMessage, len(lines))
	for i, line := range lines {
		if out[i] = line; !json.Valid(line) {
			text, err := json.Marshal(string(line))
			if err != nil {
				text = []byte("null") // marshalling a string does not fail
			}
			out[i] = text
		}
	}
	return out
}
