package main

import (
	"regexp"
	"strings"
)

// verdict is what became of a mutant.
type verdict string

const (
	killed   verdict = "killed"
	survived verdict = "SURVIVED"
	// broken is an attempt that shows nothing, a mutant that does not compile
	// above all.
	broken verdict = "ERROR"
)

// judge reads what `go test -v` said of test. Only the test itself kills: another
// that fails, or a build that does, shows nothing.
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

// patternOf is the -run pattern that chooses exactly test.
func patternOf(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
