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
	"sum/sum.go":          "package sum\n\nfunc Of(a, b int) int {\n\treturn a + b //mutant:m,n\n}\n",
	"sum/sum_test.go":     "package sum\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) {\n\tt.Run(\"of ones\", func(t *testing.T) {\n\t\tif Of(1, 1) != 2 {\n\t\t\tt.Error(\"wrong\")\n\t\t}\n\t})\n}\n",
	"docs/RELIABILITY.md": "| Fault | Test |\n|---|---|\n| a sum | TestSum |\n",
}

// with returns the files of small with a part of them replaced.
func with(old, replacement string) map[string]string {
	files := map[string]string{}
	for name, text := range small {
		files[name] = strings.ReplaceAll(text, old, replacement)
	}
	return files
}

func TestRun(t *testing.T) {
	t.Parallel()
	root := checkout(t, with("//mutant:m,n", "//mutant:minus,other-way-round,no-code,by-chance"))
	of := func(name, replacement string) mutant {
		return mutant{name: name, new: replacement, pkg: "./sum", tests: []string{"TestSum/of_ones"}}
	}
	all := []mutant{of("minus", "return a - b"), of("other-way-round", "return b + a"), of("no-code", "return a +"), of("by-chance", "return a * b")}
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
	if err != nil || !strings.Contains(string(text), "a + b //mutant:") {
		t.Errorf("the checkout was changed: %v\n%s", err, text)
	}
}

func TestRunWantsTestsThatPass(t *testing.T) {
	t.Parallel()
	root := checkout(t, with("a + b //mutant:m,n", "a * b //mutant:m"))
	all := []mutant{{name: "m", old: "a * b", new: "a", pkg: "./sum", tests: []string{"TestSum"}}}
	if err := check(root, all); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(context.Background(), root, choose(all, regexp.MustCompile("")), &out)
	if err == nil || !strings.Contains(out.String(), "fails without a mutant") || strings.Contains(out.String(), "killed   ") {
		t.Errorf("ended with %v and said\n%s", err, out.String())
	}
}

// TestMutantsFitTheCode: each mutant has its line and compiles, each anchor its mutant, and each test
// of the fault matrix one.
func TestMutantsFitTheCode(t *testing.T) {
	t.Parallel()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	all := mutants()
	if err := check(root, all); err != nil {
		t.Fatal(err)
	}
	if err := compile(root, all); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	root := checkout(t, with("//mutant:m,n", "//mutant:m"))
	m := mutant{name: "m", old: "c", new: "d", pkg: "./sum", tests: []string{"TestOther"}}
	err := check(root, []mutant{m, m})
	if err == nil {
		t.Fatal("all is well")
	}
	for _, want := range []string{"two mutants are called m", "mutant m: ./sum has no TestOther", `mutant m: sum/sum.go:4 has "c" 0 times`, "names TestSum, and no mutant"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported: %v", want, err)
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	files := with("//mutant:m,n", "// plus // mutant:m,n")
	files["sum/page.go"] = "package sum\n\nconst page = `<p>\n<a/><b/><!--mutant:page-->\n</p>`\n"
	files["sum/view.sql"] = "SELECT a, {{- /* mutant:view */}}\n    b;\n"
	files["sum/old.sql"] = "SELECT a;\n"
	files["tools/other.go"] = "package main //mutant:elsewhere\n"
	cases := []struct {
		m    mutant
		want string
	}{
		{mutant{name: "m", new: "return a"}, "package sum\n\nfunc Of(a, b int) int {\n\treturn a\n}\n"},
		{mutant{name: "n", old: "a +", new: "a -"}, "package sum\n\nfunc Of(a, b int) int {\n\treturn a - b // plus // mutant:m,n\n}\n"},
		{mutant{name: "page", old: "<b/>", new: ""}, "package sum\n\nconst page = `<p>\n<a/><!--mutant:page-->\n</p>`\n"},
		{mutant{name: "view", new: ""}, "\n    b;\n"},
		{mutant{name: "frozen", frozen: "sum/old.sql", old: "a", new: "b"}, "SELECT b;\n"},
	}
	var all []mutant
	for _, c := range cases {
		all = append(all, c.m)
	}
	if err := locate(checkout(t, files), all); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		if all[i].text != c.want {
			t.Errorf("%s makes of %s\n%s\nwant\n%s", c.m.name, all[i].file, all[i].text, c.want)
		}
	}
}

