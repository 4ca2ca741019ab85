package cloudwatch

import (
	"slices"
	"strings"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// placeOf returns the place where a metric was sampled.
func placeOf(region, account string) awscatalog.Place {
	return awscatalog.Place{Partition: envelope.PartitionOf(region), Region: region, Account: account}
}

// resolve sets the resource of a series if its namespace and dimensions determine it, and
// otherwise the service.
func (s *series) resolve(p awscatalog.Place, e *envelope.ResourceEvent) {
	r, ok := s.resource(p)
	if !ok {
		e.Service = awscatalog.ServiceOfNamespace(s.namespace)
		return
	}
	e.ARN, e.Service = r.ARN, r.Parsed.Service
	e.ResourceType, e.ResourceID, e.ResourceName = r.Type, r.ID, r.Name
	e.Ancestors = append(r.Ancestors(), awscatalog.Above(p.Partition, r.Parsed.Region, p.Account)...)
}

// resource returns the resource by the first rule that matches the series.
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

// build returns the ARN by a rule. ok is false if the series lacks a dimension, the place is
// unknown, or the value is not of the rule's type.
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

// dimension returns a dimension's value, "" if there is none.
func (s *series) dimension(name string) string {
	for _, d := range s.dimensions {
		if d.name == name {
			return d.value
		}
	}
	return ""
}
