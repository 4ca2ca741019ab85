package awscatalog

import (
	"strings"
	"testing"
)

func TestTableIsValid(t *testing.T) {
	t.Parallel()
	if _, err := parseTypes(typesText); err != nil {
		t.Error(err)
	}
}

func TestInvalidTables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a:b":                           "types.txt:1: no template",
		"# x\na:b a:{region}:b/{c}":     "types.txt:2: a:b: template",
		"a:b a:::b/{c":                  "no parameter after {",
		"a:b a:::b/[{c}/{d}":            "a bracket is missing",
		"a:b a:::b/{c}/{c}":             `parameter "c" twice`,
		"a:b / of=x":                    `unknown field "of=x"`,
		"a:b / as=x":                    `unknown form "x"`,
		"a:b /\na:b /":                  "a:b: listed twice",
		"a:b / ids=x\na:c / ids=x":      `a:b has the prefix "x", too`,
		"a:b / in=a:c":                  `no type "a:c"`,
		"a:b a:::{a}{b}{c}{d}{e}{f}{g}": "7 parameters",
	} {
		if _, err := parseTypes(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
