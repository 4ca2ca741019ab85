package resolve

import (
	"slices"
	"strings"
	"sync"
)

// relationKinds give the relation from the resource that a call acts on to another that it names,
// one a line; the first that matches counts:
//
//	relation  to  from  [when]
//
// to and from are "service:type", with only the type's letters and digits: several separated by
// commas, "*" for any, "!" before an exclusion. when is "created" for calls that create, "source"
// for a resource in a member whose name begins with "source". The relation "=" is the operation's
// own: attached_to of AttachVolume.
const relationKinds = `
uses_role      iam:role,iam:instanceprofile      !iam:*
=detached_from iam:role                          iam:instanceprofile
uses_role      iam:role                          iam:instanceprofile
member_of      iam:group                         *:*
encrypted_by   kms:*                             !kms:*
launched_from  ec2:image,*:launchtemplate        *:*
launched_from  *:taskdefinition                  !*:taskdefinition
=              *:*                               *:*
member_of      ec2:securitygroup,ec2:subnet,ec2:vpc  *:*
member_of      *:cluster                         !*:cluster
member_of      *:loadbalancer                    *:*
created_from   ec2:volume                        ec2:snapshot    created
created_from   ec2:instance                      ec2:image       created
created_from   *:snapshot                        *:*             created
created_from   *:*                               *:*             source
attached_to    ec2:volume,ec2:networkinterface,ec2:elasticip  ec2:instance
attached_to    ec2:instance                      ec2:volume,ec2:networkinterface
involves       *:*                               *:*
`

// relationKind is a line of relationKinds.
type relationKind struct {
	relation string
	to, from kinds
	// created and source come from the column when.
	created, source bool
}

// kinds are "service:type" patterns.
type kinds struct {
	not bool
	any [][2]string
}

func (k kinds) fit(c *Candidate) bool {
	is := slices.ContainsFunc(k.any, func(p [2]string) bool {
		return (p[0] == "*" || p[0] == c.resource.Parsed.Service) && (p[1] == "*" || p[1] == c.typ)
	})
	return is != k.not
}

var relationTable = sync.OnceValue(func() []relationKind {
	var out []relationKind
	for line := range strings.Lines(relationKinds) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		k := relationKind{relation: f[0], to: parseKinds(f[1]), from: parseKinds(f[2])}
		k.created, k.source = slices.Contains(f[3:], "created"), slices.Contains(f[3:], "source")
		out = append(out, k)
	}
	return out
})

func parseKinds(text string) kinds {
	var k kinds
	text, k.not = strings.CutPrefix(text, "!")
	for kind := range strings.SplitSeq(text, ",") {
		service, typ, _ := strings.Cut(kind, ":")
		k.any = append(k.any, [2]string{service, typ})
	}
	return k
}

// relationType returns the relation from the primary to another resource of the record.
func (call *Call) relationType(primary, c *Candidate) string {
	if primary == nil || c.inherited&(keyFilter|keyTags) != 0 {
		return "involves"
	}
	table := relationTable()
	for i := range table {
		k := &table[i]
		own, isOwn := strings.CutPrefix(k.relation, "=")
		switch {
		case !k.to.fit(c) || !k.from.fit(primary):
		case k.created && call.Operation.Change != Created:
		case k.source && (c.key.flags&keyReference == 0 || !strings.HasPrefix(c.key.lower, "source")):
		case !isOwn:
			return k.relation
		case own != "" && own != call.Operation.relation:
		case own == "" && (call.Operation.relation == "" || call.Operation.Change != Updated && primary.match):
		default:
			return call.Operation.relation
		}
	}
	return "involves"
}
