package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	const run = "=== RUN   TestA\n=== RUN   TestA/one_case\n=== RUN   TestB\n"
	for _, c := range []struct {
		name, out string
		failed    bool
		test      string
		want      verdict
	}{
		{"fails", run + "--- FAIL: TestB (0.10s)\nFAIL\n", true, "TestB", killed},
		{"subtest fails", run + "--- FAIL: TestA (0.10s)\n    --- FAIL: TestA/one_case (0.10s)\n", true, "TestA/one_case", killed},
		{"passes", run + "--- PASS: TestB (0.10s)\nPASS\n", false, "TestB", survived},
		{"another fails", run + "--- FAIL: TestA (0.10s)\n--- PASS: TestB (0.10s)\nFAIL\n", true, "TestB", broken},
		{"only the parent of the subtest fails", run + "--- FAIL: TestA (0.10s)\n    --- PASS: TestA/one_case (0.10s)\n", true, "TestA/one_case", broken},
		{"panics", run + "panic: boom\n\ngoroutine 7 [running]:\n", true, "TestB", killed},
		{"runs out of time", run + "panic: test timed out after 3m0s\n\trunning tests:\n\t\tTestB (2m59s)\n", true, "TestB", killed},
		{"does not compile", "# polo/consumer\nFAIL\tpolo/consumer [build failed]\n", true, "TestB", broken},
		{"does not exist", "testing: warning: no tests to run\nPASS\n", false, "TestB", broken},
		{"is skipped", run + "--- SKIP: TestB (0.00s)\nPASS\n", false, "TestB", broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, why := judge(c.out, c.failed, c.test); got != c.want {
				t.Errorf("%s (%s), want %s", got, why, c.want)
			}
		})
	}
}

func TestMatrixTests(t *testing.T) {
	t.Parallel()
	got := matrixTests(`
| Code | Name |
|---|---|
| 1 | TestNot |

| Fault | Moment | Test |
|---|---|---|
| one, unlike TestOther | now | TestOne, TestTwo |
| three | later | TestThree in ` + "`integration`" + ` (needs root) |
| again | | TestOne |

TestText is no row.
`)
	if want := []string{"TestOne", "TestTwo", "TestThree"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// checkout creates a small module polo with a passing test.
func checkout(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var small = map[string]string{
	"go.mod":              "module polo\n\ngo 1.26\n",
	"sum/sum.go":          "package sum\n\nfunc Of(a, b int) int { return a + b }\n",
	"sum/sum_test.go":     "package sum\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) {\n\tt.Run(\"of ones\", func(t *testing.T) {\n\t\tif Of(1, 1) != 2 {\n\t\t\tt.Error(\"wrong\")\n\t\t}\n\t})\n}\n",
	"docs/RELIABILITY.md": "| Fault | Test |\n|---|---|\n| a sum | TestSum |\n",
}

func TestRun(t *testing.T) {
	t.Parallel()
	root := checkout(t, small)
	of := func(name, replacement string) mutant {
		return mutant{name: name, file: "sum/sum.go", old: "a + b", new: replacement, pkg: "./sum", tests: []string{"TestSum/of_ones"}}
	}
	all := []mutant{of("minus", "a - b"), of("other-way-round", "b + a"), of("no-code", "a +"), of("by-chance", "a * b")}
	all[3].says = "not what it says"
	if err := check(root, all); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(context.Background(), root, choose(all, regexp.MustCompile("")), &out)
	if err == nil || !strings.Contains(err.Error(), "3 of 4") {
		t.Errorf("ended with %v", err)
	}
	for _, want := range []string{`(?m)^clean .*TestSum$`, `(?m)^killed .* minus `, `(?m)^SURVIVED .* other-way-round `, `(?m)^ERROR .* no-code `, `(?m)^ERROR .* by-chance `} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no line is %s:\n%s", want, out.String())
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "sum", "sum.go"))
	if err != nil || string(text) != small["sum/sum.go"] {
		t.Errorf("the checkout was changed: %v\n%s", err, text)
	}
}

func TestRunWantsTestsThatPass(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for name, text := range small {
		files[name] = strings.Replace(text, "a + b", "a * b", 1)
	}
	m := mutant{name: "m", file: "sum/sum.go", old: "a * b", new: "a", pkg: "./sum", tests: []string{"TestSum"}}
	var out bytes.Buffer
	err := run(context.Background(), checkout(t, files), choose([]mutant{m}, regexp.MustCompile("")), &out)
	if err == nil || !strings.Contains(out.String(), "fails without a mutant") || strings.Contains(out.String(), "killed   ") {
		t.Errorf("ended with %v and said\n%s", err, out.String())
	}
}

// TestMutantsFitTheCode: the code contains what each mutant replaces, and each test of the fault
// matrix has a mutant.
func TestMutantsFitTheCode(t *testing.T) {
	t.Parallel()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := check(root, mutants()); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	root := checkout(t, small)
	m := mutant{name: "m", file: "sum/sum.go", old: "b", new: "c", tests: []string{"TestOther"}}
	err := check(root, []mutant{m, m})
	if err == nil {
		t.Fatal("all is well")
	}
	for _, want := range []string{"two mutants are called m", "holds the text to be replaced 2 times", "names TestSum, and no mutant"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported: %v", want, err)
		}
	}
}
