package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mutant is a defect that an engineer could write without noticing. It is tied to the line that it
// breaks by a comment at that line's end; see anchor.
type mutant struct {
	name string
	// breaks is the broken guarantee, in a few words.
	breaks string
	// new replaces the line or, if old is not "", that part of it; "" removes the line.
	old, new string
	// frozen is a file in whose text new replaces old: a migration has no anchor, because its checksum
	// must not change.
	frozen string
	// pkg has the tests, each of which must fail; a subtest is given by its whole name.
	pkg   string
	tests []string
	// env is the tests' additional environment.
	env []string
	// says is what the tests must print when they fail; "" if they cannot fail for
	// another reason.
	says string

	// file, from the root of the checkout, and text, the file's with the defect, are set by locate.
	file, text string
}

// trial is a mutant and one of its tests.
type trial struct {
	mutant
	test string
}

// top returns the test without the subtest.
func (t trial) top() string { return top(t.test) }

func top(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return name
}

// choose lists the trials whose mutant or test matches.
func choose(all []mutant, chosen *regexp.Regexp) []trial {
	var trials []trial
	for _, m := range all {
		for _, test := range m.tests {
			if chosen.MatchString(m.name) || chosen.MatchString(test) {
				trials = append(trials, trial{m, test})
			}
		}
	}
	return trials
}

// check locates all mutants. It reports each that does not fit the code, and each test of the
// matrix without a mutant. It checks all of them, whatever is chosen: a change of the code
// must update its mutants.
func check(root string, all []mutant) error {
	var errs []error
	names := map[string]bool{}
	hit := map[string]bool{}
	for _, m := range all {
		if names[m.name] {
			errs = append(errs, fmt.Errorf("two mutants are called %s", m.name))
		}
		names[m.name] = true
		for _, test := range m.tests {
			hit[top(test)] = true
			if !hasTest(root, m.pkg, top(test)) {
				errs = append(errs, fmt.Errorf("mutant %s: %s has no %s: correct tests in tools/mutants", m.name, m.pkg, top(test)))
			}
		}
	}
	errs = append(errs, locate(root, all))
	text, err := os.ReadFile(filepath.Join(root, matrixFile))
	if err != nil {
		return fmt.Errorf("reading the fault matrix: %w", err)
	}
	tests := matrixTests(string(text))
	if len(tests) == 0 {
		errs = append(errs, fmt.Errorf("%s names no test in a table's column %q", matrixFile, testColumn))
	}
	for _, test := range tests {
		if !hit[test] {
			errs = append(errs, fmt.Errorf("%s names %s, and no mutant shows that it can fail", matrixFile, test))
		}
	}
	return errors.Join(errs...)
}

// hasTest reports whether a package has the test.
func hasTest(root, pkg, test string) bool {
	files, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(pkg), "*_test.go")) // the pattern is valid
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+test+"(")
	})
}

// findRoot returns the folder of the module polo, at or above the working directory.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the checkout: %w", err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module polo\n") {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("finding the checkout: run it inside one")
		}
		dir = up
	}
}
