package pattern_test

import (
	"testing"

	"polo/internal/pattern"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true},
		{"a", "ab", false},
		{"*", "", true},
		{"a*", "abc", true},
		{"*c", "abc", true},
		{"a*c", "ac", true},
		{"a*a", "a", false},
		{"a*b*c", "a1b2c", true},
		{"a*b*c", "a1c2b", false},
		{"a.c", "abc", false},
		{"", "", true},
		{"", "a", false},
		{"abc", "abc", true},
		{"ab", "abc", false},
		{"*", "", true},
		{"*", "abc", true},
		{"a*", "abc", true},
		{"b*", "abc", false},
		{"*c", "abc", true},
		{"*b", "abc", false},
		{"*b*", "abc", true},
		{"a*c", "abc", true},
		{"a*a", "aba", true},
		{"a*a", "a", false},
		{"a*bc*bc", "abcbc", true},
		{"a*bc*bc", "abc", false},
		{"**", "abc", true},
		{"a?c", "a.c", false},
	} {
		if got := pattern.Matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q of %q: %v", c.pattern, c.text, got)
		}
	}
}
