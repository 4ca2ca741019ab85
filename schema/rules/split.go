package rules

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var selected = regexp.MustCompile(`(?s)^SELECT\n(.*)\nFROM (polo\.\w+)$`)

var named = regexp.MustCompile(`(?s)^(.*\S)\s+AS (\w+)$`)

// split takes the SELECT apart: what is violated, the evidence, where.
func (r *Rule) split() error {
	m := selected.FindStringSubmatch(r.SQL)
	if m == nil {
		return errors.New(`the SQL is not "SELECT ... FROM polo.VIEW", each on a line of its own`)
	}
	r.from = m[2]
	if r.from != fromResources && r.from != fromCustomers {
		return fmt.Errorf("a rule selects from %s or %s", fromResources, fromCustomers)
	}
	var got []expression
	for _, item := range items(m[1]) {
		n := named.FindStringSubmatch(item)
		if n == nil {
			return fmt.Errorf("%q has no name", item)
		}
		got = append(got, expression{name: n[2], sql: strings.TrimSpace(n[1])})
	}
	if got[0].name != "violated" {
		return errors.New("the first column is violated")
	}
	r.violated, r.evidence = got[0].sql, got[1:]
	if len(r.evidence) != len(r.Evidence) {
		return fmt.Errorf("it selects %d columns of evidence and declares %d", len(r.evidence), len(r.Evidence))
	}
	for i, e := range r.evidence {
		if e.name != r.Evidence[i].Name {
			return fmt.Errorf("it selects %s where it declares %s", e.name, r.Evidence[i].Name)
		}
	}
	return nil
}

// items splits a list at its commas, those in brackets and strings left alone.
func items(list string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '\'':
			for i++; i < len(list) && list[i] != '\''; i++ {
				if list[i] == '\\' {
					i++
				}
			}
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(list[start:i]))
				start = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(list[start:]))
}
