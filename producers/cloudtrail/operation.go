package cloudtrail

import (
	"strings"

	"polo/producers/awscatalog"
)

// change is what a successful call does to its resource.
type change uint8

const (
	changeNone change = iota
	changeCreated
	changeUpdated
	changeDeleted
)

// operation is what an API operation's name tells.
type operation struct {
	name string
	// noun is the name after its verb, in lower case and without a version; object is
	// the part of it after "To", "From", "With" or "For".
	noun, object string
	// word is the noun as the service's ARNs have it: "elasticip" for "address".
	word string
	// actsOn is the member that names what the call acts on, where neither its name nor the
	// operation's says so.
	actsOn string
	change change
	// changing is set where the name is that of a change, whatever becomes of it.
	changing bool
	// relation is the edge from the resource to the others of the call, or "".
	relation string
	untags   bool
}

func newOperation(service, arnName, name string) *operation {
	name = strings.Clone(name)
	verb, noun := splitVerb(name)
	op := &operation{name: name, untags: verb == "Untag" || name == "DeleteTags" || strings.HasPrefix(name, "RemoveTags")}
	op.noun = strings.ToLower(noun)
	for _, link := range [...]string{"To", "From", "With", "For"} {
		if i := strings.Index(noun, link); i > 0 && i+len(link) < len(noun) && isUpper(noun[i+len(link)]) {
			op.noun, op.object = strings.ToLower(noun[:i]), strings.ToLower(noun[i+len(link):])
			break
		}
	}
	op.word = awscatalog.OfNoun(arnName, singular(op.noun))
	verbs := operationWords()
	op.change = verbs.verbs[verb]
	op.changing = op.change != changeNone
	if x, ok := verbs.exception(service, name); ok {
		op.change, op.actsOn = x.change, x.actsOn
		op.changing = op.changing || x.change != changeNone
	}
	switch verb {
	case "Attach", "Associate", "Add", "Register":
		op.relation = "attached_to"
	case "Detach", "Disassociate", "Remove", "Deregister":
		op.relation = "detached_from"
	}
	return op
}

// splitVerb parts "BatchDeleteImage" into "Delete" and "Image", and takes a version
// such as the one of "CreateFunction20150331v2" away.
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
