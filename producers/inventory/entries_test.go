package inventory_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"polo/producers/inventory"
)

// recorded returns paths that live answers do not have, but older answers or other calls' do.
func recorded() []string {
	return []string{
		"iam:role Tags", "cloudfront:distribution DistributionConfig", "route53:hostedzone VPCs", "lambda:function Tags", "ec2:network-interface Tags",
		"iam:role Description", "iam:role MaxSessionDuration", "iam:user PasswordLastUsed",
	}
}

// TestEntriesReadWhatThereIs checks every path of every entry against the SDK's types: a misspelt
// name would silently read nothing.
func TestEntriesReadWhatThereIs(t *testing.T) {
	t.Parallel()
	paths, err := inventory.Paths()
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 500 {
		t.Fatalf("only %d paths", len(paths))
	}
	for _, p := range paths {
		if len(p.Steps) == 0 {
			continue
		}
		found := slices.ContainsFunc(p.In, func(in reflect.Type) bool { return inventory.Descend(in, p.Steps) != nil })
		_, typ, _ := strings.Cut(p.Entry, " ")
		old := slices.Contains(recorded(), typ+" "+p.Steps[0])
		if !found && !old {
			t.Errorf("%s (%s): no %s", p.Entry, p.Text, strings.Join(p.Steps, "."))
		}
	}
}
