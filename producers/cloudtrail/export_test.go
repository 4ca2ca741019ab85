package cloudtrail

import (
	"io"
	"time"
)

// Split counts the pieces of a stream.
func Split(r io.Reader) (pieces int, err error) {
	err = newSplitter(r, func(piece) error { pieces++; return nil }).run()
	return pieces, err
}

// LookingTime returns the time that redaction takes in normalising a record.
func LookingTime(text string, callers map[string]struct{}) (time.Duration, error) {
	r, err := unwrap(text, validJSON)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	r.withoutSecrets(callers)
	return time.Since(start), nil
}
