package inventory

import (
	"path"
	"reflect"
	"slices"
	"strings"
)

// Operation is an operation of an AWS API. Service is the name of the SDK's package
// ("elasticloadbalancingv2"), Name the API's ("DescribeTags").
type Operation struct{ Service, Name string }

// Operations returns the operations that each source calls, by the source's name and sorted: a
// role must allow them.
func Operations() (map[string][]Operation, error) {
	services, _, err := compileAll()
	if err != nil {
		return nil, err
	}
	out := map[string][]Operation{}
	for _, s := range services {
		var all []Operation
		for _, e := range s.entries {
			all = append(all, e.List.operation())
			for _, d := range e.Details {
				all = append(all, d.Call.operation())
			}
			if e.Tagged != "" {
				all = append(all, getResources().operation())
			}
		}
		slices.SortFunc(all, func(a, b Operation) int { return strings.Compare(a.Service+"."+a.Name, b.Service+"."+b.Name) })
		out[s.source()] = slices.Compact(all)
	}
	return out, nil
}

// operation takes the service from the package of its answer's type.
func (c Call) operation() Operation {
	return Operation{Service: path.Base(reflect.TypeOf(c.output).Elem().PkgPath()), Name: c.Name}
}
