package terraform_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polo/producers/inventory"
	"polo/producers/registry"
)

// calledOf returns the operations that each source calls in the accounts it reads: those
// in the inventory's entries, and for other sources those in their code.
func calledOf(t *testing.T) map[string][]operation {
	t.Helper()
	c := readCode(t, "./producers/registry", "./producers/tree")
	out := map[string][]operation{
		// Only "polo ingest" reads log files, with its user's credentials.
		"aws.cloudtrail":           leaveOut(c.calls(t, "polo/producers/cloudtrail"), "s3."),
		"aws.cloudwatch":           c.calls(t, "polo/producers/cloudwatch"),
		"aws.cost_explorer":        c.calls(t, "polo/producers/costexplorer"),
		"aws.cost_explorer.hourly": c.calls(t, "polo/producers/costexplorer"),
		// The package tree reads its files.
		"aws.cur": append(c.calls(t, "polo/producers/cur"), c.calls(t, "polo/producers/tree")...),
		// The framework lists the accounts for it.
		"aws.organizations": c.calls(t, "polo/producers/organizations"),
	}
	services, err := inventory.Operations()
	if err != nil {
		t.Fatal(err)
	}
	var entries []operation
	for source, ops := range services {
		for _, op := range ops {
			out[source] = append(out[source], operation(op.Service+"."+op.Name))
		}
		entries = append(entries, out[source]...)
	}
	slices.Sort(entries)
	// The inventory's code calls only what its entries hold.
	for _, problem := range compare("producers/inventory", actions(entries), actions(c.calls(t, "polo/producers/inventory"))) {
		t.Error(problem)
	}
	return out
}

// leaveOut leaves out the operations of a service.
func leaveOut(ops []operation, service string) []operation {
	return slices.DeleteFunc(slices.Clone(ops), func(op operation) bool { return strings.HasPrefix(string(op), service) })
}

// listing returns the operations that list an organisation's accounts.
func listing(t *testing.T) []operation {
	t.Helper()
	return leaveOut(readCode(t, "./internal/awsaccounts").calls(t, "polo/internal/awsaccounts"), "sts.")
}

// The read role's policy allows each source exactly what its code calls.
func TestReadPolicyIsWhatTheCodeCalls(t *testing.T) {
	t.Parallel()
	need(t, "terraform")
	sources, err := registry.All()
	if err != nil {
		t.Fatal(err)
	}
	called := calledOf(t)
	var names []string
	for _, s := range sources {
		if !s.IsAWS() {
			continue // it has no role
		}
		names = append(names, s.Name)
		if _, ok := called[s.Name]; !ok {
			t.Errorf("the calls of %s are unknown: add it to calledOf", s.Name)
		}
	}
	for whose, p := range readPolicies(t, names) {
		wanted := actions(called[whose])
		switch whose {
		case "organization":
			wanted = actions(listing(t))
		case "all":
			for _, ops := range called {
				wanted = append(wanted, actions(ops)...)
			}
		}
		if whose != "aws.organizations" && len(wanted) == 0 {
			t.Errorf("%s calls nothing: this test does not parse the code correctly", whose)
		}
		for _, problem := range compare(whose, wanted, p.allowed()) {
			t.Error(problem)
		}
		for _, s := range p.Statement {
			if slices.Contains(s.Action, "s3:GetObject") && slices.Contains(s.Resource, "*") {
				t.Errorf("%s: every object of every bucket can be read", whose)
			}
		}
	}
}

// readPolicies returns the module's policies for each source alone, for listing an
// organisation, and for all sources together. They need no provider.
func readPolicies(t *testing.T, names []string) map[string]policy {
	t.Helper()
	policies, err := filepath.Abs(filepath.Join(module, "modules/read-policy"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf(`
module "one" {
  source   = %q
  for_each = toset(%s)
  sources  = [each.key]
  bills    = [{ bucket = "bills" }]
}
module "organization" {
  source       = %[1]q
  sources      = []
  organization = true
}
module "all" {
  source = %[1]q
  bills  = [{ bucket = "bills" }]
}
output "policies" {
  value = merge({ for name, m in module.one : name => m.json }, { organization = module.organization.json, all = module.all.json })
}
`, policies, list)
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	w := working{dir: dir}
	w.run(t, "init")
	w.run(t, "apply", "-auto-approve")
	var texts map[string]string
	if err := json.Unmarshal([]byte(w.run(t, "output", "-json", "policies")), &texts); err != nil {
		t.Fatal(err)
	}
	out := map[string]policy{}
	for name, text := range texts {
		out[name] = parsePolicy(t, text)
		// IAM's limit for all inline policies of a role together, without white space.
		if len(text) > 10240 {
			t.Errorf("%s: a policy of %d bytes, more than IAM accepts", name, len(text))
		}
	}
	return out
}
