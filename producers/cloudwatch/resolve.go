package cloudwatch

import (
	"slices"
	"strings"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// placeOf is where a metric was sampled.
func placeOf(region, account string) awscatalog.Place {
	return awscatalog.Place{Partition: envelope.PartitionOf(region), Region: region, Account: account}
}

// resolve fills in the resource that a series is of, as far as its namespace and
// dimensions say, and else the service.
func (s *series) resolve(p awscatalog.Place, e *envelope.ResourceEvent) {
	r, ok := s.resource(p)
	if !ok {
		e.Service = awscatalog.ServiceOfNamespace(s.namespace)
		return
	}
	e.ARN, e.Service = r.ARN, r.Parsed.Service
	e.ResourceType, e.ResourceID, e.ResourceName = r.Type, r.ID, r.Name
	e.Ancestors = append(awscatalog.Ancestors(r.Parsed), awscatalog.Above(p.Partition, r.Parsed.Region, p.Account)...)
}

// resource is that of the first rule that the series fits.
func (s *series) resource(p awscatalog.Place) (awscatalog.Resource, bool) {
	for _, r := range rules() {
		if !slices.Contains(strings.Fields(r.namespaces), s.namespace) || slices.ContainsFunc(strings.Fields(r.unless), s.has) {
			continue
		}
		if arn, ok := s.build(r, p); ok {
			return awscatalog.Describe(arn)
		}
	}
	return awscatalog.Resource{}, false
}

// build makes the ARN that a rule gives. ok is false where the series lacks a dimension, the
// place is not known, or a value is not what the rule is for.
func (s *series) build(r rule, p awscatalog.Place) (arn string, ok bool) {
	name := s.dimension(r.dimension)
	if r.typ == "" {
		return name, strings.HasPrefix(name, "arn:")
	}
	typ, ok := awscatalog.Lookup(r.typ)
	if !ok || !typ.TakesID(name) {
		return "", false
	}
	parameter, dimension, given := strings.Cut(r.other, "=")
	if given && !s.has(dimension) {
		return "", false
	}
	return typ.Build(p, name, func(of string) string {
		if given && of == parameter {
			return s.dimension(dimension)
		}
		return ""
	})
}

func (s *series) has(name string) bool { return s.dimension(name) != "" }

// dimension is a dimension's value, empty where there is none.
func (s *series) dimension(name string) string {
	for _, d := range s.dimensions {
		if d.name == name {
			return d.value
		}
	}
	return ""
}
