package exchange

import (
	"errors"
	"fmt"
)

// Fault is a part of a file that is no exchange.
type Fault struct {
	// Path is where it is: a JSON pointer, "/interactions/3", "" of the whole file; of the
	// third of several values of one file "value 3/response".
	Path string
	// Text is the part; nil of the whole file.
	Text []byte
	// Why is the fault. It quotes nothing of the text.
	Why string
}

func (f *Fault) Error() string {
	if f.Path == "" {
		return "reading exchanges: " + f.Why
	}
	return fmt.Sprintf("reading exchanges: %s: %s", f.Path, f.Why)
}

// Faults returns the faults in an error of Parse.
func Faults(err error) []*Fault {
	var one *Fault
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Fault
		for _, err := range several.Unwrap() {
			all = append(all, Faults(err)...)
		}
		return all
	}
	if errors.As(err, &one) {
		return []*Fault{one}
	}
	return nil
}
