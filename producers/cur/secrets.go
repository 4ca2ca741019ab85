package cur

import (
	"bytes"

	"polo/internal/redact"
)

// holdsSecret reports whether a row has a value in a column with a secret's name, such as
// that of a tag: its text alone would not tell.
func (l *layout) holdsSecret(r *row) bool {
	for i, v := range r.values {
		if v != "" && i < len(l.names) && redact.Value(l.names[i], v) != v {
			return true
		}
	}
	return false
}

// beginning is as much of data as a failure keeps. A cut may hide what a secret is known
// by, so that it goes before.
func beginning(data []byte) []byte {
	clean, _ := redact.Bytes(data)
	return bytes.Clone(clean[:min(len(clean), maxKept)])
}
