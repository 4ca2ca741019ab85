// Command mutants shows that the tests of the fault matrix can fail. It breaks one
// guarantee after another in a copy of a source file, and expects the test that
// docs/RELIABILITY.md names for it to fail. The checkout is never changed: the go
// command gets the broken copy as an overlay.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := exec(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// exec runs the command.
func exec(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	pattern := flags.String("run", "", "only the mutants of which `REGEXP` matches the name or a test")
	list := flags.Bool("list", false, "list them, and run none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := regexp.Compile(*pattern)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	root, err := findRoot()
	if err != nil {
		return err
	}
	all := mutants()
	if err := check(root, all); err != nil {
		return err
	}
	trials := choose(all, chosen)
	switch {
	case len(trials) == 0:
		return fmt.Errorf("no mutant and no test matches %q", *pattern)
	case *list:
		return show(stdout, trials)
	}
	return run(ctx, root, trials, stdout)
}

// show prints what would be run.
func show(w io.Writer, trials []trial) error {
	for _, t := range trials {
		if _, err := fmt.Fprintf(w, "%-34s %s %s\n%34s in %s: %s\n", t.name, t.pkg, t.test, "", t.file, t.breaks); err != nil {
			return err
		}
	}
	return nil
}