func TestLocateReports(t *testing.T) {
	t.Parallel()
	of := func(old, replacement string) mutant { return mutant{name: "m", old: old, new: replacement} }
	frozen := func(old, replacement string) mutant {
		return mutant{name: "m", frozen: "go.mod", old: old, new: replacement}
	}
	for _, c := range []struct {
		name, comment string
		m             mutant
		want          string
	}{
		{"no anchor", "", of("", "return a"), "mutant m: no line ends in //mutant:m: add that"},
		{"two anchors", "//mutant:m\n\t_ = a //mutant:m", of("", "return a"), "sum/sum.go:4 and sum/sum.go:5 end in mutant:m: keep it"},
		{"a name twice", "//mutant:m,m", of("", "return a"), "sum/sum.go:4 and sum/sum.go:4 end in"},
		{"the same line", "//mutant:m", of("", "return a + b"), `sum/sum.go:4 stays as it is, "return a + b": correct`},
		{"the same part", "//mutant:m", of("+", "+"), `sum/sum.go:4 stays as it is`},
		{"no such part", "//mutant:m", of("c", "d"), `sum/sum.go:4 has "c" 0 times, not once, in "return a + b": correct`},
		{"a part of the comment", "//mutant:m", of("mutant", "d"), `sum/sum.go:4 has "mutant" 0 times`},
		{"no mutant", "//mutant:m,n", of("", "return a"), "sum/sum.go:4: no mutant is called n: remove the comment, or declare"},
		{"frozen without the text", "", frozen("none", ""), `go.mod has "none" 0 times`},
		{"frozen and the same", "", frozen("polo", "polo"), `go.mod has "polo" 1 times, and should have it once and be changed`},
		{"frozen with an anchor", "//mutant:m", frozen("polo", ""), "sum/sum.go:4: it replaces text of go.mod, and needs no anchor: remove it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := locate(checkout(t, with(" //mutant:m,n", " "+c.comment)), []mutant{c.m})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestCompile(t *testing.T) {
	t.Parallel()
	root := checkout(t, with("\treturn a + b //mutant:m,n", "\tc := a + b\n\treturn c //mutant:m"))
	for _, c := range []struct {
		name string
		m    mutant
		want string
	}{
		{"compiles", mutant{name: "m", new: "return 2 * c"}, ""},
		{"syntax", mutant{name: "m", new: "return c +"}, "mutant m of sum/sum.go: correct new in tools/mutants: sum/sum.go:6"},
		{"type", mutant{name: "m", new: `return "c"`}, "sum/sum.go:5"},
		{"unused variable", mutant{name: "m", new: "return a"}, "declared and not used: c"},
		{"SQL without says", mutant{name: "m", file: "a.sql", text: "SELECT 1"}, "give it says"},
		{"template", mutant{name: "m", file: "a.sql", text: "SELECT {{x", says: "one"}, "mutant m of a.sql: correct new"},
		{"SQL", mutant{name: "m", file: "a.sql", text: "SELECT {{x}}", says: "one"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all := []mutant{c.m}
			if c.m.file != "" { // SQL, beside a mutant of Go
				all = []mutant{{name: "m", new: "return c + c"}}
			}
			if err := locate(root, all); err != nil {
				t.Fatal(err)
			}
			if c.m.file != "" {
				all = append(all, c.m)
			}
			err := compile(root, all)
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
