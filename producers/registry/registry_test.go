package registry_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polo/internal/awsaccounts"
	"polo/producers/registry"
	"polo/producers/source"
)

// Every source has all that people and schedules need, and its collector has the name
// that it is registered under.
func TestSourcesAreComplete(t *testing.T) {
	t.Parallel()
	all, err := registry.All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 4 || !slices.IsSortedFunc(all, func(a, b source.Source) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%d sources, in order or not", len(all))
	}
	for i, s := range all {
		if s.Description == "" || s.Period <= 0 || i > 0 && s.Name == all[i-1].Name {
			t.Errorf("%s: twice, or without a description or a period", s.Name)
		}
		if _, err := os.Stat(filepath.Join("..", s.Function, "lambda", "main.go")); s.Function == "" || err != nil {
			t.Errorf("%s has no function %q: %v", s.Name, s.Function, err)
		}
		if found, err := registry.Find(s.Name); err != nil || found.Name != s.Name {
			t.Errorf("%s is not found: %v", s.Name, err)
		}
		c, err := s.New(source.Deps{Sessions: (*awsaccounts.Sessions)(nil), Getenv: func(string) string { return "" }})
		switch {
		case err != nil && !strings.Contains(err.Error(), "POLO_"):
			t.Errorf("%s without settings: %v", s.Name, err)
		case err == nil && c.Source() != s.Name:
			t.Errorf("%s makes a collector of %s", s.Name, c.Source())
		}
	}
	// Names are unique, so that a platform has one source of costs.
	for _, s := range all {
		_, what, _ := strings.Cut(s.Name, ".")
		if !s.IsAWS() && what != "billing" && (strings.HasPrefix(what, "billing") || strings.Contains(s.Description, "bill")) {
			t.Errorf("%s has costs: they belong to its platform's one source, called billing", s.Name)
		}
	}
	if _, err := registry.Find("aws.nothing"); err == nil || !strings.Contains(err.Error(), "aws.cloudtrail") {
		t.Errorf("an unknown source: %v", err)
	}
}
