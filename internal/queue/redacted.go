package queue

import (
	"strings"

	"polo/internal/redact"
)

// WithoutSecrets returns f with all secrets redacted from its texts and its body.
// Redacted lists where in the body they were.
func (f Failure) WithoutSecrets() Failure {
	f.Err, f.Origin = redact.Text(f.Err), redact.Text(f.Origin)
	body, places := redact.Bytes(f.Body)
	if len(places) > 0 {
		f.Body = body
		f.Redacted = append(f.Redacted[:len(f.Redacted):len(f.Redacted)], places...)
	}
	return f
}

// maxRedacted bounds the places that a letter lists, in bytes.
const maxRedacted = 512

// redactedMark returns the part of the Encoding attribute that lists the places.
func (f Failure) redactedMark() string {
	if len(f.Redacted) == 0 {
		return ""
	}
	var b strings.Builder
	for _, place := range f.Redacted {
		text := placeWriter.Replace(cleanText(place, maxRedacted/2))
		if b.Len() > 0 {
			text = " " + text
		}
		if b.Len()+len(text) > maxRedacted-len(" ...") {
			b.WriteString(" ...")
			break
		}
		b.WriteString(text)
	}
	return redactedMark + b.String()
}

// A place holds names from untrusted JSON.
var (
	placeWriter = strings.NewReplacer("%", "%25", " ", "%20", ";", "%3B", "\t", "%09", "\n", "%0A", "\r", "%0D")
	placeReader = strings.NewReplacer("%25", "%", "%20", " ", "%3B", ";", "%09", "\t", "%0A", "\n", "%0D", "\r")
)
