package queries

import (
	"fmt"
	"slices"
	"strings"
)

// OneOf takes the value of a header's key that Parse does not know, and refuses what is none of these.
func OneOf(to *string, of ...string) func(string) error {
	return func(value string) error {
		if *to = value; !slices.Contains(of, value) {
			return fmt.Errorf("%q is none of %s", value, strings.Join(of, ", "))
		}
		return nil
	}
}

// Joined takes the values of a header's key that Parse does not know and that may stand on several lines, with a space between.
func Joined(to *string) func(string) error {
	return func(value string) error {
		*to = strings.TrimSpace(*to + " " + value)
		return nil
	}
}
