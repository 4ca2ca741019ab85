package cloudwatch

import (
	"slices"
	"strings"

	"polo/envelope"
	"polo/producers/cloudtrail"
)

// place is where a metric was sampled.
type place struct{ partition, region, account string }

func placeOf(region, account string) place {
	return place{envelope.PartitionOf(region), region, account}
}

// resolve fills in the resource that a series is of, as far as its namespace and
// dimensions tell it.
func (s *series) resolve(p place, e *envelope.ResourceEvent) {
	arn, ok := s.arn(p)
	if !ok {
		return
	}
	described := cloudtrail.DescribeARN(arn)
	e.ARN, e.Service = arn.String(), arn.Service
	e.ResourceType, e.ResourceID, e.ResourceName = described.Type, described.ID, described.Name
	if p.account != "" {
		e.Ancestors = []string{cloudtrail.AccountARN(p.partition, p.account)}
	}
}

// arn is that of the first rule that the series fits.
func (s *series) arn(p place) (envelope.ARN, bool) {
	for _, r := range rules() {
		if !slices.Contains(strings.Fields(r.namespaces), s.namespace) || slices.ContainsFunc(strings.Fields(r.unless), s.has) {
			continue
		}
		text, ok := s.fill(r.arn, p)
		if !ok {
			continue
		}
		if arn, err := envelope.ParseARN(text); err == nil && arn.Platform == envelope.PlatformAWS {
			return arn, true
		}
	}
	return envelope.ARN{}, false
}

// fill makes a rule's ARN. It is false where the series lacks a dimension, the place is
// not known, or a value is not what the rule is for.
func (s *series) fill(template string, p place) (string, bool) {
	var b strings.Builder
	for rest := template; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			break
		}
		name, after, _ := strings.Cut(after, "}")
		rest = after
		var value string
		switch name {
		case "region":
			value = p.region
		case "account":
			value = p.account
		default:
			var prefix string
			name, prefix, _ = strings.Cut(name, "=")
			if value = s.dimension(name); !strings.HasPrefix(value, prefix) {
				return "", false
			}
		}
		if value == "" {
			return "", false
		}
		b.WriteString(value)
	}
	if text := b.String(); strings.HasPrefix(text, "arn:") {
		return text, true
	}
	return "arn:" + p.partition + ":" + b.String(), true
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
