package resolve

import (
	"strings"

	"polo/producers/awscatalog"
)

// Change is what a successful call does to its resource.
type Change uint8

// Changes of a call.
const (
	None Change = iota
	Created
	Updated
	Deleted
)

// Operation is what an API operation's name says.
type Operation struct {
	Name string
	// Noun is the name after its verb, in lower case and without a version: what the call acts
	// on.
	Noun string
	// Change is what it does.
	Change Change
	// Changing is set if the name is that of a change, even if Change is none.
	Changing bool
	// Untags is set if it removes tags.
	Untags bool

	// object is the part of the noun after "To", "From", "With" or "For".
	object string
	// word is the noun as in the service's ARNs: "elasticip" for "address".
	word string
	// actsOn is the member that names the resource acted on, if neither its name nor the
	// operation's shows that.
	actsOn string
	// relation is the resource's relation to the others of the call, or "".
	relation string
}

func newOperation(service, arnName, name string) *Operation {
	name = strings.Clone(name)
	verb, noun := splitVerb(name)
	op := &Operation{Name: name, Untags: verb == "Untag" || name == "DeleteTags" || strings.HasPrefix(name, "RemoveTags")}
	op.Noun = strings.ToLower(noun)
	for _, link := range [...]string{"To", "From", "With", "For"} {
		if i := strings.Index(noun, link); i > 0 && i+len(link) < len(noun) && isUpper(noun[i+len(link)]) {
			op.Noun, op.object = strings.ToLower(noun[:i]), strings.ToLower(noun[i+len(link):])
			break
		}
	}
	op.word = awscatalog.OfNoun(arnName, singular(op.Noun))
	verbs := operationWords()
	op.Change = verbs.verbs[verb]
	op.Changing = op.Change != None
	if x, ok := verbs.exception(service, name); ok {
		op.Change, op.actsOn = x.change, x.actsOn
		op.Changing = op.Changing || x.change != None
	}
	switch verb {
	case "Attach", "Associate", "Add", "Register":
		op.relation = "attached_to"
	case "Detach", "Disassociate", "Remove", "Deregister":
		op.relation = "detached_from"
	}
	return op
}

// splitVerb splits "BatchDeleteImage" into "Delete" and "Image", and removes a version such as
// that of "CreateFunction20150331v2".
func splitVerb(name string) (verb, noun string) {
	for _, prefix := range [...]string{"Batch", "Bulk", "Admin"} {
		if rest, found := strings.CutPrefix(name, prefix); found && rest != "" && isUpper(rest[0]) {
			name = rest
		}
	}
	if i := strings.IndexAny(name, "0123456789"); i > 0 && len(name)-i >= 8 && isDigits(name[i:i+8]) {
		name = name[:i]
	}
	for i := 1; i < len(name); i++ {
		if isUpper(name[i]) {
			return name[:i], name[i:]
		}
	}
	return name, ""
}

func isUpper(ch byte) bool { return ch >= 'A' && ch <= 'Z' }

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func singular(s string) string {
	if strings.HasSuffix(s, "ss") {
		return s
	}
	if t, found := strings.CutSuffix(s, "ies"); found {
		return t + "y"
	}
	for _, suffix := range [...]string{"sses", "xes", "ches"} {
		if strings.HasSuffix(s, suffix) {
			return s[:len(s)-2]
		}
	}
	return strings.TrimSuffix(s, "s")
}
