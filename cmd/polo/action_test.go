package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/actions/access"
	"polo/actions/access/accesstest"
	"polo/actions/actionstest"
	"polo/actions/web"
	"polo/internal/cli"
)

// actionFunction is a function of actions over a fake AWS, and the files of those who call it.
type actionFunction struct {
	*actionstest.World
	dir  string
	args []string
	team *accesstest.Team
}

func newActionFunction(t *testing.T) *actionFunction {
	t.Helper()
	f := &actionFunction{World: actionstest.NewWorld(t), dir: t.TempDir(), team: accesstest.NewTeam(t)}
	public, private := accesstest.Keys(t)
	v, err := access.New(access.Config{Team: f.team.URL, Audience: accesstest.Audience, Keys: map[string]ed25519.PublicKey{"oncall": public}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&web.Handler{Engine: f.Engine, Access: v, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(server.Close)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, "key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	for _, who := range []string{"ada", "grace"} {
		f.write(t, who, f.team.Person(t, who+"@example.com", time.Now())+"\n")
	}
	f.args = []string{"--url", server.URL, "--key-file", f.path("key"), "--key-id", "oncall"}
	return f
}

func (f *actionFunction) path(name string) string { return filepath.Join(f.dir, name) }

func (f *actionFunction) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(f.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// polo runs a command as a person.
func (f *actionFunction) polo(t *testing.T, who string, args ...string) (string, error) {
	t.Helper()
	var out, problems strings.Builder
	if args[0] != "list" && args[0] != "plan" {
		args = append(args, "--yes")
	}
	args = append(append([]string{"action"}, args...), append(f.args, "--token-file", f.path(who))...)
	err := exec(t.Context(), args, strings.NewReader(""), &out, &problems)
	return out.String(), err
}

// TestAction: on-call plans, is approved, executes and undoes from the command line.
func TestAction(t *testing.T) {
	t.Parallel()
	f := newActionFunction(t)
	ask := actionstest.Case("release_address")
	plan, approval := f.path("plan.json"), f.path("approval.json")
	out, err := f.polo(t, "ada", "list")
	if err != nil || !strings.Contains(out, "release_address") || !strings.Contains(out, "NONE") {
		t.Errorf("%s, %v", out, err)
	}
	out, err = f.polo(t, "ada", "plan", ask.Action, ask.ARN, "--rule", ask.Rule, "--save", plan)
	for _, want := range []string{"LOST FOR GOOD", "ec2 ReleaseAddress", "192.0.2.7", "second person", "ada@example.com"} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q: %s, %v", want, out, err)
		}
	}
	if _, err = f.polo(t, "ada", "execute", plan); err == nil || !strings.Contains(err.Error(), "needs_second_person") || cli.Code(err) != cli.ExitFailed {
		t.Errorf("%v", err)
	}
	if _, err = f.polo(t, "ada", "approve", plan, "--save", approval); err == nil || !strings.Contains(err.Error(), "same_person") {
		t.Errorf("%v", err)
	}
	if _, err = f.polo(t, "grace", "approve", plan, "--save", approval); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"executed: call 1 of 1", "executed before"} {
		if out, err = f.polo(t, "ada", "execute", plan, "--approval", approval); err != nil || !strings.Contains(out, want) {
			t.Errorf("%s, %v", out, err)
		}
	}
	if _, err = f.polo(t, "ada", "undo", plan); err == nil || !strings.Contains(err.Error(), "no_undo") {
		t.Errorf("%v", err)
	}
	if n := len(f.AWS.Writes()); n != 1 {
		t.Errorf("%d writes", n)
	}
}

// TestActionExitCodes: what is not done does not end with 0.
func TestActionExitCodes(t *testing.T) {
	t.Parallel()
	f := newActionFunction(t)
	ask := actionstest.Case("stop_instance")
	plan := f.path("plan.json")
	if _, err := f.polo(t, "ada", "plan", ask.Action, ask.ARN, "--rule", ask.Rule, "--save", plan); err != nil {
		t.Fatal(err)
	}
	f.AWS.Fault = func(op string) actionstest.Fault {
		if op == "StopInstances" {
			return actionstest.Lost
		}
		return actionstest.None
	}
	if out, err := f.polo(t, "ada", "execute", plan); cli.Code(err) != cli.ExitIncomplete {
		t.Errorf("%s, %v", out, err)
	}
	f.write(t, "torn", "{")
	for name, args := range map[string][]string{
		"a torn plan": {"execute", f.path("torn")}, "a plan for an approval": {"execute", plan, "--approval", plan}, "an approval for a plan": {"approve", f.path("empty")},
	} {
		f.write(t, "empty", "{}")
		if _, err := f.polo(t, "ada", args...); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.args = []string{"--url", "http://example.com", "--key-file", f.path("ada"), "--key-id", ""}
	_, err := f.polo(t, "nobody", "list")
	for _, want := range []string{"--url", "--key-id", "--token-file", "--key-file"} {
		if cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named: %v", want, err)
		}
	}
}

// What is approved and executed is what is sealed: it is shown before anything is sent, whatever else the file says.
func TestActionShowsWhatIsSealed(t *testing.T) {
	t.Parallel()
	f := newActionFunction(t)
	ask := actionstest.Case("release_address")
	plan := f.path("plan.json")
	if _, err := f.polo(t, "ada", "plan", ask.Action, ask.ARN, "--rule", ask.Rule, "--save", plan); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody changes what the file says of the plan, and leaves the seal.
	head, sealed, found := strings.Cut(string(text), `"sealed":`)
	if !found {
		t.Fatal("there is no seal in the plan")
	}
	f.write(t, "plan.json", strings.NewReplacer("Release an idle address", "Look at an address", "eipalloc-1", "eipalloc-2").Replace(head)+`"sealed":`+sealed)
	before := len(f.Journal.Entries())
	for _, args := range [][]string{{"approve", plan, "--save", f.path("approval.json")}, {"execute", plan}, {"undo", plan}} {
		var out, problems strings.Builder
		args = append(append([]string{"action"}, args...), append(slices.Clone(f.args), "--token-file", f.path("grace"))...)
		err := exec(t.Context(), args, strings.NewReader(""), &out, &problems)
		if cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), "--yes") {
			t.Errorf("%s without a terminal: %v", args[1], err)
		}
		if said := out.String(); !strings.Contains(said, "Release an idle address") || !strings.Contains(said, "eipalloc-1") || !strings.Contains(said, "LOST FOR GOOD") || strings.Contains(said, "Look at") {
			t.Errorf("%s shows %s", args[1], said)
		}
	}
	if n := len(f.Journal.Entries()); n != before {
		t.Errorf("%d requests were sent before anybody said yes", n-before)
	}
	f.write(t, "torn.json", `{"planned":{"sealed":"plan1.k2.e30.AAAA"}}`)
	if _, err := f.polo(t, "grace", "approve", f.path("torn.json")); cli.Code(err) != cli.ExitUsage {
		t.Errorf("a plan that cannot be shown: %v", err)
	}
}

func TestActionAsksWhetherToGoOn(t *testing.T) {
	t.Parallel()
	for answer, goesOn := range map[string]bool{"yes\n": true, "yes": true, "y\n": false, "no\n": false, "": false, "\nyes\n": false} {
		var out strings.Builder
		if err := askWhether(strings.NewReader(answer), &out, "execute"); (err == nil) != goesOn || !strings.Contains(out.String(), "execute?") {
			t.Errorf("%q: %v, %s", answer, err, out.String())
		}
	}
}
