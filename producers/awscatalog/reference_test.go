package awscatalog_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"polo/producers/awscatalog"
)

// TestReference checks every template against AWS's Service Authorization Reference in an npm
// package: POLO_AWS_REFERENCE names its folder of resource types.
func TestReference(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("POLO_AWS_REFERENCE")
	if dir == "" {
		t.Skip("POLO_AWS_REFERENCE is not set: no reference to hold the types against; make reference sets it")
	}
	reference := referenceOf(t, dir)
	// Differences from the reference, and why they are right.
	const (
		kind    = "the reference names each kind of load balancer"
		paths   = "the reference has pages of REST paths"
		shorter = "the reference leaves out the last part, which ARNs have"
		prefix  = "the reference writes the organisation's o- out"
	)
	known := map[string]string{
		"elasticloadbalancing:loadbalancer/v2": kind, "elasticloadbalancing:listener": kind, "elasticloadbalancing:listener-rule": kind,
		"apigateway:stages/v2": paths, "apigateway:deployments": paths, "apigateway:authorizers": paths,
		"events:connection": shorter, "events:api-destination": shorter,
		"organizations:account": prefix, "organizations:ou": prefix, "organizations:root": prefix, "organizations:organization": prefix, "organizations:policy": prefix,
		"route53domains:domain": "the service has no resource types there; its records have such ARNs",
		"ecs:task-definition":   "a family without a revision is its latest",
		"sns:subscription":      "not in the reference; SNS's API answers with such ARNs",
		"sts:assumed-role":      "not in the reference; CloudTrail's records have such ARNs",
	}
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	held, excepted := 0, map[string]bool{}
	for _, typ := range awscatalog.Types() {
		for _, template := range typ.Templates() {
			pattern := parameter.ReplaceAllString(template, "*")
			switch found := slices.Contains(reference, pattern); {
			case found:
				held++
			case known[typ.Name] == "":
				t.Errorf("%s: the reference has no %s", typ.Name, pattern)
			default:
				excepted[typ.Name] = true
			}
		}
	}
	for name := range known {
		if !excepted[name] {
			t.Errorf("%s: a needless exception", name)
		}
	}
	t.Logf("%d templates are those of the reference, %d types differ and are known to", held, len(excepted))
}

// referenceOf returns the ARNs of the reference after "arn:PARTITION:", with "*" for parameters.
func referenceOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 300 {
		t.Fatalf("%d files in %s: %v", len(files), dir, err)
	}
	variable := regexp.MustCompile(`\$\{[^}]*\}`)
	var out []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var types map[string]struct{ ARN string }
		if err := json.Unmarshal(text, &types); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, typ := range types {
			pattern := variable.ReplaceAllString(typ.ARN, "*")
			if rest, found := strings.CutPrefix(pattern, "arn:*:"); found {
				out = append(out, rest)
			}
		}
	}
	return out
}
