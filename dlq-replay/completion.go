package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"github.com/posener/complete"
	"github.com/willabides/kongplete"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is shown by --help.
func (completionCmd) Help() string {
	return `Completes commands, flags, reasons and file names.

Examples:

  dlq-replay completion bash >>~/.bashrc
  dlq-replay completion zsh >>~/.zshrc
  dlq-replay completion fish >~/.config/fish/completions/dlq-replay.fish`
}

// completionScripts make each shell ask the program itself.
var completionScripts = map[string]string{
	"bash": "complete -C %[1]q dlq-replay\n",
	"zsh":  "autoload -U +X bashcompinit && bashcompinit && complete -C %[1]q dlq-replay\n",
	"fish": "complete -c dlq-replay -f -a '(COMP_LINE=(commandline -cp) %[1]q)'\n",
}

// Run prints it.
func (c *completionCmd) Run(e *env) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	_, err = fmt.Fprintf(e.stdout, completionScripts[c.Shell], self)
	return err
}

// completed answers a shell that asks how a line goes on (it says so by the variable
// COMP_LINE), and tells whether one did.
func completed(parser *kong.Kong, stdout io.Writer) bool {
	if os.Getenv("COMP_LINE") == "" {
		return false
	}
	parser.Stdout = stdout
	kongplete.Complete(parser,
		kongplete.WithPredictor("reason", complete.PredictSet(reasons()...)),
		kongplete.WithPredictor("file", complete.PredictFiles("*")),
		kongplete.WithPredictor("dir", complete.PredictDirs("*")),
		kongplete.WithExitFunc(func(int) {}))
	return true
}
