package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// How long one test may take with a mutant, and all of a package's tests without one. A
// broken guarantee often shows as a queue that is never empty; the tests give up on
// that after two minutes.
const (
	trialTime = 3 * time.Minute
	cleanTime = 15 * time.Minute
)

// run tries every mutant, and fails unless each is killed.
func run(ctx context.Context, root string, trials []trial, w io.Writer) (err error) {
	started := time.Now()
	dir, err := os.MkdirTemp("", "polo-mutants-")
	if err != nil {
		return fmt.Errorf("making a folder for the mutants: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	failing, err := clean(ctx, root, dir, trials, w)
	if err != nil {
		return err
	}
	count := map[verdict]int{}
	for i, t := range trials {
		var took time.Duration
		v, why := broken, "the test fails without a mutant, too"
		if !failing[t.top()] {
			v, took, why = attempt(ctx, root, filepath.Join(dir, fmt.Sprint(i)), t)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		count[v]++
		if err := report(w, t, v, took, why); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "%d mutants before their tests: %d killed, %d survived, %d errors in %s\n",
		len(trials), count[killed], count[survived], count[broken], time.Since(started).Round(time.Second)); err != nil {
		return err
	}
	if n := count[survived] + count[broken]; n > 0 {
		return fmt.Errorf("%d of %d mutants were not killed", n, len(trials))
	}
	return nil
}

// report prints a trial's line and its details.
func report(w io.Writer, t trial, v verdict, took time.Duration, why string) error {
	line := fmt.Sprintf("%-8s %5.1fs  %-29s %s: %s\n", v, took.Seconds(), t.name, t.test, t.breaks)
	if why != "" {
		line += indent(why) + "\n"
	}
	_, err := io.WriteString(w, line)
	return err
}

var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (Test\w+) \(`)

// clean runs the trials' tests on the unchanged code, and returns those that fail: they
// would kill every mutant and show nothing.
func clean(ctx context.Context, root, dir string, trials []trial, w io.Writer) (failing map[string]bool, err error) {
	failing = map[string]bool{}
	for n, g := range groupsOf(trials) {
		c := command{root: root, dir: filepath.Join(dir, fmt.Sprint("clean", n)), pkg: g.pkg, pattern: g.pattern(), env: g.env, limit: cleanTime}
		out, failed, err := c.run(ctx)
		if err != nil {
			return nil, err
		}
		said := fmt.Sprintf("%-8s %5.1fs  %s: %s\n", "clean", c.took.Seconds(), g.pkg, strings.Join(g.tests, " "))
		if failed {
			found := failedTest.FindAllStringSubmatch(out, -1)
			if len(found) == 0 {
				return nil, fmt.Errorf("%s does not run without a mutant:\n%s", g.pkg, indent(tail(out)))
			}
			for _, f := range found {
				failing[f[1]] = true
			}
			said = fmt.Sprintf("%-8s %5.1fs  %s without a mutant:\n%s\n", broken, c.took.Seconds(), g.pkg, indent(out))
		}
		if _, err := io.WriteString(w, said); err != nil {
			return nil, err
		}
	}
	return failing, nil
}

// group is the tests of one package that can run together.
type group struct {
	pkg   string
	env   []string
	tests []string
}

func groupsOf(trials []trial) []*group {
	var groups []*group
	for _, t := range trials {
		i := slices.IndexFunc(groups, func(g *group) bool { return g.pkg == t.pkg && slices.Equal(g.env, t.env) })
		if i < 0 {
			i, groups = len(groups), append(groups, &group{pkg: t.pkg, env: t.env})
		}
		if g := groups[i]; !slices.Contains(g.tests, t.top()) {
			g.tests = append(g.tests, t.top())
		}
	}
	return groups
}

func (g *group) pattern() string { return "^(" + strings.Join(g.tests, "|") + ")$" }

// attempt runs one test on one mutant.
func attempt(ctx context.Context, root, dir string, t trial) (v verdict, took time.Duration, why string) {
	c := command{root: root, dir: dir, pkg: t.pkg, pattern: patternOf(t.test), env: t.env, limit: trialTime, overlaid: t.file, text: t.text}
	out, failed, err := c.run(ctx)
	if err != nil {
		return broken, c.took, err.Error()
	}
	v, why = judge(out, failed, t.test)
	if v == killed && !strings.Contains(out, t.says) {
		v, why = broken, "it failed, and did not say: "+t.says
	}
	switch v {
	case broken:
		why += "\n" + tail(out)
	case killed:
		why = messages(out)
	}
	return v, c.took, why
}

var message = regexp.MustCompile(`(?m)^ +\w+_test\.go:\d+: (.*)$`)

var always = regexp.MustCompile(`^(seed \d+( \(|$)|undisturbed: |the consumers' log ends)`)

// messages returns the first messages of a failed test, so that a person can see
// whether it failed for the right reason. It leaves out what tests always print.
func messages(out string) string {
	const most, longest = 3, 200
	var lines []string
	for _, m := range message.FindAllStringSubmatch(out, -1) {
		text := m[1][:min(len(m[1]), longest)]
		if len(lines) < most && !always.MatchString(text) && !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// tail returns the end of a test's output.
func tail(out string) string {
	const most = 3000
	return out[max(0, len(out)-most):]
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}
