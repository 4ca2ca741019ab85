package queries

import (
	"errors"
	"fmt"
)

// faults collects what is wrong with the files of queries.
type faults struct{ all []error }

func (f *faults) err() error { return errors.Join(f.all...) }

// of returns a function that reports a fault of a file.
func (f *faults) of(file string) func(format string, args ...any) {
	return func(format string, args ...any) {
		f.all = append(f.all, fmt.Errorf("%s: %w", file, fmt.Errorf(format, args...)))
	}
}
