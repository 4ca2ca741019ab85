package awscatalog

import (
	"slices"
	"strings"
)

// Type is one type of AWS resource.
type Type struct {
	// Name is "service:type", as envelope.ARN.ResourceType returns it: "ec2:instance". If a type
	// has ARNs of several forms, each is a Type, with a distinct third word:
	// "elasticloadbalancing:loadbalancer/v2".
	Name string
	// Service is the service's name in ARNs.
	Service string

	template template
	// prefixes are the prefixes of its ids: "i" of i-0abc.
	prefixes []string
	// nouns are further names in API operations, in lower case.
	nouns []string
	// parents are the types that contain it, nearest first.
	parents []*Type
	form    form
}

// ResourceType returns Name without the third word.
func (t *Type) ResourceType() string {
	name, _, _ := strings.Cut(t.Name, "/")
	return name
}

// HasARN reports whether resources of the type have ARNs; route table associations have none.
func (t *Type) HasARN() bool { return len(t.template.variants) > 0 }

// Partial reports whether AWS adds a random suffix to the name: an ARN with the name alone finds
// the resource, but is not its whole ARN.
func (t *Type) Partial() bool { return t.form == formSecret }

// TakesID reports whether id may be of the type: it has one of the type's prefixes, or the type
// has none.
func (t *Type) TakesID(id string) bool {
	return len(t.prefixes) == 0 || slices.ContainsFunc(t.prefixes, func(p string) bool { return strings.HasPrefix(id, p+"-") })
}

// HasParameter reports whether the type's ARNs have a parameter of that name, besides the region
// and the account.
func (t *Type) HasParameter(name string) bool {
	return len(t.template.variants) > 0 && slices.Contains(t.template.variants[0].names(), name)
}

// Lookup returns a type by its name.
func Lookup(name string) (*Type, bool) {
	t, ok := table().byName[name]
	return t, ok
}

// OfNoun returns the word in a service's ARNs for a noun of its API operations, in lower case,
// with only letters and digits: "elasticip" for "address" of EC2. Without an entry it returns the
// noun.
func OfNoun(service, noun string) string {
	if word, ok := table().byNoun[service][noun]; ok {
		return word
	}
	return noun
}

// OfID returns the type of an EC2 id by its prefix: "i-0abc" is an instance. certain means that
// the field always holds an id: then ids whose number is not hexadecimal, as in documentation and
// anonymised data, are accepted.
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

// longestPrefix bounds the look-up; a test checks that every prefix fits.
const longestPrefix = 24

// isIDNumber reports whether s is the 8 or 17 hexadecimal digits of a real id or, if certain, any
// 8 or more letters and digits. Upper case is accepted, because some tools change the case.
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
