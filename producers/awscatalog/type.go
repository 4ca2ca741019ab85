package awscatalog

import (
	"slices"
	"strings"
)

// Type is one type of AWS resource.
type Type struct {
	// Name is "service:type", as envelope.ARN.ResourceType has it: "ec2:instance". Where
	// a type has ARNs of several shapes, each is a Type, told apart by what follows a
	// third word: "elasticloadbalancing:loadbalancer/v2".
	Name string
	// Service is its name in ARNs.
	Service string

	template template
	// prefixes are those of its ids: "i" of i-0abc.
	prefixes []string
	// nouns are what API operations call it beside its own word, lower case.
	nouns []string
	// parents are the types that hold it, nearest first.
	parents []*Type
	form    form
}

// ResourceType is Name without what tells variants apart.
func (t *Type) ResourceType() string {
	name, _, _ := strings.Cut(t.Name, "/")
	return name
}

// HasARN reports whether resources of the type have ARNs; route table associations, for
// one, have not.
func (t *Type) HasARN() bool { return len(t.template.variants) > 0 }

// Partial reports whether AWS adds a random suffix to the name, so that an ARN made of the
// name alone finds the resource but is not its whole ARN.
func (t *Type) Partial() bool { return t.form == formSecret }

// IDPrefixes are what ids of the type begin with before the last "-": "i" of i-0abc.
func (t *Type) IDPrefixes() []string { return t.prefixes }

// TakesID reports whether an id may be of the type: it has one of the type's prefixes, or
// the type has none.
func (t *Type) TakesID(id string) bool {
	return len(t.prefixes) == 0 || slices.ContainsFunc(t.prefixes, func(p string) bool { return strings.HasPrefix(id, p+"-") })
}

// HasParameter reports whether the type's ARNs have a parameter of that name beside the
// region and the account.
func (t *Type) HasParameter(name string) bool {
	return len(t.template.variants) > 0 && slices.Contains(t.template.variants[0].names(), name)
}

// Lookup finds a type by its name.
func Lookup(name string) (*Type, bool) {
	t, ok := table().byName[name]
	return t, ok
}

// Types are all types, in the order of the table.
func Types() []*Type { return table().types }

// OfNoun is the word that a service's ARNs have for a noun of its API operations, lower
// case, letters and digits only: "elasticip" for "address" of EC2. It is the noun itself
// where they have none.
func OfNoun(service, noun string) string {
	if word, ok := table().byNoun[service][noun]; ok {
		return word
	}
	return noun
}

// OfID finds the type of an id of EC2 by its prefix: "i-0abc" is an instance. certain says
// that the field which holds it is known to hold an id: documentation and anonymised data
// have ids that are no hexadecimal numbers, and those are taken then.
func OfID(id string, certain bool) (*Type, bool) { return OfServiceID("ec2", id, certain) }

// OfServiceID is OfID for any service.
func OfServiceID(service, id string, certain bool) (*Type, bool) {
	dash := strings.LastIndexByte(id, '-')
	if dash <= 0 || dash > longestPrefix || !isIDNumber(id[dash+1:], certain) {
		return nil, false
	}
	t, ok := table().byPrefix[service][id[:dash]]
	return t, ok
}

// longestPrefix bounds the look-up of what is no id; a test holds that every prefix fits.
const longestPrefix = 24

// isIDNumber accepts the 8 or 17 hexadecimal digits of real ids, or, where an id is certain
// to stand there, any 8 letters and digits or more. Case is not AWS's, but that of some
// tools which keep or make records.
func isIDNumber(s string, certain bool) bool {
	if len(s) < 8 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9', ch >= 'a' && ch <= 'f', ch >= 'A' && ch <= 'F':
		case certain && (ch > 'f' && ch <= 'z' || ch > 'F' && ch <= 'Z'):
		default:
			return false
		}
	}
	return certain || len(s) == 8 || len(s) == 17
}

// Templates are the ways to write the ARN after "arn:PARTITION:", each parameter in braces.
func (t *Type) Templates() []string {
	braced := func(name string) string {
		if name == "" {
			return ""
		}
		return "{" + name + "}"
	}
	var out []string
	for _, v := range t.template.variants {
		text := t.template.service + ":" + braced(t.template.region) + ":" + braced(t.template.account) + ":"
		for _, p := range v.parts {
			if !p.path {
				text += p.literal + braced(p.name)
			}
		}
		out = append(out, text)
	}
	return out
}
