package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"github.com/posener/complete"
	"github.com/willabides/kongplete"
)

// CompletionCommand prints a script that makes a shell complete a program's command lines.
type CompletionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// script makes the shell ask the program itself, which is at path.
func (c CompletionCommand) script(program, path string) string {
	switch c.Shell {
	case "zsh":
		return fmt.Sprintf("autoload -U +X bashcompinit && bashcompinit && complete -C %s %s\n", Quote(path), program)
	case "fish":
		return fmt.Sprintf("complete -c %s -f -a '(COMP_LINE=(commandline -cp) %s)'\n", program, Quote(path))
	}
	return fmt.Sprintf("complete -C %s %s\n", Quote(path), program)
}

// Print prints the script.
func (c CompletionCommand) Print(s *Streams, program string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	_, err = fmt.Fprint(s.Stdout, c.script(program, self))
	return err
}

// CompletionHelp is the help of the command.
func CompletionHelp(program string) string {
	return fmt.Sprintf(`Completes commands, flags, their values and file names.

Examples:

  %[1]s completion bash >>~/.bashrc
  %[1]s completion zsh >>~/.zshrc
  %[1]s completion fish >~/.config/fish/completions/%[1]s.fish`, program)
}

// Complete answers a shell that asks for completions of the command line in COMP_LINE, and reports
// whether one asked. sets are the values of flags by the names of their predictors; "file" and
// "dir" are predefined.
func Complete(parser *kong.Kong, stdout io.Writer, sets map[string]func() []string) bool {
	if os.Getenv("COMP_LINE") == "" {
		return false
	}
	parser.Stdout = stdout
	options := []kongplete.Option{
		kongplete.WithPredictor("file", complete.PredictFiles("*")),
		kongplete.WithPredictor("dir", complete.PredictDirs("*")),
		kongplete.WithExitFunc(func(int) {}),
	}
	for name, values := range sets {
		options = append(options, kongplete.WithPredictor(name, complete.PredictSet(values()...)))
	}
	kongplete.Complete(parser, options...)
	return true
}
