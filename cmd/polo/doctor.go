package main

import (
	"context"
	"fmt"
	"os"

	"polo/internal/cli"
)

type doctorCmd struct {
	Data string `env:"POLO_DATA" default:".polo" predictor:"dir" help:"The data directory." placeholder:"DIR"`
	JSON bool   `help:"Print the checks as JSON."`
}

// Help explains more than the flags do.
func (*doctorCmd) Help() string {
	return `Checks the programs that build Polo, the engine's library, the dashboard, the data directory, who runs a stack on it, disk space,
ports, AWS credentials and whether configured endpoints can be reached. It changes nothing, and asks nothing but
127.0.0.1 and what the environment names. Exit code 0: nothing is missing that is needed.

Examples:

  polo doctor
  polo doctor --data /var/lib/polo --json`
}

// Validate refuses an empty data directory.
func (c *doctorCmd) Validate() error { return dataDir(c.Data).valid() }

// States of a check.
const (
	stateOK = "ok"
	// stateNote marks something missing that only some commands need.
	stateNote    = "note"
	stateMissing = "missing"
)

// check is the result of one check.
type check struct {
	Name  string `json:"name"`
	State string `json:"state"`
	// Found is what was found, Remedy what to do if it is wrong.
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"`
}

// diagnosis is doctor's output as JSON.
type diagnosis struct {
	OK     bool    `json:"ok"`
	Checks []check `json:"checks"`
}

// Run runs the checks.
func (c *doctorCmd) Run(ctx context.Context, e *env) error {
	d := diagnose(ctx, c.Data, os.Getenv)
	if err := d.print(e, c.JSON); err != nil {
		return err
	}
	if n := d.missing(); n > 0 {
		return fmt.Errorf("%d requirements are missing: see the remedies", n)
	}
	return nil
}

// diagnose runs every check.
func diagnose(ctx context.Context, data string, getenv func(string) string) diagnosis {
	library := checkLibrary()
	d := diagnosis{Checks: []check{library}}
	d.Checks = append(d.Checks, checkTools(ctx, library.State == stateOK)...)
	d.Checks = append(d.Checks, checkDashboard(getenv("POLO_WORKER")))
	d.Checks = append(d.Checks, checkData(data)...)
	d.Checks = append(d.Checks, checkPorts(data)...)
	d.Checks = append(d.Checks, checkCredentials(ctx, getenv)...)
	d.Checks = append(d.Checks, checkEndpoints(ctx, data, getenv)...)
	d.OK = d.missing() == 0
	return d
}

func (d diagnosis) missing() (n int) {
	for _, c := range d.Checks {
		if c.State == stateMissing {
			n++
		}
	}
	return n
}

func (d diagnosis) print(e *env, asJSON bool) error {
	if asJSON {
		return e.PrintJSON(d)
	}
	t := cli.NewTable(e.Streams, "check", "state", "found")
	for _, c := range d.Checks {
		t.Row(c.Name, c.State, c.Found)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, c := range d.Checks {
		if c.Remedy == "" {
			continue
		}
		if _, err := fmt.Fprintf(e.Stdout, "%s: %s\n  remedy: %s\n", c.Name, c.Found, c.Remedy); err != nil {
			return err
		}
	}
	return nil
}
