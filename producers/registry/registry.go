// Package registry lists all sources. A new source is one line in All.
package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polo/producers/cloudflare"
	"polo/producers/cloudtrail"
	"polo/producers/cloudwatch"
	"polo/producers/costexplorer"
	"polo/producers/cur"
	"polo/producers/datadog"
	"polo/producers/github"
	"polo/producers/inventory"
	"polo/producers/organizations"
	"polo/producers/source"
)

// All returns the sources by name. An error means that the inventory's description is
// wrong.
func All() ([]source.Source, error) {
	all, err := inventory.Registrations()
	if err != nil {
		return nil, err
	}
	all = append(all, costexplorer.Registrations()...)
	all = append(all, cloudflare.Registrations()...)
	all = append(all, datadog.Registrations()...)
	all = append(all, github.Registrations()...)
	all = append(all,
		cloudtrail.Registration(),
		cloudwatch.Registration(),
		cur.Registration(),
		organizations.Registration(),
	)
	slices.SortFunc(all, func(a, b source.Source) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Find returns the source with a name. The error lists all names.
func Find(name string) (source.Source, error) {
	all, err := All()
	if err != nil {
		return source.Source{}, err
	}
	names := make([]string, 0, len(all))
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return source.Source{}, fmt.Errorf("no source %q; there are %s", name, strings.Join(names, ", "))
}
