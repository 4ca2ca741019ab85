package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Program is a program with commands.
type Program struct {
	Name        string
	Description string
	// Sets are the values that a shell completes, by the names of the flags' predictors.
	Sets map[string]func() []string
	// Vars are the values of ${...} in the grammar's tags.
	Vars kong.Vars
}

// Parser returns the parser of a program whose commands are the fields of grammar.
func (p Program) Parser(grammar any, options ...kong.Option) (*kong.Kong, error) {
	options = append([]kong.Option{
		kong.Name(p.Name), kong.Description(p.Description), kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 120}),
		kong.Vars{"version": version(p.Name).String()},
		p.Vars,
	}, options...)
	parser, err := kong.New(grammar, options...)
	if err != nil {
		return nil, fmt.Errorf("building the command line: %w", err)
	}
	return parser, nil
}

// Parse parses a command line into grammar; no arguments mean --help. The returned command is nil
// if nothing is left to run: Parse has printed help, the version or completions.
func (p Program) Parse(ctx context.Context, grammar any, args []string, stdout, stderr io.Writer) (*kong.Context, error) {
	exited := false
	parser, err := p.Parser(grammar, kong.Writers(stdout, stderr), kong.Exit(func(int) { exited = true }), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return nil, err
	}
	if Complete(parser, stdout, p.Sets) {
		return nil, nil
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited {
		return nil, nil
	}
	if err != nil {
		return nil, Usage("%w (%s --help shows the commands)", err, p.Name)
	}
	return command, nil
}

// Typed returns the names of the flags given on the command line. The others have values from the
// environment, or defaults.
func Typed(command *kong.Context) map[string]bool {
	typed := map[string]bool{}
	for _, p := range command.Path {
		if p.Flag != nil && !p.Resolved {
			typed[p.Flag.Name] = true
		}
	}
	return typed
}
