package queue

import (
	"fmt"
	"strings"
)

// Unacknowledged is an entry of a SendAll, DeleteAll or ExtendAll that the queue never
// acknowledged.
type Unacknowledged struct {
	// Index is its index in the call's argument.
	Index int
	// Err is its last error.
	Err error
	// Permanent means that a retry would fail too. Otherwise the policy's or the
	// context's time ran out.
	Permanent bool
}

// SendError lists the entries of a call that were never acknowledged, and why. With
// errors.Is it matches whatever one of their errors matches.
type SendError struct {
	// Doing is "sending", "deleting" or "extending".
	Doing string
	// Total is the number of entries given.
	Total int
	// Failed are sorted by index; there is at least one.
	Failed []Unacknowledged
}

func (e *SendError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d not acknowledged: ", e.Doing, len(e.Failed), e.Total)
	// Whole batches fail alike; each cause is printed once.
	seen := make(map[string]bool)
	for _, f := range e.Failed {
		text := f.Err.Error()
		if seen[text] {
			continue
		}
		if len(seen) == 3 {
			b.WriteString("; ...")
			break
		}
		if len(seen) > 0 {
			b.WriteString("; ")
		}
		seen[text] = true
		b.WriteString(text)
	}
	return b.String()
}

// Unwrap returns the error of every failed entry.
func (e *SendError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f.Err
	}
	return errs
}

// Permanent reports whether any entry failed permanently.
func (e *SendError) Permanent() bool {
	for _, f := range e.Failed {
		if f.Permanent {
			return true
		}
	}
	return false
}
