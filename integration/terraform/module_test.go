package terraform_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The module is formatted and valid, and its own tests pass.
func TestModule(t *testing.T) {
	t.Parallel()
	heavy(t)
	w := checkout(t, ".")
	t.Run("fmt", func(t *testing.T) {
		if out, err := w.try(t, "fmt", "-check", "-recursive", "-diff"); err != nil {
			t.Errorf("terraform fmt -recursive has something to do:\n%s", out)
		}
	})
	t.Run("validate", func(t *testing.T) { w.run(t, "validate") })
	t.Run("test", func(t *testing.T) {
		out, err := w.try(t, "test")
		if err != nil {
			t.Fatalf("terraform test: %v\n%s", err, out)
		}
		t.Logf("%d runs", strings.Count(out, "... pass")-strings.Count(out, ".tftest.hcl... pass"))
	})
}

// The least configuration is valid as it stands.
func TestMinimalExample(t *testing.T) {
	t.Parallel()
	heavy(t)
	checkout(t, "examples/minimal").run(t, "validate")
}

// variable is one of a module's.
type variable struct {
	name, text  string
	validations int
}

var (
	variableBlock = regexp.MustCompile(`(?ms)^variable "(\w+)" \{\n(.*?)^\}`)
	runBlock      = regexp.MustCompile(`(?ms)^run "(\w+)" \{\n(.*?)^\}`)
	refused       = regexp.MustCompile(`(?s)expect_failures = \[(.*?)\]`)
	sourceOfRun   = regexp.MustCompile(`source = "\./(modules/[\w-]+)"`)
)

// Every variable has a description, a type and a validation, and for each validation a
// test run expects a bad value to be refused.
func TestVariablesAreValidated(t *testing.T) {
	t.Parallel()
	wanted := map[string]int{}
	for _, path := range glob(t, "tests/*.tftest.hcl") {
		for _, run := range runBlock.FindAllStringSubmatch(read(t, path), -1) {
			in := "."
			if m := sourceOfRun.FindStringSubmatch(run[2]); m != nil {
				in = m[1]
			}
			if m := refused.FindStringSubmatch(run[2]); m != nil {
				for _, name := range regexp.MustCompile(`var\.(\w+)`).FindAllStringSubmatch(m[1], -1) {
					wanted[in+" "+name[1]]++
				}
			}
		}
	}
	for _, in := range []string{".", "modules/read-policy", "modules/read-role", "modules/read-role-stackset", "examples/complete", "examples/minimal"} {
		found := variables(t, in)
		if len(found) == 0 {
			t.Errorf("%s: no variable", in)
		}
		for _, v := range found {
			for _, part := range []string{"description", "type"} {
				if !regexp.MustCompile(`(?m)^  ` + part + `\s+= `).MatchString(v.text) {
					t.Errorf("%s: %s has no %s", in, v.name, part)
				}
			}
			// A bool needs no validation.
			if v.validations == 0 && !regexp.MustCompile(`(?m)^  type\s+= bool$`).MatchString(v.text) {
				t.Errorf("%s: %s accepts anything", in, v.name)
			}
			// An example's are there to be changed.
			if n := wanted[in+" "+v.name]; !strings.HasPrefix(in, "examples/") && n < v.validations {
				t.Errorf("%s: %s has %d validations, and %d runs that want a bad value refused", in, v.name, v.validations, n)
			}
		}
	}
}

func variables(t *testing.T, in string) []variable {
	t.Helper()
	var out []variable
	for _, path := range glob(t, in+"/variables*.tf") {
		for _, m := range variableBlock.FindAllStringSubmatch(read(t, path), -1) {
			out = append(out, variable{m[1], m[2], strings.Count(m[2], "  validation {\n")})
		}
	}
	return out
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(module, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
