package awscatalog

import (
	"slices"
	"strings"

	"polo/envelope"
)

// Place is where a resource is, as far as a source knows. An empty Partition means the region's.
type Place struct {
	Partition, Region, Account string
}

func (p Place) partition() string {
	if p.Partition != "" {
		return p.Partition
	}
	return envelope.PartitionOf(p.Region)
}

// Build returns the ARN of a resource at a place. name is its name or id as in AWS's interfaces,
// or its whole ARN. others returns the value of a further parameter of the template, "" if the
// source does not know it; it may be nil. ok is false if a parameter without a default is
// unknown, or if name is not one of the type's.
func (t *Type) Build(at Place, name string, others func(parameter string) string) (arn string, ok bool) {
	if strings.HasPrefix(name, "arn:") {
		d, ok := Describe(name)
		return d.ARN, ok
	}
	t, name, at = t.read(name, at)
	if name == "" || strings.ContainsAny(name, "*?\x00\n\r\t") {
		return "", false
	}
	if t.form == formResource {
		return t.writeResource(at, name)
	}
	return t.compose(at, name, others)
}

// compose is Build for a name in the form of ARNs.
func (t *Type) compose(at Place, name string, others func(string) string) (string, bool) {
	for i := range t.template.variants {
		v := &t.template.variants[i]
		if v.optional != nil && v.leavesOut != t.lacks(v.optional, others) {
			continue
		}
		return t.write(v, at, name, others)
	}
	return "", false
}

// writeResource returns the ARN for a resource, with or without its first word.
func (t *Type) writeResource(at Place, resource string) (string, bool) {
	v := &t.template.variants[0]
	if !strings.HasPrefix(resource, v.head+"/") {
		resource = v.head + "/" + resource
	}
	var values [maxParameters]string
	if !v.match(resource, &values) {
		return "", false
	}
	names := v.names()
	others := func(parameter string) string { return values[slices.Index(names, parameter)] }
	return t.write(v, at, others(t.template.own), others)
}

// lacks reports whether the part in brackets is left out.
func (t *Type) lacks(optional []string, others func(string) string) bool {
	for _, name := range optional {
		if others == nil {
			return true
		}
		if value := others(name); value == "" || value == t.template.defaults[name] {
			return true
		}
	}
	return false
}

func (t *Type) write(v *variant, at Place, name string, others func(string) string) (string, bool) {
	var b strings.Builder
	b.Grow(len("arn:aws-us-gov::us-gov-west-1:123456789012:") + len(t.Name) + len(name) + 8)
	b.WriteString("arn:")
	b.WriteString(at.partition())
	b.WriteByte(':')
	b.WriteString(t.template.service)
	b.WriteByte(':')
	if t.template.region != "" {
		if at.Region == "" {
			return "", false
		}
		b.WriteString(at.Region)
	}
	b.WriteByte(':')
	if t.hasAccount(name) {
		account := at.Account
		if t.template.account != "account" {
			account = t.other(t.template.account, others)
		}
		if account == "" {
			return "", false
		}
		b.WriteString(account)
	}
	b.WriteByte(':')
	for _, p := range v.parts {
		switch p.name {
		case "":
			b.WriteString(p.literal)
		case t.template.own:
			b.WriteString(name)
		default:
			value := t.other(p.name, others)
			if value == "" && !p.path {
				return "", false
			}
			b.WriteString(value)
		}
	}
	return b.String(), true
}

// other returns the value of a parameter, or the service's default.
func (t *Type) other(parameter string, others func(string) string) string {
	if others != nil {
		if value := others(parameter); value != "" {
			return value
		}
	}
	return t.template.defaults[parameter] //mutant:defaults-forgotten
}
