package web_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"polo/actions"
	"polo/actions/action"
	"polo/actions/web"
)

// codes returns the values of the constants of the type Code in a file.
func codes(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || fmt.Sprint(spec.Type) != "Code" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, value)
		return true
	})
	if len(out) < 10 {
		t.Fatalf("%s has only %d codes", path, len(out))
	}
	return out
}

// The contract names each code beside its status, each action, and each event; and no code is two.
func TestContractIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/ACTIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{} // the statuses of a code
	for _, line := range regexp.MustCompile(`(?m)^\| ([0-9, ]+) \| (.*) \|$`).FindAllStringSubmatch(string(text), -1) {
		for _, code := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(line[2], -1) {
			rows[code[1]] = line[1]
		}
	}
	seen := map[string]bool{}
	for _, code := range codes(t, "../refusal.go") {
		if status := strconv.Itoa(web.RefusalStatus(actions.Code(code))); !strings.Contains(rows[code], status) {
			t.Errorf("%s has the status %s, and the contract says %q", code, status, rows[code])
		}
		seen[code] = true
	}
	for _, code := range codes(t, "../access/refusal.go") {
		want := "401"
		if code == "keys_unavailable" {
			want = "503"
		}
		if rows[code] != want || seen[code] {
			t.Errorf("%s has the status %s, and the contract says %q", code, want, rows[code])
		}
		seen[code] = true
	}
	own := []string{"bad_request", "no_such_path", "method", "too_large", "internal"}
	for code := range rows {
		if !seen[code] && !slices.Contains(own, code) {
			t.Errorf("the contract has %s, and nothing answers it", code)
		}
	}
	for _, a := range action.All() {
		i := a.Info()
		if !strings.Contains(string(text), "\n| `"+i.ID+"`") {
			t.Errorf("the action %s is not documented", i.ID)
		}
		for _, p := range i.Params {
			if !strings.Contains(string(text), "`"+p.Name+"`") {
				t.Errorf("the parameter %s of %s is not documented", p.Name, i.ID)
			}
		}
	}
	for _, kind := range []actions.Kind{
		actions.KindPlanned, actions.KindApproved, actions.KindRefused, actions.KindIntended, actions.KindAdvanced, actions.KindExecuted, actions.KindUndone, actions.KindFailed,
		actions.KindUnknown, actions.KindConfirmed,
	} {
		if !strings.Contains(string(text), "`action."+string(kind)+"`") {
			t.Errorf("action.%s is not documented", kind)
		}
	}
}
