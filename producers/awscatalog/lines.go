package awscatalog

import (
	"iter"
	"strings"
)

// Lines yields the lines of a table with their numbers, without comments and empty lines.
func Lines(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		number := 0
		for line := range strings.Lines(text) {
			number++
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if !yield(number, line) {
				return
			}
		}
	}
}
