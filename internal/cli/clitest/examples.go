package clitest

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"polo/internal/cli"
)

// Examples checks that the help of every command of a program has examples, and that each of them, and of
// the program's description, is a command line that parses. It returns how many there are.
func Examples(t *testing.T, p cli.Program, grammar func() any) (n int) {
	t.Helper()
	parser, err := p.Parser(grammar())
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{p.Description}
	for _, leaf := range parser.Model.Leaves(false) {
		if leaf.Help == "" || !strings.Contains(leaf.Detail, "Examples:") {
			t.Errorf("%s has no help with examples", leaf.FullPath())
		}
		texts = append(texts, leaf.Detail)
	}
	for _, text := range texts {
		for _, args := range examples(text, p.Name) {
			n++
			anew, err := p.Parser(grammar(), kong.Exit(func(int) {}))
			if err != nil {
				t.Fatal(err)
			}
			if len(args) == 0 {
				continue
			}
			if _, err := anew.Parse(args); err != nil {
				t.Errorf("%s %q: %v", p.Name, args, err)
			}
		}
	}
	return n
}

// examples returns the arguments of every call of a program in a help text.
func examples(text, program string) (all [][]string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "  ") {
			continue
		}
		for _, command := range strings.Split(strings.ReplaceAll(line, " && ", " | "), " | ") {
			if _, args, found := strings.Cut(" "+command, " "+program+" "); found {
				all = append(all, words(args))
			}
		}
	}
	return all
}

// words splits a line as a shell does, as far as the examples need it: quotes, and
// what stands after a pipe, a redirection or three spaces is no argument.
func words(line string) []string {
	var out []string
	var word strings.Builder
	var quote rune
	spaces := 0
	end := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	for _, c := range strings.TrimSpace(line) {
		if c == ' ' && quote == 0 {
			end()
			if spaces++; spaces == 3 {
				break
			}
			continue
		}
		spaces = 0
		switch {
		case quote == 0 && (c == '|' || c == '>'):
			end()
			return out
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		default:
			word.WriteRune(c)
		}
	}
	end()
	return out
}
