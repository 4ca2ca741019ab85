package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"polo/internal/cli"
	"polo/internal/plain"
)

type actionCmd struct {
	List    actionListCmd    `cmd:"" help:"List the actions, and where each is allowed."`
	Plan    actionPlanCmd    `cmd:"" help:"Plan an action on a resource: what would be called, what it saves, how it is undone."`
	Approve actionApproveCmd `cmd:"" help:"Approve somebody else's plan, or its undo."`
	Execute actionExecuteCmd `cmd:"" help:"Execute a plan; a repetition finds what was done."`
	Undo    actionUndoCmd    `cmd:"" help:"Undo a plan that was executed."`
}

type actionListCmd struct {
	Format string `enum:"table,json" default:"table" help:"How to print: ${enum}."`
	actionServer
}

// Help gives examples.
func (*actionListCmd) Help() string {
	return `Examples:

  polo action list --url https://ID.lambda-url.eu-west-1.on.aws --token-file token --key-file oncall.pem --key-id oncall`
}

// Run lists the actions.
func (c *actionListCmd) Run(ctx context.Context, e *env) error {
	a, err := c.send(ctx, http.MethodGet, "/actions", nil)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return printRaw(e.Stdout, a.raw)
	}
	t := cli.NewTable(e.Streams, "action", "what", "allowed in", "undo")
	t.Keep(0)
	for _, o := range a.Catalogue.Actions {
		var where []string
		for _, allowed := range o.Allowed {
			where = append(where, strings.Join(allowed.Environments, ", ")+" of "+strings.Join(allowed.Accounts, ", "))
		}
		if len(where) == 0 {
			where = []string{"nowhere"}
		}
		t.Row(o.ID, o.Title, strings.Join(where, "; "), o.Undo)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	switch {
	case !a.Catalogue.Enabled:
		_, err = fmt.Fprintln(e.Stdout, "actions are off")
	case !a.Catalogue.Alive:
		_, err = fmt.Fprintln(e.Stdout, "the kill switch is off: nothing is done")
	}
	return err
}

type actionPlanCmd struct {
	Action string            `arg:"" help:"The action: polo action list has them." placeholder:"ACTION"`
	ARN    string            `arg:"" name:"arn" help:"The resource's ARN." placeholder:"ARN"`
	Rule   string            `help:"The rule whose open violation it ends." placeholder:"RULE" predictor:"rule"`
	Param  map[string]string `help:"A parameter of the action; may be repeated." placeholder:"NAME=VALUE" mapsep:"none"`
	Save   string            `default:"plan.json" help:"Where to write the plan, for approve and execute (${default})." placeholder:"FILE" predictor:"file"`
	Format string            `enum:"text,json" default:"text" help:"How to print: ${enum}."`
	actionServer
}

// Help explains more than the flags do.
func (*actionPlanCmd) Help() string {
	return `Nothing is changed. The plan expires in 30 minutes.

Examples:

  polo action plan stop_instance arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc --rule owner_missing
  polo action plan set_log_retention arn:aws:logs:eu-west-1:111122223333:log-group:/app --rule log_group_kept_forever --param days=90`
}

// Run plans.
func (c *actionPlanCmd) Run(ctx context.Context, e *env) error {
	a, err := c.send(ctx, http.MethodPost, "/plan", map[string]any{"action": c.Action, "arn": c.ARN, "rule": c.Rule, "params": c.Param})
	if err != nil {
		return err
	}
	plan, err := a.Planned.open()
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if err := os.WriteFile(c.Save, a.raw, 0o600); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	if c.Format == "json" {
		return printRaw(e.Stdout, a.raw)
	}
	if _, err := io.WriteString(e.Stdout, plan.text()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "written to %s: polo action execute %s\n", c.Save, cli.Quote(c.Save))
	return err
}

type actionApproveCmd struct {
	Plan string `arg:"" help:"The file that plan wrote." placeholder:"FILE" predictor:"file"`
	For  string `enum:"execute,undo" default:"execute" help:"What is approved: ${enum}."`
	Save string `default:"approval.json" help:"Where to write the approval (${default})." placeholder:"FILE" predictor:"file"`
	Yes  bool   `help:"Do not ask whether to go on."`
	actionServer
}

// Help explains more than the flags do.
func (*actionApproveCmd) Help() string {
	return `Prints first what is sealed in the plan, whatever else the file says, and asks whether to go on. Who asked for a plan
cannot approve it, and who approves it cannot execute or undo it.

Examples:

  polo action approve plan.json
  polo action approve plan.json --for undo --save undo.json`
}

// Run approves.
func (c *actionApproveCmd) Run(ctx context.Context, e *env) error {
	sealed, err := confirmed(e, e.Stdout, c.Plan, "approve to "+c.For, c.Yes)
	if err != nil {
		return err
	}
	a, err := c.send(ctx, http.MethodPost, "/approve", map[string]any{"plan": sealed, "for": c.For})
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Save, a.raw, 0o600); err != nil {
		return fmt.Errorf("writing the approval: %w", err)
	}
	_, err = fmt.Fprintf(e.Stdout, "approved, and written to %s: polo action %s %s --approval %s\n", c.Save, c.For, cli.Quote(c.Plan), cli.Quote(c.Save))
	return err
}

