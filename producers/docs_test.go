package producers_test

import (
	"os"
	"strings"
	"testing"
)

// docs/ADDING_A_SOURCE.md shows the example that compiles and runs.
func TestDocsShowTheExample(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/ADDING_A_SOURCE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(code), "// beacons reads")
	shown, _, _ = strings.Cut(shown, "func Example()")
	if shown == "" || !strings.Contains(string(page), "```go\n// beacons reads"+strings.TrimRight(shown, "\n")+"\n```") {
		t.Error("the page's code is not that of example_test.go, from \"// beacons reads\" to Example")
	}
}
