// Package clitest holds the commands' documentation to the programs.
package clitest

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"polo/internal/cli"
)

// Doc checks that the file at path has, between the marks "<!-- begin PROGRAM -->" and "<!-- end
// PROGRAM -->", the help of every command of a program, or writes it there.
func Doc(t *testing.T, path string, p cli.Program, grammar any, exec cli.Exec, update bool) {
	t.Helper()
	parser, err := p.Parser(grammar)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### `%s`\n\n```\n%s```\n", p.Name, help(t, exec, "--help"))
	for _, words := range commands(nil, parser.Model.Node) {
		fmt.Fprintf(&b, "\n### `%s %s`\n\n```\n%s```\n", p.Name, strings.Join(words, " "), help(t, exec, append(words, "--help")...))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+p.Name+" -->\n", "<!-- end "+p.Name+" -->\n"
	before, rest, found := strings.Cut(string(text), begin)
	is, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no marks %q and %q", path, begin, end)
	}
	switch want := b.String(); {
	case is == want:
	case update:
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what %s --help says: go test with -update writes it; the first difference: %s", path, p.Name, difference(is, want))
	}
}

// commands are the words of every command that can be run, in the order of the help.
func commands(words []string, n *kong.Node) [][]string {
	if len(n.Children) == 0 {
		return [][]string{words}
	}
	var all [][]string
	for _, child := range n.Children {
		all = append(all, commands(append(words[:len(words):len(words)], child.Name), child)...)
	}
	return all
}

// help is what a command line prints, without what other programs' names make of it.
func help(t *testing.T, exec cli.Exec, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := exec(t.Context(), args, strings.NewReader(""), &out, &out); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	var b strings.Builder
	for line := range strings.Lines(out.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

func difference(is, want string) string {
	lines := strings.Split(want, "\n")
	for i, line := range strings.Split(is, "\n") {
		if i >= len(lines) || line != lines[i] {
			return fmt.Sprintf("%q", line)
		}
	}
	return "it ends too early"
}

// Fields checks that the file at path names every field of the JSON that commands print, as `name`.
func Fields(t *testing.T, path string, values ...any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		fields(reflect.TypeOf(v), map[reflect.Type]bool{}, func(of reflect.Type, name string) {
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("%s does not describe `%s` of %s", path, name, of)
			}
		})
	}
}

// fields visits the JSON names of a type and of those in it.
func fields(of reflect.Type, seen map[reflect.Type]bool, visit func(of reflect.Type, name string)) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		fields(of.Elem(), seen, visit)
	case reflect.Struct:
		if seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !f.IsExported() && !f.Anonymous || name == "-" || name == "" && !f.Anonymous {
				continue
			}
			if name != "" {
				visit(of, name)
			}
			fields(f.Type, seen, visit)
		}
	}
}
