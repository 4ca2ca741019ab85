package main

import (
	"regexp"
	"strings"
)

// verdict is a mutant's fate.
type verdict string

const (
	killed   verdict = "killed"
	survived verdict = "SURVIVED"
	// broken is a trial that shows nothing, usually a mutant that does not compile.
	broken verdict = "ERROR"
)

// judge interprets the output of `go test -v`. Only the test itself kills a mutant:
// another failing test or a failing build shows nothing.
func judge(out string, failed bool, test string) (v verdict, why string) {
	says := func(format string) bool {
		return regexp.MustCompile(strings.ReplaceAll(format, "TEST", regexp.QuoteMeta(test))).MatchString(out)
	}
	switch {
	case says(`\[(build|setup) failed\]`):
		return broken, "it does not compile"
	case !says(`(?m)^=== RUN   TEST$`):
		return broken, "no such test was run"
	case says(`(?m)^ *--- SKIP: TEST \(`):
		return broken, "the test was skipped"
	case says(`(?m)^ *--- FAIL: TEST \(`):
		return killed, ""
	case says(`(?m)^panic: test timed out`) && says(`(?m)^\t\tTEST \(`):
		return killed, ""
	case failed && says(`(?m)^(panic|fatal error): `) && !says(`(?m)^ *--- PASS: TEST \(`):
		return killed, ""
	case failed:
		return broken, "something else failed"
	}
	return survived, ""
}

// patternOf returns the -run pattern that selects exactly test.
func patternOf(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