// confirmed returns the sealed plan of a file, once it was shown to out and somebody said yes to it. Nothing is sent before.
func confirmed(e *env, out io.Writer, file, what string, yes bool) (string, error) {
	a, err := readAnswer(file)
	if err != nil {
		return "", err
	}
	if a.Planned == nil {
		return "", cli.Usage("%s is no plan", file)
	}
	plan, err := a.Planned.open()
	if err != nil {
		return "", cli.Usage("%s is no plan: %w", file, err)
	}
	if _, err := io.WriteString(out, plan.text()); err != nil {
		return "", err
	}
	switch {
	case yes:
	case !cli.IsTerminal(e.Stdin):
		return "", cli.Usage("nobody can be asked whether to %s this plan: read it, and say --yes", what)
	default:
		if err := askWhether(e.Stdin, out, what); err != nil {
			return "", err
		}
	}
	return a.Planned.Sealed, nil
}

// askWhether returns nil if the next line is yes.
func askWhether(in io.Reader, out io.Writer, what string) error {
	if _, err := fmt.Fprintf(out, "%s? Type yes to go on: ", what); err != nil {
		return err
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if strings.TrimSpace(line) != "yes" {
		return errors.New("nothing was done: the answer was not yes")
	}
	return nil
}

// actionRun is what execute and undo share.
type actionRun struct {
	Plan     string   `arg:"" help:"The file that plan wrote." placeholder:"FILE" predictor:"file"`
	Approval []string `help:"A file that approve wrote; may be repeated." placeholder:"FILE" predictor:"file" sep:"none"`
	Format   string   `enum:"text,json" default:"text" help:"How to print: ${enum}."`
	Yes      bool     `help:"Do not ask whether to go on."`
	actionServer
}

type actionExecuteCmd struct{ actionRun }

// Help explains more than the flags do.
func (*actionExecuteCmd) Help() string {
	return `Prints first what is sealed in the plan, and asks whether to go on. Ends with 0 only if it was executed. Where the outcome is not
known, or a call is left, it ends with 3: run it again, which does nothing twice.

Examples:

  polo action execute plan.json
  polo action execute plan.json --approval approval.json`
}

// Run executes.
func (c *actionExecuteCmd) Run(ctx context.Context, e *env) error { return c.run(ctx, e, "/execute") }

type actionUndoCmd struct{ actionRun }

// Help explains more than the flags do.
func (*actionUndoCmd) Help() string {
	return `Possible for seven days, and only while the resource is as the plan left it. What exposes something again needs an approval.

Examples:

  polo action undo plan.json
  polo action undo plan.json --approval undo.json`
}

// Run undoes.
func (c *actionUndoCmd) Run(ctx context.Context, e *env) error { return c.run(ctx, e, "/undo") }

func (c *actionRun) run(ctx context.Context, e *env, path string) error {
	approvals := []string{}
	for _, file := range c.Approval {
		a, err := readAnswer(file)
		if err != nil {
			return err
		}
		if a.Approval == "" {
			return cli.Usage("%s is no approval", file)
		}
		approvals = append(approvals, a.Approval)
	}
	out := e.Stdout
	if c.Format == "json" {
		out = e.Stderr
	}
	sealed, err := confirmed(e, out, c.Plan, strings.TrimPrefix(path, "/"), c.Yes)
	if err != nil {
		return err
	}
	a, err := c.send(ctx, http.MethodPost, path, map[string]any{"plan": sealed, "approvals": approvals})
	if err != nil {
		return err
	}
	o := a.Outcome
	if c.Format == "json" {
		err = printRaw(e.Stdout, a.raw)
	} else {
		_, err = fmt.Fprintf(e.Stdout, "%s: call %d of %d, session %s\n", plain.Text(o.said()), o.Step, o.Steps, plain.Text(o.Attempt))
	}
	if err != nil {
		return err
	}
	switch o.Status {
	case "executed", "undone":
		return nil
	case "in_progress", "unknown":
		return cli.Incomplete("it is not done yet: %s Run it again, which does nothing twice", plain.Text(o.Text))
	}
	return fmt.Errorf("it failed: %s", plain.Text(o.Text))
}

// readAnswer reads a file that plan or approve wrote.
func readAnswer(file string) (actionAnswer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return actionAnswer{}, err
	}
	var a actionAnswer
	if err := json.Unmarshal(text, &a); err != nil {
		return a, cli.Usage("reading %s: %w", file, errors.New("it is not what polo action wrote"))
	}
	return a, nil
}

func printRaw(out io.Writer, raw json.RawMessage) error {
	_, err := out.Write(append(slices.Clone(raw), '\n'))
	return err
}
