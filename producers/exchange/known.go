package exchange

import (
	"bytes"
	"net/http"
	"slices"
)

// IndexOf returns which of some readers is the first that knows an exchange, -1 if none does.
func IndexOf(e *Exchange, readers []Reader) int {
	return slices.IndexFunc(readers, func(r Reader) bool { return r.Knows(e) })
}

// Known reports whether one of some readers reads a file, bare answers and payloads included, by the
// file's text or its beginning.
func Known(text []byte, readers []Reader) bool {
	for rest := start(text); ; {
		value := closed(rest)
		if value == nil {
			return false
		}
		all, _ := Parse(value) // what is no exchange is not known
		if slices.ContainsFunc(all, func(e Exchange) bool { return IndexOf(&e, readers) >= 0 || ItemsOf(&e, readers) != nil }) {
			return true
		}
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if !bytes.HasPrefix(rest, value) {
			return false // it is cut off, and the last
		}
		rest = rest[len(value):]
	}
}

// ItemsOf returns the items of a bare list if they are what readers know, and the list is not.
func ItemsOf(e *Exchange, readers []Reader) (all []Exchange) {
	if e.Method != "" {
		return nil
	}
	for _, item := range list(e.Body) {
		all = append(all, Exchange{Status: http.StatusOK, Header: e.Header, Body: item, At: e.At})
	}
	if !slices.ContainsFunc(all[:min(len(all), 10)], func(one Exchange) bool { return IndexOf(&one, readers) >= 0 }) {
		return nil
	}
	return all
}
