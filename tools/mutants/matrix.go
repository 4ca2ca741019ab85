package main

import (
	"regexp"
	"slices"
	"strings"
)

// The fault matrix: a table whose last column names tests.
const (
	matrixFile = "docs/RELIABILITY.md"
	testColumn = "Test"
)

var testName = regexp.MustCompile(`\bTest\w+`)

// matrixTests returns the tests that the matrix names, each once.
func matrixTests(markdown string) []string {
	var tests []string
	inside := false
	for line := range strings.Lines(markdown) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		last := strings.TrimSpace(cells[len(cells)-1])
		switch {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case last == testColumn:
			inside = true
		case inside:
			for _, name := range testName.FindAllString(last, -1) {
				if !slices.Contains(tests, name) {
					tests = append(tests, name)
				}
			}
		}
	}
	return tests
}
