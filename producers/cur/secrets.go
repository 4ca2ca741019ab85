package cur

import (
	"bytes"

	"polo/internal/redact"
)

// holdsSecret reports whether a row has a value in a column whose name is a secret's, such as a
// tag's: the text alone would not show it.
func (l *layout) holdsSecret(r *row) bool {
	for i, v := range r.values {
		if v != "" && i < len(l.names) && redact.Value(l.names[i], v) != v {
			return true
		}
	}
	return false
}

// beginning returns the part of data that a failure keeps. Redaction comes first, because a cut
// may hide what identifies a secret.
func beginning(data []byte) []byte {
	clean, _ := redact.Bytes(data)
	return bytes.Clone(clean[:min(len(clean), maxKept)])
}
