package resolve

import "strings"

// keyFlags describe what a JSON member's name says about its value.
type keyFlags uint16

const (
	// keyWrapper marks names that only wrap ("items"): the value belongs to the name above.
	keyWrapper keyFlags = 1 << iota
	// keyFilter marks search conditions: their resources were searched for, not acted on.
	keyFilter
	// keyPolicy marks policy documents, whose ARNs are patterns.
	keyPolicy
	// keyTags marks containers of tags.
	keyTags
	// keyReference marks the other end of a call: a source, a target.
	keyReference
	// keyBare marks "arn", "id", "name": they name the enclosing object.
	keyBare
	// keyState marks the state of the enclosing object.
	keyState
	// keyResource marks "resourceArn", "resourceId", "resource": the resource acted on.
	keyResource
)

// key is a JSON member's name with everything derived from it, computed once per name and
// service.
type key struct {
	raw, lower string
	// stem is lower without suffixes that only say how the resource is named: "role" for
	// roleName, roleArn and RoleId.
	stem  string
	flags keyFlags
	rules []memberRule
}

func newKey(raw string, rules map[string][]memberRule) *key {
	raw = strings.Clone(raw)
	k := &key{raw: raw, lower: strings.ToLower(raw)}
	k.stem = stemOf(k.lower)
	k.flags = flagsOf(k.lower, k.stem)
	k.rules = rules[k.lower]
	return k
}

func stemOf(lower string) string {
	s := lower
	for range 3 {
		cut := s
		for _, suffix := range [...]string{"set", "list", "arns", "arn", "identifiers", "identifier", "ids", "id", "names", "name", "url"} {
			if t, found := strings.CutSuffix(s, suffix); found {
				cut = t
				break
			}
		}
		if cut == s {
			break
		}
		s = cut
	}
	return s
}

func flagsOf(lower, stem string) keyFlags {
	var f keyFlags
	switch lower {
	case "items", "item", "member", "members", "content", "entry", "metadata":
		f |= keyWrapper
	case "filter", "filters", "filterset", "parameterfilters", "filterexpression", "lookupattributes", "criteria":
		f |= keyFilter
	case "policydocument", "assumerolepolicydocument", "bucketpolicy", "policytext", "statement", "keypolicy", "accesspolicies", "policyinjson", "filterpattern":
		f |= keyPolicy
	case "tags", "tagset", "tagslist", "taglist", "tagspecificationset", "tagspecifications", "tagspecification", "tagging", "tag",
		"tagstoadd", "newtags", "resourcetags", "addtags":
		f |= keyTags
	case "state", "status", "statename", "lifecyclestate", "dbinstancestatus", "dbclusterstatus", "clusterstatus", "tablestatus",
		"streamstatus", "keystate", "stackstatus", "cacheclusterstatus", "servicestatus", "laststatus", "stackinstancestatus":
		f |= keyState
	}
	if stem == "" {
		f |= keyBare
	}
	switch stem {
	case "resource", "resources", "resourceidentifier":
		f |= keyResource
	}
	for _, p := range [...]string{"source", "destination", "target", "parent", "previous", "permissionsboundary", "failed", "replica"} {
		if strings.HasPrefix(lower, p) && !strings.HasPrefix(lower, "targetgroup") {
			f |= keyReference
		}
	}
	if lower == "documentname" {
		f |= keyReference
	}
	return f
}
