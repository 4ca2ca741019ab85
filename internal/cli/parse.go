package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Program is a command line of commands.
type Program struct {
	Name        string
	Description string
	// Sets are values that a shell completes, by the flags' predictors.
	Sets map[string]func() []string
	// Vars are what tags of the grammar name by ${...}.
	Vars kong.Vars
}

// Parser makes the parser of a program whose commands are the fields of grammar.
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

// Parse reads a command line into grammar; without arguments it is --help. The command is nil
// where there is nothing to run: help, the version or a shell's question was answered.
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

// Typed are the names of the flags that stand on the command line; others have their values of
// the environment, or their defaults.
func Typed(command *kong.Context) map[string]bool {
	typed := map[string]bool{}
	for _, p := range command.Path {
		if p.Flag != nil && !p.Resolved {
			typed[p.Flag.Name] = true
		}
	}
	return typed
}
