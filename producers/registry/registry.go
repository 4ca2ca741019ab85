// Package registry lists the sources there are. A new source is one line in All.
package registry

import (
	"fmt"
	"strings"

	"polo/producers/cloudtrail"
	"polo/producers/organizations"
	"polo/producers/source"
)

// All are the sources, in the order of their names.
func All() []source.Source {
	return []source.Source{
		cloudtrail.Registration(),
		organizations.Registration(),
	}
}

// Find is the source of a name. The error names those there are.
func Find(name string) (source.Source, error) {
	names := make([]string, 0, len(All()))
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return source.Source{}, fmt.Errorf("there is no source %q; there are %s", name, strings.Join(names, ", "))
}
