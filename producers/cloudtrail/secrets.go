package cloudtrail

import (
	"strings"

	"polo/internal/redact"
)

// leastSecret is the shortest part of a record that can hold a secret and its name.
const leastSecret = 8

// maxCallers bounds the cache of callers.
const maxCallers = 1024

// withoutSecrets redacts the parts that people have written; the others are AWS's own words.
// clean caches callers without secrets, because callers recur.
func (r *record) withoutSecrets(clean map[string]struct{}) {
	for _, part := range [...]*string{
		&r.request, &r.response, &r.additional, &r.serviceDetails, &r.errorMessage, &r.insight, &r.addendum, &r.edgeDevice, &r.eventContext, &r.detail, &r.invokingEvent,
	} {
		if len(*part) >= leastSecret {
			*part = redact.Text(*part)
		}
	}
	if a := r.aggregate; a != nil {
		a.summary = redact.Text(a.summary)
	}
	for _, part := range [...]*string{&r.identity, &r.userAgent} {
		if _, ok := clean[*part]; ok {
			continue
		}
		text := redact.Text(*part)
		if text == *part {
			if len(clean) >= maxCallers {
				clear(clean)
			}
			clean[strings.Clone(text)] = struct{}{}
		}
		*part = text
	}
}
