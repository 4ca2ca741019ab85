package resolve

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"polo/producers/awscatalog"
)

//go:embed keys.txt
var keysText string

// memberRule says what a member of a service's requests and responses names.
type memberRule struct {
	// noun, if set, must be part of the operation's noun, or with exact all of it.
	noun  string
	exact bool
	typ   *awscatalog.Type
	// account is the member with the owner's account, "" for the record's own.
	account string
	// members are the members with the type's further parameters, by parameter.
	members map[string]string
	// nameOnly is set if the value is not a part of the ARN: the record then names a resource
	// without determining its ARN.
	nameOnly bool
}

// memberRules are the lines of keys.txt by service and member. A line that cannot be parsed is a
// bug that a test of this package finds; the other lines are valid.
var memberRules = sync.OnceValue(func() map[string]map[string][]memberRule {
	rules, _ := parseMemberRules(keysText)
	return rules
})

// parseMemberRules parses the table. The error names the first line that cannot be parsed.
func parseMemberRules(text string) (map[string]map[string][]memberRule, error) {
	var first error
	rules := map[string]map[string][]memberRule{}
	for number, line := range awscatalog.Lines(text) {
		f := strings.Fields(line)
		name, rule, err := parseMemberRule(f)
		if err != nil {
			if first == nil {
				first = fmt.Errorf("keys.txt:%d: %w", number, err)
			}
			continue
		}
		if rules[f[0]] == nil {
			rules[f[0]] = map[string][]memberRule{}
		}
		rules[f[0]][name] = append(rules[f[0]][name], rule)
	}
	return rules, first
}

func parseMemberRule(f []string) (member string, r memberRule, err error) {
	if len(f) < 3 {
		return "", r, fmt.Errorf("no type")
	}
	member, r.noun, _ = strings.Cut(f[1], "@")
	r.noun, r.exact = strings.CutPrefix(r.noun, "=")
	name, nameOnly := strings.CutPrefix(f[2], "-")
	typ, ok := awscatalog.Lookup(name)
	if !ok {
		return "", r, fmt.Errorf("no type %q", name)
	}
	r.nameOnly = nameOnly
	r.typ = typ
	for _, assignment := range f[3:] {
		parameter, from, found := strings.Cut(assignment, "=")
		switch {
		case !found:
			return "", r, fmt.Errorf("%q is no parameter=member", assignment)
		case parameter == "account":
			r.account = from
			continue
		case !typ.HasParameter(parameter):
			return "", r, fmt.Errorf("%s has no parameter %q", f[2], parameter)
		}
		if r.members == nil {
			r.members = map[string]string{}
		}
		r.members[parameter] = from
	}
	return member, r, nil
}

func (r *memberRule) applies(noun string) bool {
	if r.exact {
		return noun == r.noun || singular(noun) == r.noun
	}
	return strings.Contains(noun, r.noun)
}

// build returns the ARN of the resource that a leaf names. ok is false if the record lacks a
// parameter that has no default.
func (call *Call) build(rule *memberRule, l *leaf) (arn string, ok bool) {
	if strings.HasPrefix(l.value, hidden) || rule.typ.Name == "ssm:parameter" && l.key.lower == "resourceid" && !call.describesParameter(l) {
		return "", false
	}
	at := call.Place
	if rule.account != "" {
		if account := call.Anywhere(rule.account); awscatalog.IsAccount(account) {
			at.Account = account
		}
	}
	if rule.members == nil {
		return rule.typ.Build(at, l.value, nil)
	}
	return rule.typ.Build(at, l.value, func(parameter string) string {
		value := call.Anywhere(rule.members[parameter]) //mutant:parents-forgotten
		if d, ok := awscatalog.Describe(value); ok {
			return d.Name // a parent may be given by its ARN
		}
		return value
	})
}

// hidden is the start of the text that CloudTrail writes in place of a hidden value.
const hidden = "HIDDEN_DUE_TO"

// describesParameter reports whether resourceId is the name of a Systems Manager parameter.
func (s *Resolver) describesParameter(l *leaf) bool {
	typ := s.sibling(l.object, "resourcetype")
	return strings.EqualFold(typ, "Parameter") || typ == "" && strings.HasPrefix(l.value, "/")
}

// buildEC2 sets the ARN of an EC2 id.
func (call *Call) buildEC2(c *Candidate, l *leaf, typ *awscatalog.Type) bool {
	if !typ.HasARN() {
		c.how, c.value = UnresolvedIDWithoutARN, l.value
		c.resource.Parsed.Service, c.resource.Parsed.Resource = typ.Service, typ.Name
		return true
	}
	if typ.Name == "ec2:key-pair" && call.sibling(l.object, "keyname") != "" {
		return false // the ARN has the name, which is beside it
	}
	arn, ok := typ.Build(call.Place, l.value, nil)
	return ok && c.setARN(arn)
}
