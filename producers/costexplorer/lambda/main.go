// Command lambda reads costs from AWS Cost Explorer as an AWS Lambda function on a schedule: the
// view that POLO_SOURCE names, aws.cost_explorer by default. See collect.Settings for the rest of
// its environment and collect.ParseRequest for its input.
package main

import (
	"cmp"
	"fmt"
	"strings"

	"polo/internal/lambdamain"
	"polo/producers/collect"
	"polo/producers/costexplorer"
	"polo/producers/source"
)

func main() { lambdamain.Run(collect.Function(find)) }

// find returns the source of a view.
func find(name string) (source.Source, error) {
	name = cmp.Or(name, costexplorer.Source)
	view := strings.TrimPrefix(strings.TrimPrefix(name, costexplorer.Source), ".")
	for _, src := range costexplorer.Registrations(view) {
		if src.Name == name {
			return src, nil
		}
	}
	return source.Source{}, fmt.Errorf("POLO_SOURCE: there is no view of Cost Explorer %q", name)
}
