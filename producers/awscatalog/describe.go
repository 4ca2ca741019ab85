package awscatalog

import (
	"strings"

	"polo/envelope"
)

// Key is the ARN of an AWS resource in the form that is the resource's key. AWS writes some in
// several ways (a snapshot with and without the account, a log group with a final ":*"); the key is
// the form of the Service Authorization Reference.
type Key struct {
	// ARN is the key; Parsed is the same, parsed.
	ARN    string
	Parsed envelope.ARN

	known bool // its type is in the table, and match is set
	match match
}

// Resource is what an ARN says about a resource. Every collector uses it for its events, so that
// they agree.
type Resource struct {
	Key
	// Type is the resource_type column: "ec2:instance", "s3:bucket".
	Type string
	// ID is the ARN's resource without its type: "i-0abc", "my-bucket/key".
	ID string
	// Name is the display name: a role without its path, a load balancer without its random
	// suffix.
	Name string
}

// KeyOf converts an AWS ARN into its key. ok is false if text is not an AWS ARN.
func KeyOf(text string) (k Key, ok bool) {
	a, err := envelope.ParseARN(text)
	if err != nil || a.Platform != envelope.PlatformAWS {
		return Key{}, false
	}
	whole := a
	if a.Service == "logs" {
		// Of no stream in particular, as denied calls and policies write it.
		a.Resource = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(a.Resource, ":*"), ":"), ":log-stream")
	}
	k.match, k.known = find(a)
	if k.known {
		if k.match.typ.template.region == "" {
			a.Region = ""
		}
		if !k.match.typ.hasAccount(k.match.value(k.match.typ.template.own)) {
			a.AccountID = "" //mutant:account-in-every-arn
		}
	}
	if a != whole {
		text = a.String()
	}
	k.ARN, k.Parsed = text, a
	return k, true
}

// Describe parses an AWS ARN. ok is false if text is not one.
func Describe(text string) (Resource, bool) {
	k, ok := KeyOf(text)
	if !ok {
		return Resource{}, false
	}
	return k.Describe(), true
}

// Describe returns what the ARN says.
func (k *Key) Describe() Resource {
	typ, id := k.Parsed.SplitResource()
	r := Resource{Key: *k, Type: k.Parsed.Service, ID: id, Name: id[strings.LastIndexAny(id, "/:")+1:]}
	if typ != "" {
		r.Type += ":" + typ
	}
	if k.known {
		r.Name = k.match.name(id)
	}
	return r
}

// Ancestors returns the keys of the resources that contain a resource, as far as its ARN names
// them, nearest first: the bucket of an object, the cluster of a service. Above returns the
// region and account.
func (k *Key) Ancestors() []string {
	if !k.known {
		return nil
	}
	var up []string
	for _, parent := range k.match.typ.parents {
		if arn, ok := k.match.parent(parent, k.Parsed); ok && (parent != k.match.typ || arn != k.ARN) {
			up = append(up, arn)
		}
	}
	return up
}

// match is an ARN parsed by the template of its type.
type match struct {
	typ    *Type
	shape  *shape
	values [maxParameters]string
}

// find parses an ARN by the first template that it matches.
func find(a envelope.ARN) (match, bool) {
	heads := table().byHead[a.Service]
	if heads == nil {
		return match{}, false
	}
	head := headOf(strings.TrimPrefix(a.Resource, "/"))
	for _, shapes := range [...][]shape{heads[head], heads[""]} {
		for i := range shapes {
			s := &shapes[i]
			if s.bare() && ((s.typ.template.region == "") != (a.Region == "") || (s.typ.template.account == "") != (a.AccountID == "")) {
				continue
			}
			m := match{typ: s.typ, shape: s}
			if s.match(a.Resource, &m.values) {
				return m, true
			}
		}
	}
	return match{}, false
}

// value returns a parameter's value, or its default if it is left out.
func (m *match) value(parameter string) string {
	n := 0
	for _, p := range m.shape.parts {
		switch p.name {
		case "":
		case parameter:
			return m.values[n]
		default:
			n++
		}
	}
	return m.typ.template.defaults[parameter]
}

// name returns the display name.
func (m *match) name(id string) string {
	name := m.value(m.typ.template.own)
	switch m.typ.form {
	case formPath: // a parameter of several parts begins with "/"
		if strings.Contains(name, "/") {
			return "/" + name
		}
	case formSecret:
		if dash := strings.LastIndexByte(name, '-'); dash > 0 && len(name)-dash == 7 {
			return name[:dash]
		}
	}
	if name == "" {
		return id
	}
	return name
}

// parent returns the ARN of the containing resource, made from the parameters that both types
// share.
func (m *match) parent(t *Type, a envelope.ARN) (string, bool) {
	at := Place{Partition: a.Partition, Region: a.Region, Account: a.AccountID}
	others := func(parameter string) string {
		switch {
		case parameter == m.typ.template.account:
			return a.AccountID
		case t == m.typ && parameter != t.template.own: // a function's version is in the function
			return ""
		}
		return m.value(parameter)
	}
	return t.compose(at, others(t.template.own), others)
}

// AccountARN returns the key of an AWS account: its root, the one ARN that every account has.
func AccountARN(partition, account string) string {
	return "arn:" + partition + ":iam::" + account + ":root"
}

// RegionARN returns the key of a region within an account. AWS has no ARNs for regions: this form
// is Polo's own.
func RegionARN(partition, region, account string) string {
	return "arn:" + partition + ":account::" + account + ":region/" + region
}

// Above returns the region and the account of a resource, nearest first, as far as they are
// known. account may be "aws", the owner of what all accounts share, which has no ARN.
func Above(partition, region, account string) []string {
	if account == "" || strings.Trim(account, "0123456789") != "" {
		return nil
	}
	if region == "" {
		return []string{AccountARN(partition, account)}
	}
	return []string{RegionARN(partition, region, account), AccountARN(partition, account)}
}
