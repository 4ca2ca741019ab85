package rules_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"polo/producers/inventory"
	"polo/schema/rules"
)

var update = flag.Bool("update", false, "rewrite the view and docs/RULES.md")

const view = "../views/rule_findings.sql"

// TestView holds the view to the rules.
func TestView(t *testing.T) {
	t.Parallel()
	golden(t, view, rules.View(rules.All()))
}

// golden holds a file to what it is made of.
func golden(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s differs; with -update it is rewritten (-want +got):\n%s", file, diff)
	}
}

const docHead = `# The rules

<!-- Made of the headers in schema/rules by go test ./schema/rules -run TestDoc -update. -->

A rule judges each resource of its types: it is **violated**, **clean**, or **unknown**. Unknown means that something the rule needs was not read: a property that
nobody collected of the resource, or a type whose absence the rule rests on and that was not read to its end. It is never taken for clean.

- ` + "`polo query rule_violations`" + ` answers what violates rules at this moment, the worst first, with the evidence, since when, and whether it is exempt;
  with ` + "`-p status=resolved`" + ` what no longer does, and why: fixed, deleted, or withdrawn because the rule no longer judges it. What comes back is open again and counts in ` + "`reopened`" + `.
- ` + "`polo query rules`" + ` answers how many resources violate each rule, how many do not, and how many it cannot judge and what it lacks.
- ` + "`polo rules set RULE NAME=VALUE --author NAME`" + ` sets a parameter, within its bounds; ` + "`enabled=false`" + ` turns the rule off.
- ` + "`polo rules exempt RULE --arn PATTERN --reason TEXT --author NAME --until DAY`" + ` exempts resources until a day; they stay in the answer, with the status exempt.
- The answer is live: the view ` + "`rule_findings`" + ` judges what ` + "`resources_current`" + ` has. Every five minutes ClickHouse notes which answers have changed, and when
  the resource was last seen then; first_seen, resolved_at and reopened rest on these notes, so that a violation that came and went between two of them leaves none.
- The rules are files, ` + "`schema/rules/*.sql`" + `; [their README](../schema/rules/README.md) describes the headers.

`

// TestDoc holds docs/RULES.md to the headers.
func TestDoc(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(docHead)
	for _, group := range rules.Groups() {
		fmt.Fprintf(&b, "| %s | severity | |\n|---|---|---|\n", group)
		for _, r := range rules.All() {
			if r.Group == group {
				fmt.Fprintf(&b, "| [%s](#%[1]s) | %s | %s |\n", r.ID, r.Severity, r.Title)
			}
		}
		b.WriteString("\n")
	}
	for _, r := range rules.All() {
		fmt.Fprintf(&b, "## %s\n\n%s (%s, %s, version %d). %s\n\n**Remedy.** %s\n\n", r.ID, r.Title, r.Group, r.Severity, r.Version, r.Why, r.Remedy)
		for _, line := range r.Judges() {
			fmt.Fprintf(&b, "- %s\n", line)
		}
		for _, p := range r.Params {
			fmt.Fprintf(&b, "- parameter `%s` (%s): %s; %s\n", p.Name, p.Type, p.Text, p.Bounds())
		}
		for _, c := range r.Evidence {
			fmt.Fprintf(&b, "- evidence `%s`%s: %s\n", c.Name, map[bool]string{true: " (" + c.Unit + ")"}[c.Unit != ""], c.Text)
		}
		b.WriteString("\n")
	}
	golden(t, "../../docs/RULES.md", strings.TrimSuffix(b.String(), "\n"))
}

var property = regexp.MustCompile(`properties(?:\['(\w+)'\]|, '(\w+)')`)

// TestPropertiesAreCollected: a rule names only properties that an entry of the inventory collects, of
// every type that it judges, and declares all that it names.
func TestPropertiesAreCollected(t *testing.T) {
	t.Parallel()
	collected, err := inventory.Properties()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.All() {
		shown := map[string]bool{} // evidence may lack
		for _, c := range r.Evidence {
			shown[c.Name] = true
		}
		declared := map[string]bool{}
		for _, p := range slices.Concat(r.Needs, r.Reads) {
			declared[p.Name] = true
			for _, typ := range r.Types {
				if (p.Type == "" || p.Type == typ) && !slices.Contains(collected[typ], p.Name) {
					t.Errorf("%s names the property %s, which no entry collects of %s", r.ID, p.Name, typ)
				}
			}
		}
		for _, m := range property.FindAllStringSubmatch(r.SQL, -1) {
			name := m[1] + m[2]
			if !declared[name] && !shown[name] {
				t.Errorf("%s reads the property %s and does not declare it", r.ID, name)
			}
			if !slices.ContainsFunc(r.Types, func(typ string) bool { return slices.Contains(collected[typ], name) }) {
				t.Errorf("%s reads the property %s, which no entry collects", r.ID, name)
			}
		}
		for _, typ := range slices.Concat(r.Types, r.Scans) {
			if collected[typ] == nil {
				t.Errorf("%s judges or needs %s, which no entry reads", r.ID, typ)
			}
		}
	}
}

// TestFaults: a file that could not be judged by is refused.
func TestFaults(t *testing.T) {
	t.Parallel()
	const good = "-- title: T\n-- version: 1\n-- group: cost\n-- severity: low\n-- text: W\n-- remedy: R\n-- type: ec2:volume\n-- need: size\n-- column: size String | S\n\nSELECT\n    state = 'x' AS violated,\n    properties['size'] AS size\nFROM polo.rule_resources\n"
	load := func(text string) error {
		_, err := rules.Load(fstest.MapFS{"r.sql": {Data: []byte(text)}})
		return err
	}
	if err := load(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, says string }{
		{"-- severity: low", "-- severity: mild", "none of critical"},
		{"-- group: cost", "-- group: money", "none of cost"},
		{"-- remedy: R\n", "", "remedy"},
		{"-- version: 1", "-- version: one", "version"},
		{"ec2:volume", "volume", "no resource type"},
		{"-- need: size", "-- need: Size!", "no property"},
		{"-- type", "-- rows: 1 2\n-- type", `unknown key "rows"`},
		{"polo.rule_resources", "polo.resources_current", "selects from"},
		{"violated,", "broken,", "first column is violated"},
		{"AS size", "AS length", "declares"},
		{",\n    properties['size'] AS size", "", "columns of evidence"},
		{"'x'", "{days:UInt8}", "not declared"},
		{"FROM", "WHERE", "SELECT ... FROM"},
	} {
		if err := load(strings.Replace(good, c.old, c.new, 1)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s instead of %s: %v, want one that says %q", c.new, c.old, err, c.says)
		}
	}
}
